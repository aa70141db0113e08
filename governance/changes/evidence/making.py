"""Makes the evidence of a change request: one call, everything that was concluded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

from governance.approvals.requirements import required_approvals, required_conclusions
from governance.changes.evidence.affected import affected_targets
from governance.changes.evidence.attached_policies import attached_policies
from governance.changes.evidence.base import base_of, touched_by
from governance.changes.evidence.checks_found import (
    limit_findings,
    lint_findings,
    resource_findings,
)
from governance.changes.evidence.collected import collected_state
from governance.changes.evidence.conflicts import conflicts_of
from governance.changes.evidence.contents import (
    ChangeEffects,
    accounts_json,
    conclusions_of,
    effects_json,
    headline_json,
    lockout_json,
    predictions_of,
    target_json,
    transient_json,
)
from governance.changes.evidence.doubts import DoubtedPolicies
from governance.changes.evidence.engine_findings import (
    conflict_findings,
    knowledge_findings,
    lockout_findings,
    refused_operations,
    ring_findings,
    setting_findings,
    transient_findings,
)
from governance.changes.evidence.findings import CheckFinding, CheckLevel, worst_first
from governance.changes.evidence.intermediate import transients_of
from governance.changes.evidence.levels import FIXED_CODES, levels_of
from governance.changes.evidence.live_state import LiveReads
from governance.changes.evidence.lockout import locked_out
from governance.changes.evidence.made import MadeEvidence
from governance.changes.evidence.management_changes import (
    SettingDifference,
    management_after,
    management_differences,
)
from governance.changes.evidence.management_checks import management_lint
from governance.changes.evidence.management_states import setting_transients_of
from governance.changes.evidence.plans import planned_change
from governance.changes.evidence.protected_roles import protected_roles
from governance.changes.evidence.usage_found import denied_uses, replayed_usage, usage_findings
from governance.changes.models import ChangeRequest
from governance.edits.operations import Operation, read_operations
from governance.usage.verdicts import UsageDenied


def make_evidence(
    change_request: ChangeRequest,
    *,
    now: datetime,
    live: LiveReads | None = None,
    replays_usage: bool = True,
) -> MadeEvidence:
    """Make the evidence of a change request as it is written now.

    From the newest complete inventory run; with `live`, what was just read from AWS stands in place
    of what the run read. `replays_usage`: whether recorded usage speaks for or against it. Nothing
    is stored.
    """
    began = perf_counter()
    state = collected_state(change_request.connection, live)
    operations = read_operations(change_request.operations)
    planned = planned_change(
        state,
        operations,
        change_request.rings,
        policy_ids=change_request.policy_ids,
        number=change_request.number,
        today=now.date(),
    )
    settings = management_differences(
        state.management, management_after(state.management, operations, planned.final)
    )
    found = ChangeEffects(planned.final)
    effects = found.effects
    transients = transients_of(planned)
    setting_transients = setting_transients_of(planned.states)
    roles = protected_roles(change_request.connection)
    lockouts = locked_out(planned, roles, effects=effects, transients=transients)
    conflicts = conflicts_of(change_request, state=state)
    usage = replayed_usage(state, planned.final, now=now) if replays_usage else None
    findings = _levelled(
        [
            *refused_operations(planned),
            *ring_findings(planned),
            *limit_findings(planned, today=now.date()),
            *resource_findings(state, planned.final),
            *lint_findings(operations, planned.final, today=now.date()),
            *management_lint(operations, dict(state.management.types), today=now.date()),
            *DoubtedPolicies(state, planned).findings(
                _written_by(operations), attached_policies(operations, planned.final)
            ),
            *transient_findings(planned, transients),
            *setting_findings(planned, setting_transients),
            *lockout_findings(planned, lockouts),
            *knowledge_findings(
                state, effects, settings, now, refused=bool(planned.final.problems)
            ),
            *conflict_findings(conflicts),
            *(usage_findings(usage, planned.final) if usage else ()),
        ],
        levels_of(change_request.connection),
    )
    by_type: dict[str, frozenset[str]] = {}
    for one in settings:
        by_type[one.policy_type] = by_type.get(one.policy_type, frozenset()) | set(one.account_ids)
    targets = affected_targets(effects, planned.final, operations, by_type)
    required = required_approvals(
        change_request.connection, targets, excluded=people_of(change_request), now=now
    )
    target_ids, policy_ids = touched_by(planned.plan, state)
    conclusions = conclusions_of(
        found=found,
        management=[_setting_conclusion(one) for one in settings],
        transients=transients,
        setting_transients=setting_transients,
        findings=findings,
        targets=targets,
        required=required_conclusions(required),
        usage=usage.conclusion if usage else None,
    )
    told = effects_json(found)
    content: dict[str, Any] = {
        "organization": change_request.connection.slug,
        "number": change_request.number,
        "revision": change_request.revision,
        "made_at": now.isoformat(),
        "as_of": None if state.read_at is None else state.read_at.isoformat(),
        "run_id": None if state.run is None else state.run.pk,
        "live": None if live is None else live.as_json(),
        "headline": headline_json(found, planned, settings),
        "effects": told,
        "management": [one.as_json() for one in settings],
        "transients": [
            *(transient_json(one) for one in transients),
            *(one.as_json() for one in setting_transients),
        ],
        "protected_roles": lockout_json(roles, lockouts),
        "findings": [one.as_json() for one in findings],
        "targets": [target_json(one) for one in targets],
        "required_approvals": [one.as_json() for one in required],
        "conflicts": [one.as_json() for one in conflicts],
        "predictions": {
            **predictions_of(planned, effects, told),
            "denied_uses": denied_uses(usage) if usage else [],
        },
        "usage": usage.result if usage else None,
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
        usage_denied=usage.denied if usage else UsageDenied.NOT_KNOWN,
    )


def people_of(change_request: ChangeRequest) -> frozenset[int]:
    """Return the people whose work is in a request, so that none of them can approve it."""
    contributors = change_request.contributions.values_list("person_id", flat=True)
    return frozenset({change_request.author_id, *contributors})


def _written_by(operations: Sequence[Operation]) -> dict[str, int]:
    """Return the operation that writes each policy's text last, by the policy's id."""
    return {one.policy_id: number for number, one in enumerate(operations) if one.text}


def _setting_conclusion(one: SettingDifference) -> dict[str, Any]:
    told = one.as_json()
    return {**told, **accounts_json(told.pop("account_ids"))}


def _levelled(
    findings: Sequence[CheckFinding], levels: Mapping[str, CheckLevel]
) -> tuple[CheckFinding, ...]:
    """Weigh findings as the organization has set it; what is less for a reason stays so."""
    return worst_first([one.at_level(_level(one, levels)) for one in findings])


def _level(one: CheckFinding, levels: Mapping[str, CheckLevel]) -> CheckLevel:
    return CheckLevel.HARD if one.code in FIXED_CODES else levels.get(one.code, one.level)
