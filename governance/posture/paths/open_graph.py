"""The graph as BloodHound OpenGraph JSON, for those who work there.

Source: BloodHound documentation, "OpenGraph Schema": `graph.nodes` with `id`, `kinds` (three at
most, the first is shown) and flat `properties`; `graph.edges` with `kind`, `start` and `end`.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from governance.posture.paths.graph import EdgeKind, TrustGraph
from governance.posture.paths.nodes import NodeKind

SOURCE_KIND: Final = "OrgwardenBase"
_NODES: Final = {
    NodeKind.USER: "AWSUser",
    NodeKind.ROLE: "AWSRole",
    NodeKind.ROOT: "AWSRootUser",
    NodeKind.CONTROL: "AWSAccountControl",
    NodeKind.ORGANIZATION: "AWSOrganization",
    NodeKind.EVERYBODY: "AWSEverybodyWith",
    NodeKind.ACCOUNT: "AWSExternalAccount",
    NodeKind.EXTERNAL_PRINCIPAL: "AWSExternalPrincipal",
    NodeKind.FEDERATED: "AWSIdentityProvider",
    NodeKind.SERVICE: "AWSService",
    NodeKind.IDENTITY: "AWSIdentityCenterIdentity",
    NodeKind.EVERYONE: "AWSEveryone",
    NodeKind.RESOURCE: "AWSResource",
}
_EDGES: Final = {
    EdgeKind.ASSUMES: "AWSAssumesRole",
    EdgeKind.FEDERATES: "AWSSignsInAs",
    EdgeKind.ASSIGNED: "AWSAssigned",
    EdgeKind.PASSES: "AWSPassesRole",
    EdgeKind.RUNS: "AWSRunsCodeAs",
    EdgeKind.TAKES_OVER: "AWSTakesOver",
    EdgeKind.ESCALATES: "AWSEscalates",
    EdgeKind.CONTROLS: "AWSControls",
    EdgeKind.ACCESSES: "AWSAccesses",
}
_AT_ONCE: Final = 500


def open_graph(graph: TrustGraph) -> dict[str, Any]:
    """Return the file's content."""
    return {
        "metadata": {"source_kind": SOURCE_KIND},
        "graph": {
            "nodes": [_node(graph, number) for number in range(len(graph))],
            "edges": [_edge(graph, number) for number in range(len(graph.sources))],
        },
    }


def open_graph_chunks(graph: TrustGraph) -> Iterator[str]:
    """Yield the file's text in pieces."""
    yield '{"metadata":' + json.dumps({"source_kind": SOURCE_KIND}) + ',"graph":{"nodes":['
    yield from _joined(_node(graph, number) for number in range(len(graph)))
    yield '],"edges":['
    yield from _joined(_edge(graph, number) for number in range(len(graph.sources)))
    yield "]}}"


def _joined(items: Iterator[dict[str, Any]]) -> Iterator[str]:
    held: list[str] = []
    is_first = True
    for item in items:
        held.append(json.dumps(item, separators=(",", ":")))
        if len(held) == _AT_ONCE:
            yield ("" if is_first else ",") + ",".join(held)
            held, is_first = [], False
    if held:
        yield ("" if is_first else ",") + ",".join(held)


def _node(graph: TrustGraph, number: int) -> dict[str, Any]:
    node = graph.node(number)
    properties = {
        "name": node.name or node.id,
        "displayname": node.name or node.id,
        "objectid": node.key,
        "arn": node.id if node.id.startswith("arn:") else "",
        "accountid": node.account_id,
        "tenant": node.note,
        "resourcetype": node.resource_type,
        "privilege": graph.privilege(number).value,
    }
    return {
        "id": node.key,
        "kinds": [_NODES[node.kind], SOURCE_KIND],
        "properties": {name: value for name, value in properties.items() if value},
    }


def _edge(graph: TrustGraph, number: int) -> dict[str, Any]:
    edge = graph.edge(number)
    way = edge.way
    properties: dict[str, Any] = {
        "standing": edge.standing.value,
        "actions": list(way.actions),
        "escalation": way.escalation,
        "conditionkeys": [key for key in way.keys if ":" in key],
        "needs": way.needs,
        "through": way.through,
    }
    return {
        "kind": _EDGES[way.kind],
        "start": {"value": graph.node(edge.source).key, "match_by": "id"},
        "end": {"value": graph.node(edge.target).key, "match_by": "id"},
        "properties": {name: value for name, value in properties.items() if value},
    }
