"""Who in the organization can reach which collected resource, by identity and resource policies."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy
from numpy.typing import NDArray

from governance.posture.paths.deciding import StepDecider, StepStanding
from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.nodes import NodeKind, PathNode
from governance.posture.paths.population_index import Rows
from governance.posture.paths.steps.everybody import MOST_EACH, everybody_steps
from governance.posture.paths.steps.state import StepState
from governance.posture.state.resources import Resource, ResourceKnowledge
from governance.posture.who_can.ways import STANDINGS, Standing
from policies import Effect
from policies.evaluation.principal import account_of

_NEED_OWN_POLICY: Final = frozenset({"kms"})
"""Services whose resources let nobody in unless their own policy does, the account neither."""
_HIDDEN: Final = frozenset({ResourceKnowledge.DENIED, ResourceKnowledge.UNREADABLE})
_FILE: Final = Path(__file__).parents[1] / "sensitive_actions.json"


@dataclass(frozen=True, slots=True)
class SensitiveActions:
    """What is worth reaching in a service's resources. `on_object`: those that work on what is in
    the resource, whose ARN ends in `object_suffix`."""

    actions: tuple[str, ...]
    object_suffix: str = ""
    on_object: tuple[str, ...] = ()

    def arn(self, action: str, resource_arn: str) -> str:
        """Return what an action works on."""
        return resource_arn + self.object_suffix if action in self.on_object else resource_arn


@lru_cache(maxsize=1)
def sensitive_actions() -> Mapping[str, SensitiveActions]:
    """Return by service what `sensitive_actions.json` says."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))["services"]
    return {
        service: SensitiveActions(
            tuple(one["actions"]), one.get("object_suffix", ""), tuple(one.get("on_object", ()))
        )
        for service, one in read.items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class ReachableResource:
    """A collected resource, and what its policy says."""

    service: str
    resource_type: str
    known: Resource


def resource_node(resource: Resource, resource_type: str) -> PathNode:
    """Return the node of a collected resource."""
    return PathNode(
        NodeKind.RESOURCE,
        resource.arn,
        resource.account_id,
        resource.name or resource.arn.rpartition(":")[2],
        resource_type=resource_type,
    )


def accessing_steps(state: StepState, resources: Sequence[ReachableResource]) -> None:
    """Add an edge from each principal to each resource of which it may read or change something.

    Whoever controls the account reaches all its resources, by one edge each.
    """
    known = sensitive_actions()
    ways: dict[tuple[tuple[str, ...], tuple[str, ...]], EdgeWay] = {}
    controlled = EdgeWay(EdgeKind.CONTROLS)
    for resource in resources:
        sensitive = known.get(resource.service)
        account_id = resource.known.account_id
        if sensitive is None or account_id not in state.population.place_of:
            continue
        node = state.nodes.of(resource_node(resource.known, resource.resource_type))
        state.edges.add(state.nodes.control(account_id), node, Standing.ALWAYS, controlled)
        for row, (step, actions) in _reaching(state, resource.known, sensitive, node).items():
            key = actions, step.keys
            way = ways.get(key)
            if way is None:
                way = ways[key] = EdgeWay(EdgeKind.ACCESSES, actions, keys=step.keys)
            state.edges.add(row, node, step.standing, way)


def _reaching(
    state: StepState, resource: Resource, sensitive: SensitiveActions, node: int
) -> Mapping[int, tuple[StepStanding, tuple[str, ...]]]:
    found: dict[int, tuple[StepStanding, tuple[str, ...]]] = {}
    given = resource if resource.knowledge is not ResourceKnowledge.NOT_COLLECTED else None
    own = state.population.place_of[resource.account_id]
    for action in sensitive.actions:
        rows = _candidates(state, resource, action)
        if not len(rows):
            continue
        decider = StepDecider(
            state.scope,
            action,
            sensitive.arn(action, resource.arn),
            resource.account_id,
            resource=given,
        )
        if len(rows) > MOST_EACH:
            everybody_steps(
                state, action, node, decider, rows, resource.document, EdgeKind.ACCESSES
            )
            rows = rows[state.population.accounts[rows] == own]
        sure = _surely(state, resource, action, rows)
        for row in map(int, rows[sure]):
            _note(found, row, SURE, action)
        for row in map(int, rows[~sure]):
            if state.controls[row] and int(state.population.accounts[row]) == own:
                continue
            step = decider.decide(row)
            if step is not None:
                _note(found, row, step, action)
    return found


def _note(
    found: dict[int, tuple[StepStanding, tuple[str, ...]]],
    row: int,
    step: StepStanding,
    action: str,
) -> None:
    best = found.get(row)
    if best is None:
        found[row] = step, (action,)
    elif _rank(step) < _rank(best[0]):
        found[row] = step, (*best[1], action)
    else:
        found[row] = best[0], (*best[1], action)


SURE: Final = StepStanding(Standing.ALWAYS)


def _surely(state: StepState, resource: Resource, action: str, rows: Rows) -> NDArray[numpy.bool_]:
    """Tell of candidates who may do an action whatever the resource is, which needs no deciding.

    Callers of the resource's own account whom their policies, SCPs and RCPs surely allow the action
    on everything, where the resource's own policy denies nothing and is not needed.
    """
    document = resource.document
    if resource.arn.split(":", 3)[2] in _NEED_OWN_POLICY or resource.knowledge in _HIDDEN:
        return numpy.zeros(len(rows), dtype=bool)
    if document and any(one.effect is Effect.DENY for one in document.statements):
        return numpy.zeros(len(rows), dtype=bool)
    own = state.population.place_of[resource.account_id]
    always = state.scope.sweep(action).places[rows] == STANDINGS.index(Standing.ALWAYS)
    sure: NDArray[numpy.bool_] = always & (state.population.accounts[rows] == own)
    return sure & ~state.controls[rows]


def _rank(step: StepStanding) -> int:
    return STANDINGS.index(step.standing)


def _candidates(state: StepState, resource: Resource, action: str) -> Rows:
    may = state.scope.sweep(action).may
    own = state.index.rows_of(resource.account_id)
    named = [own[may[own]], *_named(state, resource, action)]
    return numpy.unique(numpy.concatenate(named))


def _named(state: StepState, resource: Resource, action: str) -> Iterator[Rows]:
    """Yield those whom a resource's policy names, by themselves, with their account, or all."""
    for statement in resource.document.statements if resource.document else ():
        if statement.effect is not Effect.ALLOW:
            continue
        may = state.scope.sweep(action, is_anywhere=True).may
        if statement.principals is None or any(one.value == "*" for one in statement.principals):
            yield numpy.flatnonzero(may)
            # Within the account the policy alone lets in whoever it means.
            yield state.index.rows_of(resource.account_id)
            continue
        for element in statement.principals:
            if element.kind != "AWS":
                continue
            account_id = account_of(element.value)
            if account_id is not None:
                rows = state.index.rows_of(account_id)
                yield rows[may[rows]]
                continue
            row = state.index.row_of(element.value)
            if row is not None:
                yield numpy.array([row], dtype=numpy.int64)
