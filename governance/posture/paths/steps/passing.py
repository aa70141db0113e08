"""Steps through a service that runs as a role: one that the caller passes, or has already."""

from collections.abc import Mapping, Sequence
from typing import Final

from governance.posture.paths.deciding import StepDecider, StepStanding, hanging_on, least_sure
from governance.posture.paths.escalations import Escalation, EscalationEffect
from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.reading import RoleFacts
from governance.posture.paths.steps.state import StepState
from governance.posture.who_can.ways import STANDINGS, Standing

PASS_ROLE: Final = "iam:PassRole"  # noqa: S105
_PASSED_TO: Final = "iam:passedtoservice"


def passing_steps(state: StepState) -> None:
    """Add an edge from each principal to each role of its account that it can make use of.

    The role must trust the service. Of several ways for one pair the surest is taken; that
    something runs as the role already is not known, so those edges are conditional.
    """
    for account_id, roles in state.roles_of.items():
        found: dict[tuple[int, int], tuple[StepStanding, EdgeWay]] = {}
        for effect in (EscalationEffect.PASS, EscalationEffect.RUN):
            for escalation in state.listed.of(effect):
                _of_account(state, account_id, roles, escalation, found)
        for (row, target), (step, way) in found.items():
            state.add(row, target, step, way)


def _of_account(
    state: StepState,
    account_id: str,
    roles: Sequence[RoleFacts],
    escalation: Escalation,
    found: dict[tuple[int, int], tuple[StepStanding, EdgeWay]],
) -> None:
    rows = [int(row) for row in state.acting(escalation.actions, account_id)]
    if not rows:
        return
    passes = escalation.effect is EscalationEffect.PASS
    kind = EdgeKind.PASSES if passes else EdgeKind.RUNS
    calls = [action for action in escalation.actions if action != PASS_ROLE]
    given: Mapping[str, str] = {_PASSED_TO: escalation.service}
    for role in roles:
        if escalation.service not in role.services:
            continue
        if escalation.instance_profile and not role.has_instance_profile:
            continue
        decider = (
            StepDecider(state.scope, PASS_ROLE, role.arn, account_id, given=given)
            if passes
            else None
        )
        for row in rows:
            known = found.get((row, role.row))
            if row == role.row or (known and known[0].standing is Standing.ALWAYS):
                continue
            step = state.sweep_step(calls, row)
            if decider is not None:
                passed = decider.decide(row)
                if passed is None:
                    continue
                step = least_sure(passed, step)
            step = hanging_on(step, escalation.needs)
            if known is None or _rank(step) < _rank(known[0]):
                way = EdgeWay(
                    kind,
                    escalation.actions,
                    escalation=escalation.id,
                    keys=step.keys,
                    needs=escalation.needs,
                    through=escalation.service,
                )
                found[row, role.row] = step, way


def _rank(step: StepStanding) -> int:
    return STANDINGS.index(step.standing)
