"""Lint, limits and AWS's own rules, after every step of a plan and not only at its end."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from governance.changes.evidence.attached_policies import attached_policies
from governance.changes.evidence.collected import EVERYTHING, CollectedState
from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.changes.evidence.plans import PlannedChange
from governance.edits.checks import CheckMark, DraftCheck, checks
from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation, OperationKind
from governance.edits.resource_checks import resource_checks
from governance.posture.state.organization import CONTROL_TYPES, SCP, InForce
from inventory.selectors.roles import policy_texts
from policies import PolicyDocument, PolicyType
from policies.lint import LintFinding, LintSettings, LintSeverity, lint_policy

_HARD, _SOFT, _ADVISORY = CheckLevel.HARD, CheckLevel.SOFT, CheckLevel.ADVISORY

LINT_CODES: Final = {
    "exemption_by_creatable_name": "exempt_role_creatable",
    "exemption_spares_everybody": "exempt_role_creatable",
    "region_lock_hits_global_service": "region_lock_hits_global_service",
    "blocks_federated_sign_in": "blocks_federated_sign_in",
}
"""The lint findings that are kinds of their own here; the others are `lint`."""


def limit_findings(planned: PlannedChange, *, today: date) -> Iterator[CheckFinding]:
    """Yield what AWS would refuse of any state of a plan, and what is likely not meant."""
    seen: set[tuple[str, str, str]] = set()
    last = len(planned.states) - 1
    ordered: list[tuple[int | None, DraftedOrganization]] = [(None, planned.states[last])]
    ordered += [(number, planned.states[number]) for number in range(1, last)]
    for step, state in ordered:
        for check in checks(state, today=today):
            said = (check.code, check.title, check.measured)
            if check.mark is CheckMark.HOLDS or said in seen:
                continue
            seen.add(said)
            yield _of_check(check, step)
    yield from _without_allow(planned)


def _of_check(check: DraftCheck, step: int | None) -> CheckFinding:
    level = _HARD if check.mark is CheckMark.REFUSED else _ADVISORY
    when = "" if step is None else f"after step {step}: "
    return CheckFinding(
        check.code,
        level,
        f"{check.title}: {when}{check.measured}.",
        remedy=check.remedy,
        step=step,
    )


def resource_findings(
    state: CollectedState, drafted: DraftedOrganization
) -> Iterator[CheckFinding]:
    """Yield what a changed RCP may do to resources that let in callers from outside, and what it or
    a changed SCP does to edges of trust.
    """
    for check in resource_checks(
        EVERYTHING, connection=state.connection, drafted=drafted, as_of=state.as_of
    ):
        if check.mark is not CheckMark.HOLDS:
            yield _of_check(check, None)


def _without_allow(planned: PlannedChange) -> Iterator[CheckFinding]:
    """Yield the targets at which a state allows nothing although the first allowed something."""
    seen: set[str] = set()
    first = planned.states[0].after[SCP]
    if first.in_force is not InForce.IN_FORCE:
        return
    last = len(planned.states) - 1
    for number, state in enumerate(planned.states):
        control = state.after[SCP]
        bare = tuple(
            target_id
            for target_id in state.changed[SCP]
            if target_id not in seen
            and not control.tree.by_id[target_id].level.allows
            and not control.unreadable.get(target_id)
            and first.tree.by_id[target_id].level.allows
        )
        if bare:
            seen.update(bare)
            names = ", ".join(planned.final.before.names[one].name for one in bare[:3])
            more = f" and {len(bare) - 3:,} more" if len(bare) > 3 else ""
            step = None if number == last else number
            yield CheckFinding(
                "target_without_allow",
                _HARD,
                f"No policy allows anything at {names}{more}"
                + (f" after step {number}." if step is not None else "."),
                remedy="Keep FullAWSAccess, or an allow list, attached at every level.",
                step=step,
                target_ids=bare,
            )


def lint_findings(
    operations: Sequence[Operation], drafted: DraftedOrganization, *, today: date
) -> Iterator[CheckFinding]:
    """Yield what AWS refuses of the proposed texts, and what their authors should look at.

    What the policy's collected text is warned of already is advisory. Of policies that are
    attached as they are, what is new where nobody had them: kinds of their own in `LINT_CODES`.
    """
    by_id = {
        edited.policy.policy_id: edited
        for edited in drafted.edited
        if edited.policy_type in CONTROL_TYPES
    }
    was = [edited.was.sha256 for edited in drafted.edited if edited.was is not None]
    texts = policy_texts(was)
    final = {
        operation.policy_id: number
        for number, operation in enumerate(operations)
        if operation.kind in (OperationKind.UPDATE_POLICY, OperationKind.CREATE_POLICY)
    }
    for policy_id, number in final.items():
        edited = by_id.get(policy_id)
        if edited is None:
            continue
        settings = LintSettings(
            limits_on=today,
            companions=_companions(drafted, edited.policy_type, policy_id),
        )
        old: set[tuple[str, str]] = set()
        if edited.was is not None and edited.was.sha256 in texts:
            before = lint_policy(
                texts[edited.was.sha256], edited.policy_type, settings=LintSettings(limits_on=today)
            )
            old = {(one.code, one.message) for one in before.findings}
        for one in lint_policy(edited.text, edited.policy_type, settings=settings).findings:
            found = _of_lint(one, number, policy_id, known=(one.code, one.message) in old)
            if found is not None:
                yield found
    yield from _attached_lint(operations, drafted, today)


def _attached_lint(
    operations: Sequence[Operation], drafted: DraftedOrganization, today: date
) -> Iterator[CheckFinding]:
    attached = attached_policies(operations, drafted)
    texts = policy_texts({one.policy.sha256 for one in attached.values()})
    for policy_id, one in attached.items():
        text = texts.get(one.policy.sha256)
        if text is None:
            continue
        settings = LintSettings(
            limits_on=today, companions=_companions(drafted, one.policy_type, policy_id)
        )
        for said in lint_policy(text, one.policy_type, settings=settings).findings:
            if said.code not in LINT_CODES or said.severity is not LintSeverity.WARNING:
                continue
            found = _of_lint(said, one.operation, policy_id, known=one.in_use)
            if found is not None:
                # The operation has no text that the line could be of.
                yield replace(found, line=0, message=f"{one.policy.name}: {found.message}")


def _of_lint(
    one: LintFinding, operation: int, policy_id: str, *, known: bool
) -> CheckFinding | None:
    if one.severity is LintSeverity.NOTE:
        return None
    code, level = LINT_CODES.get(one.code, "lint"), _ADVISORY
    if one.severity is LintSeverity.ERROR:
        code, level = "policy_refused", _HARD
    elif known:
        code = "lint"
    elif code != "lint":
        level = _SOFT
    where = f"Statement {one.statement + 1}: " if one.statement is not None else ""
    return CheckFinding(
        code,
        level,
        f"{where}{one.message}",
        operation=operation,
        line=one.line,
        policy_id=policy_id,
    )


def _companions(
    drafted: DraftedOrganization, kind: PolicyType, policy_id: str
) -> tuple[PolicyDocument, ...]:
    """Return the other policies that hold wherever a policy is attached, there or above it."""
    control = drafted.after[kind]
    common: dict[int, PolicyDocument] | None = None
    for target_id, held in control.attached.items():
        if not any(policy.policy_id == policy_id for policy in held):
            continue
        here = {
            id(policy.document): policy.document
            for step in control.tree.path(target_id)
            for policy in control.readable(step.target_id)
            if policy.policy_id != policy_id and policy.document is not None
        }
        common = here if common is None else {k: v for k, v in common.items() if k in here}
    return tuple((common or {}).values())
