"""What whoever controls an account can become there: every principal that SCPs do not protect."""

from typing import Final

import numpy

from governance.posture.paths.deciding import StepStanding
from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.steps.escalating import is_changeable
from governance.posture.paths.steps.state import StepState
from governance.posture.who_can.levels import control_views
from governance.posture.who_can.population import ROLE, USER
from governance.posture.who_can.ways import Standing, Way
from policies import UNKNOWN, default_compiler
from policies.evaluation.applicable import ActionView, ApplicableLayer, ApplicableStatements
from policies.evaluation.principal import parse_principal
from policies.evaluation.request import Request
from policies.evaluation.requested_resource import (
    RequestedResource,
    any_resource,
    requested_resource,
)

_TAKEN_OVER_BY: Final = {ROLE: "iam:UpdateAssumeRolePolicy", USER: "iam:CreateAccessKey"}
_STAND_IN: Final = "arn:aws:iam::{}:role/administrator"
_OPEN_KEYS: Final = ("aws:principalarn", "aws:userid", "aws:username")


def controlling_steps(state: StepState) -> None:
    """Add an edge from each administrator to the control of its account, and from there on.

    Whether control gives a role or user hangs on the SCPs of the account alone, for an
    administrator of unknown name.
    """
    administrators = state.administrators
    rows = numpy.flatnonzero(administrators >= 0)
    controls = numpy.array(
        [state.nodes.control(account_id) for account_id in state.population.account_ids]
    )
    state.edges.add_many(
        rows,
        controls[state.population.accounts[rows]],
        administrators[rows],
        EdgeWay(EdgeKind.CONTROLS),
    )
    for kind, action in _TAKEN_OVER_BY.items():
        _taken_over(state, kind, action)


def _taken_over(state: StepState, kind: str, action: str) -> None:
    by_account = _Levels(state, action)
    ways: dict[tuple[str, ...], EdgeWay] = {}
    for account_id in state.population.account_ids:
        same = by_account.same_for_all(account_id)
        for row in map(int, state.index.rows_of(account_id)):
            if state.kind(row) != kind:
                continue
            arn = state.population.arn(row)
            if not is_changeable(arn):
                continue
            step = same if same is not None else by_account.of(account_id, arn)
            if step is None or step is _DENIED:
                continue
            way = ways.get(step.keys)
            if way is None:
                way = ways[step.keys] = EdgeWay(EdgeKind.CONTROLS, (action,), keys=step.keys)
            state.edges.add(state.nodes.control(account_id), row, step.standing, way)


_DENIED: Final = StepStanding(Standing.UNKNOWN, ("denied",))


class _Levels:
    """What the SCPs of accounts say of one action of an administrator of unknown name."""

    def __init__(self, state: StepState, action: str) -> None:
        self._state = state
        self._action = action
        compiler = default_compiler()
        index = compiler.catalogue.index_of[action.lower()]
        anything = any_resource(compiler.catalogue, index, state.scope.assumed.engine.partition)
        self._whole = self._view(anything)
        self._known: dict[tuple[ApplicableLayer, ...], StepStanding | None] = {}

    def _view(self, resource: RequestedResource) -> "_Views":
        return _Views(self._state, self._action, resource)

    def same_for_all(self, account_id: str) -> StepStanding | None:
        """Return what holds for every target in an account; None: it hangs on the target."""
        places = self._whole.places(account_id)
        if any(statement.conditions for place in places for statement in place.statements):
            return None
        if places not in self._known:
            self._known[places] = self._whole.decide(account_id, "*")
        return self._known[places] or _DENIED

    def of(self, account_id: str, arn: str) -> StepStanding | None:
        """Return what holds for one target."""
        return self._view(requested_resource(arn)).decide(account_id, arn)


class _Views:
    def __init__(self, state: StepState, action: str, resource: RequestedResource) -> None:
        scope = state.scope
        self._state = state
        self._action = action
        view = ActionView(action, resource, default_compiler(), scope.known, scope.given)
        self._levels = control_views(scope.organization, view, scope.judge).service_control

    def places(self, account_id: str) -> tuple[ApplicableLayer, ...]:
        """Return the levels of an account."""
        return self._levels.of(account_id).places

    def decide(self, account_id: str, arn: str) -> StepStanding | None:
        """Return what the levels leave of one request; None: nothing."""
        scope = self._state.scope
        applicable = ApplicableStatements(
            identity=ApplicableLayer(frozenset({scope.judge.allow})),
            service_control=self.places(account_id),
        )
        principal = parse_principal(_STAND_IN.format(account_id))
        context = {**dict.fromkeys(applicable.asked_keys(), UNKNOWN), **scope.given}
        context |= {
            "aws:principalaccount": account_id,
            "aws:principalisawsservice": "false",
            **dict.fromkeys(_OPEN_KEYS, UNKNOWN),
        }
        request = Request(principal, self._action, arn, account_id, {})
        judged = scope.judge.decide(applicable, principal, request, context)
        if judged.decision.is_denied:
            return None
        way = Way(self._action, judged.decision, judged.gaps, 0)
        return StepStanding(way.standing, tuple(sorted(judged.decision.unknown_keys)))
