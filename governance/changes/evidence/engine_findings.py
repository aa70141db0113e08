"""What the engine found, as findings that people read."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from governance.changes.evidence.collected import CollectedState
from governance.changes.evidence.conflicts import ConflictKind, RequestConflict
from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.changes.evidence.intermediate import ALLOWED, DENIED, StepTransient
from governance.changes.evidence.lockout import LockedOut
from governance.changes.evidence.management_changes import SettingDifference
from governance.changes.evidence.management_states import SettingTransient
from governance.changes.evidence.plans import PlannedChange, ends_differently
from governance.changes.evidence.protected_roles import PURPOSE_LABELS
from governance.effects.request_effects import Effects, Verdict
from governance.effects.results import action_words
from policies import load_catalogue


def refused_operations(planned: PlannedChange) -> Iterator[CheckFinding]:
    """Yield the edits that cannot be made, and what the planner says of its order."""
    for problem in planned.final.problems:
        yield CheckFinding(
            "operation_refused",
            CheckLevel.HARD,
            f"Edit {problem.number + 1} cannot be made: {problem.message}.",
            remedy="Change the edit or remove it.",
            operation=problem.number,
        )
    stopped = planned.states[-1].problems
    differing = ends_differently(planned)
    if stopped or differing:
        why = stopped[0].message if stopped else f"it ends otherwise at {len(differing):,} targets"
        yield CheckFinding(
            "plan_refused",
            CheckLevel.HARD,
            f"No plan was found that AWS would accept call by call: {why}.",
            remedy="Split the change into two requests.",
            target_ids=differing,
        )
    for notice in planned.plan.notices:
        yield CheckFinding(
            "plan_notice", CheckLevel.ADVISORY, notice.message, target_ids=notice.target_ids
        )


def ring_findings(planned: PlannedChange) -> Iterator[CheckFinding]:
    """Yield the targets of rings that the organization does not have, and rings without a call."""
    known = planned.final.shown.names
    called = {step.ring for step in planned.plan.steps}
    for ring in planned.plan.rings:
        strange = tuple(one for one in ring.targets if one not in known)
        if strange:
            yield CheckFinding(
                "ring_target_unknown",
                CheckLevel.SOFT,
                f"Ring {ring.name} names {_some(strange)}, which the organization does not have.",
                remedy="Correct the id: what no ring names is changed in the last ring.",
            )
        elif called and ring.number not in called and len(planned.plan.rings) > 1:
            yield CheckFinding(
                "ring_without_steps",
                CheckLevel.ADVISORY,
                f"Ring {ring.name} makes no call, so its soak time and its gate are passed over.",
                remedy="Remove the ring, or let the change attach to its targets.",
                target_ids=ring.targets,
            )


def transient_findings(
    planned: PlannedChange, transients: Sequence[StepTransient]
) -> Iterator[CheckFinding]:
    """Yield what intermediate states decide otherwise."""
    catalogue = load_catalogue()
    for one in transients:
        steps = _steps(one.first_step, one.last_step)
        what = (
            "actions that AWS added recently"
            if one.unlisted
            else _some(action_words(catalogue, one.action_bits))
        )
        where = _accounts(planned, one.account_ids)
        when = "" if one.when == "always" else f" where {one.when}"
        if one.kind == ALLOWED:
            code = "transient_grant"
            said = f"For a while, {steps}, {what} is allowed in {where}{when}, which is denied"
            message = f"{said} before and after."
            remedy = "Use another order or other rings, or change it in one direct update."
        elif one.kind == DENIED:
            code = "transient_denial"
            said = f"For a while, {steps}, {what} is denied in {where}{when}, which is allowed"
            message = f"{said} before and after."
            remedy = "Use another order, or apply it while nobody needs it."
        else:
            code = "transient_undecided"
            message = f"Whether {what} changes {steps} in {where}{when} could not be decided."
            remedy = "Simplify the named condition, or review it manually."
        yield CheckFinding(
            code,
            CheckLevel.ADVISORY,
            message,
            remedy=remedy,
            step=one.first_step,
            target_ids=one.account_ids,
        )


def setting_findings(
    planned: PlannedChange, transients: Sequence[SettingTransient]
) -> Iterator[CheckFinding]:
    """Yield what intermediate states make effective of management policies."""
    for one in transients:
        steps, where = _steps(one.first_step, one.last_step), _accounts(planned, one.account_ids)
        if one.reason:
            code = "transient_undecided"
            what = one.setting or f"what the {one.label} sets"
            message = f"Whether {what} changes {steps} in {where} is not known: {one.reason}."
            remedy = "Use another order, or change the policy in one direct update."
        else:
            code = "transient_setting"
            message = (
                f"For a while, {steps}, {one.setting} of the effective {one.label} is "
                f"{_values(one.between)} in {where}: before it is {_values(one.before)}, after "
                f"{_values(one.after)}."
            )
            remedy = "Put both texts into one policy, or change it in one direct update."
        yield CheckFinding(
            code,
            CheckLevel.SOFT,
            message,
            remedy=remedy,
            step=one.first_step,
            target_ids=one.account_ids,
        )


def _steps(first: int, last: int) -> str:
    return f"after step {first}" if last == first else f"from step {first} to step {last}"


def _values(values: Sequence[str] | None) -> str:
    return "not set" if values is None else _some(values) or "empty"


def lockout_findings(planned: PlannedChange, found: Sequence[LockedOut]) -> Iterator[CheckFinding]:
    """Yield what protected roles can no longer do."""
    catalogue = load_catalogue()
    for one in found:
        names = ", ".join(f"{role.name} ({PURPOSE_LABELS[role.purpose]})" for role in one.roles)
        what, where = (
            _some(action_words(catalogue, one.action_bits)),
            _accounts(planned, one.account_ids),
        )
        time = "" if one.step is None else f" after step {one.step}, for a while,"
        if one.witness is None:
            code, said = "may_lock_out_protected_role", f"may no longer be able to do {what}"
        elif one.in_all:
            code, said = "locks_out_protected_role", f"can no longer do {what}"
        else:
            code, said = "may_lock_out_protected_role", f"can no longer do {what}"
        when = "" if one.when == "always" else f" where {one.when}"
        pattern = one.roles[0].role_pattern
        yield CheckFinding(
            code,
            CheckLevel.SOFT,
            f"The protected role {names}{time} {said} in {where}{when}.",
            remedy=f'Exempt it: "ArnNotLike": {{"aws:PrincipalArn": "{pattern}"}}.',
            step=one.step,
            target_ids=one.account_ids,
        )


def knowledge_findings(
    state: CollectedState,
    effects: Effects,
    settings: Sequence[SettingDifference],
    now: datetime,
    *,
    refused: bool = False,
) -> Iterator[CheckFinding]:
    """Yield what is not known, so that nobody takes it for unchanged.

    `refused`: edits were left out, so that nothing is proven of the change as it is asked for.
    """
    if not state.organization.is_known:
        yield CheckFinding(
            "inventory_missing",
            CheckLevel.HARD,
            "No inventory run has read this organization yet.",
            remedy="Run an inventory first.",
        )
        return
    if state.is_stale(now):
        yield CheckFinding(
            "inventory_stale",
            CheckLevel.SOFT,
            "The last complete inventory run is too old.",
            remedy="Run an inventory, then check again.",
        )
    for said in state.incomplete:
        yield CheckFinding(
            "inventory_incomplete",
            CheckLevel.SOFT,
            f"Not all of the organization could be read: {said}.",
            remedy="Let the organization reader read it, then check again.",
        )
    for unknown in effects.unknown:
        count = len(unknown.account_ids)
        yield CheckFinding(
            "accounts_unknown",
            CheckLevel.SOFT,
            f"What changes in {count:,} account{'s' if count != 1 else ''} is not known: "
            f"{unknown.reason}. They count as changed.",
            target_ids=unknown.account_ids,
        )
    undecided = effects.accounts(Verdict.UNDECIDED)
    if undecided:
        yield CheckFinding(
            "undecided",
            CheckLevel.ADVISORY,
            f"Some effects could not be decided in {len(undecided):,} "
            f"account{'s' if len(undecided) != 1 else ''}. They count as changed.",
            target_ids=tuple(sorted(undecided)),
        )
    if not (effects.effects or effects.unknown or settings or refused):
        yield CheckFinding(
            "proven_unchanged",
            CheckLevel.ADVISORY,
            "No request is decided differently in any account, and no effective policy differs.",
        )


def _some(names: Sequence[str], shown: int = 4) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")


def _accounts(planned: PlannedChange, account_ids: Sequence[str]) -> str:
    names = planned.final.before.names
    if len(account_ids) <= 2:
        return " and ".join(names[one].name for one in account_ids)
    return f"{len(account_ids):,} accounts"


def conflict_findings(conflicts: Sequence[RequestConflict]) -> Iterator[CheckFinding]:
    """Yield the open requests that contradict this one."""
    for one in conflicts:
        if one.kind is ConflictKind.CONTRADICTORY:
            yield CheckFinding(
                "conflicting_request",
                CheckLevel.SOFT,
                f"Change request #{one.number} ({one.title}) is open and contradicts this one.",
                remedy="Agree with its author which of the two to keep.",
            )
