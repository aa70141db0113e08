"""A stored organization to build a graph of, and what the graph says in a few words."""

import json

from governance.posture.paths.building import forget, load_graph
from governance.posture.paths.reach import Direction, reach
from governance.posture.trust.models import TrustEdge
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    RootFactory,
)
from tests.factories.policies import content
from tests.factories.principals import RoleFactory, UserPrincipalFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory, store_coverage
from tests.factories.times import FIRST_RUN_AT
from tests.governance.posture.who_can.comparing import VIEWER

MANAGEMENT, ONE, TWO = "111111111111", "222222222222", "333333333333"


def organization(*account_ids: str, policy_types: dict | None = None) -> Connection:
    """An organization whose accounts are all collected; SCPs are not enabled unless given."""
    connection = ConnectionFactory.create()
    OrganizationFactory.create(connection=connection, management_account_id=MANAGEMENT)
    RootFactory.create(connection=connection, policy_types=policy_types or {})
    unit = OrganizationalUnitFactory.create(
        connection=connection, target_id="ou-ab12-unit0001", parent=None
    )
    for account_id in (MANAGEMENT, *account_ids):
        AccountFactory.create(
            connection=connection,
            account_id=account_id,
            parent=None if account_id == MANAGEMENT else unit,
        )
    run = InventoryRunFactory.create(connection=connection)
    store_coverage(
        [
            CoverageFactory.build(
                run=run, account_id=account_id, collector="iam.authorization_details"
            )
            for account_id in (MANAGEMENT, *account_ids)
        ]
    )
    return connection


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: object = "*", **more: object) -> str:
    return policy({"Effect": "Allow", "Action": list(actions), "Resource": resource, **more})


def trusting(principal: object, **more: object) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def role(connection, account_id, name, text="", *, trust=None, **values):
    inline = {"inline_policies": {"own": content(text).sha256}} if text else {}
    if trust is not None:
        values["trust_policy"] = content(trust)
    return RoleFactory.create(
        connection=connection, account_id=account_id, name=name, **inline, **values
    )


def user(connection, account_id, name, text="", **values):
    inline = {"inline_policies": {"own": content(text).sha256}} if text else {}
    return UserPrincipalFactory.create(
        connection=connection, account_id=account_id, name=name, **inline, **values
    )


def graph_of(connection):
    forget()
    return load_graph(VIEWER, connection=connection)


def short(graph, number):
    """`name@last digit of the account`, `control@2`, or the id of somebody outside."""
    node = graph.node(number)
    if node.kind in {"user", "role", "root"}:
        return f"{node.name}@{node.account_id[0]}"
    if node.kind == "control":
        return f"control@{node.account_id[0]}"
    return node.key


def edges_of(graph, *, but=("controls",)):
    """Every edge but those of some kinds and of root users: (from, to) → kind, standing."""
    found: dict = {}
    for number in range(len(graph.sources)):
        edge = graph.edge(number)
        if edge.way.kind in but or graph.node(edge.source).kind == "root":
            continue
        ends = short(graph, edge.source), short(graph, edge.target)
        found.setdefault(ends, set()).add((edge.way.kind.value, edge.standing.value))
    return found


def reached(graph, arn, direction=Direction.FORWARD):
    """Steps to each node that is reached, by `short`."""
    found = reach(graph, [graph.find(arn)], direction)
    return {short(graph, int(node)): int(found.steps[node]) for node in found.reached}


def entering_edge(connection, target, **values):
    """A stored edge of trust into a role, from another account unless given otherwise."""
    usual = {
        "key": f"{len(TrustEdge.objects.all()):064d}",
        "account_id": ONE,
        "resource_arn": target,
        "resource_name": target.rpartition("/")[2],
        "service": "iam",
        "resource_type": "role",
        "source": "trust_policy",
        "statement": 0,
        "principal_kind": "account",
        "actions": ["sts:AssumeRole"],
        "crossing": "external",
        "state": "open",
        "seen_from": FIRST_RUN_AT,
    }
    return TrustEdge.objects.create(connection=connection, **{**usual, **values})
