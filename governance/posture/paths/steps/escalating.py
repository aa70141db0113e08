"""Steps that give more rights in an account: by writing policies, keys and memberships."""

from collections.abc import Iterator, Sequence
from typing import Final

from governance.posture.paths.deciding import (
    StepDecider,
    StepStanding,
    hanging_on,
    least_sure,
)
from governance.posture.paths.escalations import Escalation, EscalationEffect
from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.reading import RESERVED, SERVICE_LINKED, GroupFacts
from governance.posture.paths.steps.state import StepState
from governance.posture.who_can.population import USER
from governance.posture.who_can.ways import STANDINGS, Standing
from inventory.selectors.population import MARK, with_account
from policies import Effect, default_compiler

_CUSTOMER_POLICY: Final = f":iam::{MARK}:policy/"


def taking_over_steps(state: StepState) -> None:
    """Add an edge from each principal to each that it can take over, such as by a new key."""
    for escalation in state.listed.of(EscalationEffect.BECOME):
        (action,) = escalation.actions
        for account_id, rows in _acting(state, escalation):
            for target in _principals(state, account_id, escalation.on):
                decider = StepDecider(state.scope, action, state.population.arn(target), account_id)
                for row in rows:
                    if row == target:
                        continue
                    step = decider.decide(row)
                    if step is not None:
                        step = hanging_on(step, escalation.needs)
                        state.add(row, target, step, _way(EdgeKind.TAKES_OVER, escalation, step))


def raising_steps(state: StepState) -> None:
    """Add an edge to the control of an account from each who can give itself every right there.

    Call it when all steps between principals are known: what somebody can become in one step, it
    can raise, too.
    """
    by_effect = {
        EscalationEffect.RAISE_ROLE: _raised_principals,
        EscalationEffect.RAISE_USER: _raised_principals,
        EscalationEffect.RAISE_POLICY: _raised_policies,
        EscalationEffect.RAISE_GROUP: _raised_groups,
        EscalationEffect.JOIN_GROUP: _joined_groups,
        EscalationEffect.UNBOUND: _unbound,
    }
    for effect, targets_of in by_effect.items():
        for escalation in state.listed.of(effect):
            for account_id, rows in _acting(state, escalation):
                deciders: dict[str, StepDecider] = {}
                for row in rows:
                    best = _best(
                        state, escalation, row, targets_of(state, escalation, row), deciders
                    )
                    if best is not None:
                        step, through = best
                        way = _way(EdgeKind.ESCALATES, escalation, step, through)
                        state.edges.add(row, state.nodes.control(account_id), step.standing, way)


def _best(
    state: StepState,
    escalation: Escalation,
    row: int,
    targets: Iterator[tuple[str, StepStanding, str]],
    deciders: dict[str, StepDecider],
) -> tuple[StepStanding, str] | None:
    """Return the surest of the ways that one escalation has for one principal."""
    best: tuple[StepStanding, str] | None = None
    for arn, before, through in targets:
        decider = deciders.get(arn)
        if decider is None:
            account_id = arn.split(":", 5)[4]
            decider = deciders[arn] = StepDecider(
                state.scope, escalation.actions[0], arn, account_id
            )
        step = decider.decide(row)
        if step is None:
            continue
        step = hanging_on(least_sure(step, before), escalation.needs)
        if best is None or _rank(step) < _rank(best[0]):
            best = step, through
        if step.standing is Standing.ALWAYS:
            break
    return best


def _rank(step: StepStanding) -> int:
    return STANDINGS.index(step.standing)


def _way(kind: EdgeKind, escalation: Escalation, step: StepStanding, through: str = "") -> EdgeWay:
    return EdgeWay(
        kind,
        escalation.actions,
        escalation=escalation.id,
        keys=step.keys,
        needs=escalation.needs,
        through=through,
    )


def _acting(state: StepState, escalation: Escalation) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield each account with those of its principals who may do what an escalation needs."""
    for account_id in state.population.account_ids:
        rows = state.acting(escalation.actions, account_id)
        if len(rows):
            yield account_id, [int(row) for row in rows]


def _principals(state: StepState, account_id: str, kind: str) -> list[int]:
    """Return the users or roles of an account that somebody can change."""
    return [
        int(row)
        for row in state.index.rows_of(account_id)
        if state.kind(int(row)) == kind and is_changeable(state.population.arn(int(row)))
    ]


def is_changeable(arn: str) -> bool:
    """Whether a principal's policies and trust can be changed by anybody but AWS."""
    return SERVICE_LINKED not in arn and RESERVED not in arn


_SURE: Final = StepStanding(Standing.ALWAYS)


def _become(state: StepState, row: int) -> Iterator[tuple[int, StepStanding]]:
    """Yield a principal itself and what it can become in one step in its account."""
    own = int(state.population.accounts[row])
    yield row, _SURE
    for target, step in state.beside.get(row, {}).items():
        if int(state.population.accounts[target]) == own:
            yield target, step


def _raised_principals(
    state: StepState, escalation: Escalation, row: int
) -> Iterator[tuple[str, StepStanding, str]]:
    for target, before in _become(state, row):
        if state.kind(target) != escalation.on or state.has_boundary(target):
            continue
        arn = state.population.arn(target)
        if is_changeable(arn):
            yield arn, before, "" if target == row else arn


def _raised_policies(
    state: StepState, escalation: Escalation, row: int
) -> Iterator[tuple[str, StepStanding, str]]:
    account_id = state.population.account_id(row)
    for target, before in _become(state, row):
        if state.has_boundary(target):
            continue
        for policy in state.population.identity(target).policies:
            if policy.kind == "managed" and _CUSTOMER_POLICY in policy.arn:
                arn = with_account(policy.arn, account_id)
                yield arn, before, "" if target == row else state.population.arn(target)


def _raised_groups(
    state: StepState, escalation: Escalation, row: int
) -> Iterator[tuple[str, StepStanding, str]]:
    names = state.memberships.get(row, ())
    if not names or state.has_boundary(row):
        return
    account_id = state.population.account_id(row)
    for group in state.groups_of.get(account_id, ()):
        if group.name in names:
            yield group.arn, _SURE, group.arn


def _joined_groups(
    state: StepState, escalation: Escalation, row: int
) -> Iterator[tuple[str, StepStanding, str]]:
    account_id = state.population.account_id(row)
    for target, before in _become(state, row):
        if state.kind(target) != USER or state.has_boundary(target):
            continue
        for group in state.groups_of.get(account_id, ()):
            if _administers(state, group):
                yield group.arn, before, group.arn


def _administers(state: StepState, group: GroupFacts) -> bool:
    catalogue, compiler = default_compiler().catalogue, default_compiler()
    bits = 0
    for document in group.documents:
        for statement in compiler.document(document) if document else ():
            if statement.effect is Effect.ALLOW and statement.is_unconditional:
                bits |= statement.action_bits
    return all(
        bits >> catalogue.index_of[action.lower()] & 1
        for action in state.listed.administrator_actions
    )


def _unbound(
    state: StepState, escalation: Escalation, row: int
) -> Iterator[tuple[str, StepStanding, str]]:
    bounded = state.has_boundary(row) and not state.is_broad(row)
    if bounded and state.kind(row) == escalation.on and state.is_broad(row, without_boundary=True):
        yield state.population.arn(row), _SURE, ""


def organization_steps(state: StepState, delegated: dict[str, frozenset[str]]) -> None:
    """Add the edges to every account, from whoever may assign permission sets or deploy stack sets.

    `delegated`: by service, the accounts that administer it. SCPs decide in those, too.
    """
    manages = state.scope.organization.management_account_id
    for escalation in state.listed.of(EscalationEffect.ORGANIZATION):
        accounts = {*delegated.get(escalation.service, ()), *([manages] if manages else [])}
        for account_id in sorted(accounts):
            for row in map(int, state.acting(escalation.actions, account_id)):
                step = hanging_on(state.sweep_step(escalation.actions, row), escalation.needs)
                way = _way(EdgeKind.ESCALATES, escalation, step)
                state.edges.add(row, state.nodes.organization, step.standing, way)
    if manages not in state.population.place_of:
        return
    way = EdgeWay(EdgeKind.CONTROLS, through="sso.amazonaws.com")
    state.edges.add(
        state.nodes.control(str(manages)), state.nodes.organization, Standing.ALWAYS, way
    )
    for account_id in state.population.account_ids:
        if account_id != manages:
            state.edges.add(
                state.nodes.organization, state.nodes.control(account_id), Standing.ALWAYS, way
            )
