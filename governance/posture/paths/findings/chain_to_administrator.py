"""Chains from outside the organization to an administrator: no single policy shows them.

Whoever comes in as a role that is an administrator itself needs no chain; policies show that.
"""

from collections.abc import Iterator
from typing import Final

import numpy

from governance.posture.paths.findings.graph_facts import graph_of_facts
from governance.posture.paths.graph import EdgeKind, PathEdge, TrustGraph
from governance.posture.paths.nodes import NodeKind, PathNode, Privilege
from governance.posture.paths.question import node_label
from governance.posture.paths.reach import Direction, GraphReach, reach
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.who_can.ways import Standing
from policies.trust import TrustSeverity

_OUTSIDE: Final = frozenset(
    {NodeKind.ACCOUNT, NodeKind.EXTERNAL_PRINCIPAL, NodeKind.FEDERATED, NodeKind.EVERYONE}
)


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find the roles that somebody outside gets, and that get to an administrator from there.

    Steps after the first hang on nothing. A provider whose claims a guard holds is no outsider.
    """
    graph = graph_of_facts(facts)
    size = len(graph.population)
    controls = [
        size + number for number, node in enumerate(graph.others) if node.kind is NodeKind.CONTROL
    ]
    reached = reach(graph, controls, Direction.BACKWARD, sure_only=True)
    entering = numpy.flatnonzero((graph.sources >= size) & (graph.targets < size))
    for number in map(int, entering):
        edge = graph.edge(number)
        source = graph.node(edge.source)
        if not _comes_from_outside(source, edge) or not reached.reaches(edge.target):
            continue
        if graph.privilege(edge.target) is Privilege.ADMINISTRATOR:
            continue
        yield _found(facts, graph, reached, edge, source)


def _comes_from_outside(source: PathNode, edge: PathEdge) -> bool:
    if source.kind not in _OUTSIDE or edge.way.kind is EdgeKind.CONTROLS:
        return False
    return source.kind is not NodeKind.FEDERATED or edge.standing is Standing.ALWAYS


def _found(
    facts: TrustFacts, graph: TrustGraph, reached: GraphReach, edge: PathEdge, source: PathNode
) -> FoundTrust:
    chain = reached.path(edge.target)
    target = graph.node(edge.target)
    through = [node_label(graph.node(one.target)) for one in chain[:-1]]
    end = graph.node(chain[-1].target)
    account = facts.account_name(end.account_id)
    by = f" through {', '.join(through)}" if through else ""
    last = chain[-1]
    how = f" by {last.way.actions[0]}" if last.way.kind is EdgeKind.ESCALATES else ""
    return FoundTrust(
        subject_arn=target.id,
        account_id=target.account_id,
        edge_key=edge.way.edge_key,
        about=end.account_id,
        message=f"{_capital(node_label(source))} gets {node_label(target)} in "
        f"{facts.account_name(target.account_id)}, and from there{by} an administrator's rights "
        f"in {account}{how}.",
        evidence={
            "steps": [
                {
                    "from": graph.node(one.source).key,
                    "to": graph.node(one.target).key,
                    "kind": one.way.kind.value,
                    "actions": list(one.way.actions),
                }
                for one in (edge, *chain)
            ]
        },
        remedy={
            "text": f"Cut the chain where it leaves {node_label(target)}: {_cut(graph, chain[0])}"
        },
    )


def _cut(graph: TrustGraph, edge: PathEdge) -> str:
    target = graph.node(edge.target)
    match edge.way.kind:
        case EdgeKind.ASSUMES:
            return f"remove it from the trust policy of {node_label(target)}."
        case EdgeKind.PASSES:
            return f"limit iam:PassRole to other roles than {node_label(target)}."
        case _:
            actions = " and ".join(edge.way.actions) or "its policies"
            return f"remove {actions} from it, or deny them in a permissions boundary."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


KIND: Final = TrustFindingKind(
    code="chain-to-administrator",
    label="Chain from outside to administrator",
    question="Which outsiders reach an administrator through a chain of steps?",
    severity=TrustSeverity.CRITICAL,
    check=check,
)
