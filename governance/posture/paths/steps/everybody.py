"""Policies that let in everybody of the organization: one node in between, not an edge for each.

With half a million principals a bucket that is open to the organization would have as many edges.
"""

from typing import Final

import numpy

from governance.posture.paths.deciding import StepDecider, StepStanding
from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.nodes import NodeKind, PathNode
from governance.posture.paths.population_index import Rows
from governance.posture.paths.steps.state import StepState
from governance.posture.who_can.ways import STANDINGS, Standing
from policies import Effect, PolicyDocument

MOST_EACH: Final = 2000
"""Up to so many candidates are decided one by one."""

_ASKED: Final = 24
_ORGANIZATION_KEYS: Final = frozenset({"aws:principalorgid"})


def everybody_steps(
    state: StepState,
    action: str,
    target: int,
    decider: StepDecider,
    rows: Rows,
    document: PolicyDocument | None,
    kind: EdgeKind,
) -> None:
    """Add one edge to a role or resource from all who may call an action.

    Some candidates are asked, of different policies and accounts. Where all of them surely may and
    the policy asks for nothing but the organization, the edge is sure; where some may, it hangs on
    who calls; where none may, there is none.
    """
    found = [decider.decide(row) for row in _examples(state, rows)]
    may = [step for step in found if step is not None]
    if not may:
        return
    node = state.nodes.of(PathNode(NodeKind.EVERYBODY, f"everybody:{action}", name=action))
    if action not in state.gathered:
        state.gathered.add(action)
        sweep = state.scope.sweep(action, is_anywhere=True)
        callers = numpy.flatnonzero(sweep.may)
        places = numpy.where(sweep.open, 0, sweep.places)[callers]
        state.edges.add_many(callers, node, places, EdgeWay(EdgeKind.CONTROLS, (action,)))
    keys = tuple(dict.fromkeys(key for step in may for key in step.keys))
    worst = max((step.standing for step in may), key=STANDINGS.index)
    if worst is Standing.ALWAYS and not (len(may) == len(found) and _asks_little(document)):
        worst = Standing.CONDITIONAL
    step = StepStanding(worst, keys)
    needs = "" if worst is Standing.ALWAYS else "a caller that the policy allows"
    way = EdgeWay(kind, (action,), keys=step.keys, needs=needs)
    state.edges.add(node, target, step.standing, way)


def _examples(state: StepState, rows: Rows) -> list[int]:
    """Return some rows of as many classes and accounts as can be."""
    population = state.population
    pairs = population.classes[rows] * len(population.account_ids) + population.accounts[rows]
    _, first = numpy.unique(pairs, return_index=True)
    chosen = rows[first]
    steps = max(1, len(chosen) // _ASKED)
    return [int(row) for row in chosen[::steps][:_ASKED]]


def _asks_little(document: PolicyDocument | None) -> bool:
    statements = document.statements if document else ()
    return all(
        statement.effect is Effect.ALLOW
        and all(one.key.lower() in _ORGANIZATION_KEYS for one in statement.conditions)
        for statement in statements
    )
