"""Makes the evidence of a change request: one call, everything that was concluded."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

from governance.changes.evidence.affected import affected_targets
from governance.changes.evidence.base import base_of, touched_by
from governance.changes.evidence.checks_found import limit_findings, lint_findings
from governance.changes.evidence.collected import CollectedState, LivePolicies, collected_state
from governance.changes.evidence.contents import (
    ChangeEffects,
    conclusions_of,
    effects_json,
    lockout_json,
    predictions_of,
    target_json,
    transient_json,
)
from governance.changes.evidence.findings import CheckFinding, CheckLevel, worst_first
from governance.changes.evidence.intermediate import ALLOWED, DENIED, StepTransient, transients_of
from governance.changes.evidence.levels import FIXED_CODES, levels_of
from governance.changes.evidence.lockout import LockedOut, locked_out
from governance.changes.evidence.made import MadeEvidence
from governance.changes.evidence.plans import PlannedChange, planned_change
from governance.changes.evidence.protected_roles import PURPOSE_LABELS, protected_roles
from governance.changes.models import ChangeRequest
from governance.edits.operations import read_operations
from governance.effects.request_effects import Effects, Verdict
from governance.effects.results import action_words
from policies import load_catalogue


def make_evidence(
    change_request: ChangeRequest, *, now: datetime, live: LivePolicies | None = None
) -> MadeEvidence:
    """Make the evidence of a change request as it is written now.

    From the newest complete inventory run; with `live`, what was just read from AWS stands in place
    of what the run read. Nothing is stored.
    """
    began = perf_counter()
    state = collected_state(change_request.connection, live)
    operations = read_operations(change_request.operations)
    planned = planned_change(
        state,
        operations,
        change_request.rings,
        policy_ids=change_request.policy_ids,
        today=now.date(),
    )
    found = ChangeEffects(planned.final)
    effects = found.effects
    transients = transients_of(planned)
    roles = protected_roles(change_request.connection)
    lockouts = locked_out(planned, roles)
    findings = _levelled(
        [
            *_refused(planned),
            *limit_findings(planned, today=now.date()),
            *lint_findings(operations, planned.final, today=now.date()),
            *_of_transients(planned, transients),
            *_of_lockouts(planned, lockouts),
            *_of_knowledge(state, effects, now),
        ],
        levels_of(change_request.connection),
    )
    targets = affected_targets(effects, planned.final, operations, {})
    target_ids, policy_ids = touched_by(planned.plan, state)
    conclusions = conclusions_of(
        effects=effects,
        management=(),
        transients=transients,
        findings=findings,
        targets=targets,
        required=(),
    )
    told = effects_json(found)
    content: dict[str, Any] = {
        "organization": change_request.connection.slug,
        "number": change_request.number,
        "revision": change_request.revision,
        "made_at": now.isoformat(),
        "as_of": None if state.read_at is None else state.read_at.isoformat(),
        "run_id": None if state.run is None else state.run.pk,
        "effects": told,
        "transients": [transient_json(one) for one in transients],
        "protected_roles": lockout_json(roles, lockouts),
        "findings": [one.as_json() for one in findings],
        "targets": [target_json(one) for one in targets],
        "predictions": predictions_of(planned, effects, told),
    }
    return MadeEvidence(
        change_request_id=change_request.pk,
        revision=change_request.revision,
        operations=operations,
        plan=planned.plan,
        findings=findings,
        targets=targets,
        resolved_targets=target_ids,
        conclusions=conclusions,
        base=base_of(state, target_ids, policy_ids),
        content=content,
        run_id=None if state.run is None else state.run.pk,
        as_of=state.read_at,
        made_at=now,
        seconds=round(perf_counter() - began, 3),
    )


def _levelled(
    findings: Sequence[CheckFinding], levels: Mapping[str, CheckLevel]
) -> tuple[CheckFinding, ...]:
    """Weigh findings as the organization has set it; what is less for a reason stays so."""
    return worst_first([one.at_level(_level(one, levels)) for one in findings])


def _level(one: CheckFinding, levels: Mapping[str, CheckLevel]) -> CheckLevel:
    return CheckLevel.HARD if one.code in FIXED_CODES else levels.get(one.code, one.level)


def _refused(planned: PlannedChange) -> Iterator[CheckFinding]:
    for problem in planned.final.problems:
        yield CheckFinding(
            "operation_refused",
            CheckLevel.HARD,
            f"Edit {problem.number + 1} cannot be made: {problem.message}.",
            remedy="Change the edit or remove it.",
            operation=problem.number,
        )
    for notice in planned.plan.notices:
        yield CheckFinding(
            "plan_notice", CheckLevel.ADVISORY, notice.message, target_ids=notice.target_ids
        )


def _of_transients(
    planned: PlannedChange, transients: Sequence[StepTransient]
) -> Iterator[CheckFinding]:
    catalogue = load_catalogue()
    for one in transients:
        steps = f"after step {one.first_step}"
        if one.last_step > one.first_step:
            steps = f"from step {one.first_step} to step {one.last_step}"
        what = (
            "actions that AWS added lately"
            if one.unlisted
            else _some(action_words(catalogue, one.action_bits))
        )
        where = _accounts(planned, one.account_ids)
        when = "" if one.when == "always" else f" where {one.when}"
        if one.kind == ALLOWED:
            code = "transient_grant"
            said = f"For a while, {steps}, {what} is allowed in {where}{when}, which is denied"
            message = f"{said} before and after."
            remedy = "Take another order or other rings, or change it in one direct update."
        elif one.kind == DENIED:
            code = "transient_denial"
            said = f"For a while, {steps}, {what} is denied in {where}{when}, which is allowed"
            message = f"{said} before and after."
            remedy = "Take another order, or apply it while nobody needs it."
        else:
            code = "transient_undecided"
            message = f"Whether {what} changes {steps} in {where}{when} could not be decided."
            remedy = "Simplify the condition that is named, or look at it by hand."
        yield CheckFinding(
            code,
            CheckLevel.ADVISORY,
            message,
            remedy=remedy,
            step=one.first_step,
            target_ids=one.account_ids,
        )


def _of_lockouts(planned: PlannedChange, found: Sequence[LockedOut]) -> Iterator[CheckFinding]:
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


def _of_knowledge(state: CollectedState, effects: Effects, now: datetime) -> Iterator[CheckFinding]:
    """Yield what is not known, so that nobody takes it for unchanged."""
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
            "The last complete inventory run is older than it should be.",
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
    if not effects.effects and not effects.unknown:
        yield CheckFinding(
            "proven_unchanged",
            CheckLevel.ADVISORY,
            "No request is decided differently in any account.",
        )


def _some(names: Sequence[str], shown: int = 4) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")


def _accounts(planned: PlannedChange, account_ids: Sequence[str]) -> str:
    names = planned.final.before.names
    if len(account_ids) <= 2:
        return " and ".join(names[one].name for one in account_ids)
    return f"{len(account_ids):,} accounts"
