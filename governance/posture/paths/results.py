"""Answers about paths as JSON, for the API and for jobs."""

from datetime import datetime
from typing import Any, Final

from governance.posture.paths.answer import PathAnswer, ReachCounts
from governance.posture.paths.cuts import Cut
from governance.posture.paths.explaining import ExplainedStep, StepStatement, explain_step
from governance.posture.paths.graph import TrustGraph
from governance.posture.paths.nodes import NodeKind, PathNode
from inventory.models import Connection
from inventory.viewing import Viewer

MOST_NODES: Final = 1000


def node_json(node: PathNode) -> dict[str, Any]:
    """Return a node."""
    return {
        "id": node.key,
        "kind": node.kind.value,
        "name": node.name,
        "account_id": node.account_id or None,
        "tenant": node.note or None if node.kind is NodeKind.FEDERATED else None,
        "resource_type": node.resource_type or None,
    }


def reached_json(answer: PathAnswer, number: int) -> dict[str, Any]:
    """Return a node with how it is reached."""
    graph = answer.graph
    edge = graph.edge(int(answer.reached.by[number]))
    return {
        **node_json(graph.node(number)),
        "privilege": graph.privilege(number).value,
        "steps": int(answer.reached.steps[number]),
        "by": edge.way.kind.value,
        "standing": edge.standing.value,
    }


def counts_json(counts: ReachCounts) -> dict[str, Any]:
    """Return how much is reached."""
    return {
        "principals": counts.principals,
        "accounts": counts.accounts,
        "resources": counts.resources,
        "administered_accounts": counts.administered,
        "outside": counts.outside,
        "by_privilege": {level.value: number for level, number in counts.by_privilege.items()},
        "by_steps": {str(steps): number for steps, number in counts.by_steps.items()},
    }


def summary_json(answer: PathAnswer) -> dict[str, Any]:
    """Return what was asked and how much is reached."""
    return {
        "start": {"text": answer.start.text, "name": answer.start.label},
        "end": {"text": answer.end.text, "name": answer.end.label} if answer.end else None,
        "direction": answer.direction.value,
        "is_reached": answer.goal is not None if answer.end else None,
        "counts": counts_json(answer.counts),
        "accounts_not_collected": len(answer.graph.unknown_accounts),
    }


def step_json(step: ExplainedStep) -> dict[str, Any]:
    """Return one step of a chain."""
    return {
        "from": node_json(step.source),
        "to": node_json(step.target),
        "kind": step.edge.way.kind.value,
        "standing": step.edge.standing.value,
        "privilege": step.privilege.value,
        "sentence": step.sentence,
        "actions": list(step.edge.way.actions),
        "escalation": step.edge.way.escalation or None,
        "trust_edge_key": step.edge.way.edge_key or None,
        "conditions": list(step.conditions),
        "needs": step.needs or None,
        "statements": [statement_json(one) for one in step.statements],
        "remedy": dict(step.remedy),
    }


def statement_json(one: StepStatement) -> dict[str, Any]:
    """Return a statement that allows a step."""
    return {
        "side": one.side,
        "policy_name": one.policy_name,
        "policy_arn": one.policy_arn or None,
        "holder_arn": one.holder_arn,
        "statement": one.statement if one.statement >= 0 else None,
        "sid": one.sid or None,
        "action": one.action,
        "asks": list(one.asks),
    }


def cut_json(
    viewer: Viewer,
    graph: TrustGraph,
    cut: Cut,
    *,
    connection: Connection,
    as_of: datetime | None,
) -> dict[str, Any]:
    """Return an edge to cut."""
    step = explain_step(viewer, graph, cut.edge, connection=connection, as_of=as_of)
    return {"cuts_off": cut.weight, **step_json(step)}


def chain_json(
    viewer: Viewer, answer: PathAnswer, *, connection: Connection, as_of: datetime | None
) -> list[dict[str, Any]]:
    """Return the steps of the chain, empty where there is none."""
    return [
        step_json(explain_step(viewer, answer.graph, edge, connection=connection, as_of=as_of))
        for edge in answer.chain
    ]


def cuts_json(
    viewer: Viewer, answer: PathAnswer, *, connection: Connection, as_of: datetime | None
) -> dict[str, Any]:
    """Return the best edges to cut."""
    return {
        "total": answer.cuts.total,
        "is_exact": answer.cuts.is_exact,
        "edges": [
            cut_json(viewer, answer.graph, cut, connection=connection, as_of=as_of)
            for cut in answer.cuts.best
        ],
    }


def answer_json(
    viewer: Viewer, answer: PathAnswer, *, connection: Connection, as_of: datetime | None
) -> dict[str, Any]:
    """Return a whole answer; of nodes at most 1,000, the nearest first."""
    nodes = answer.nodes[:MOST_NODES]
    return {
        **summary_json(answer),
        "chain": chain_json(viewer, answer, connection=connection, as_of=as_of),
        "cuts": cuts_json(viewer, answer, connection=connection, as_of=as_of),
        "nodes": [reached_json(answer, int(node)) for node in nodes],
        "nodes_left_out": len(answer.nodes) - len(nodes),
    }
