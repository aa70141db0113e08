"""Where paths begin or end: a principal, an account, a vendor, anyone, all administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy

from governance.posture.paths.graph import Ints, TrustGraph
from governance.posture.paths.nodes import NodeKind, PathNode
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.trust.vendors import vendor_of
from governance.posture.who_can.population import KINDS, ROOT
from inventory.models import Connection

ANYONE: Final = "anyone"
ADMINISTRATORS: Final = "administrators"
OUTSIDE: Final = "outside"
_LONGEST: Final = 2048


@dataclass(frozen=True, slots=True, eq=False)
class PathPlace:
    """What was asked for. `numbers`: its nodes. `text`: as asked; `label`: as it is called."""

    text: str
    label: str
    numbers: Ints
    node: PathNode | None = None


def find_place(
    graph: TrustGraph, text: str, *, connection: Connection, field: str, is_target: bool
) -> PathPlace:
    """Return the nodes that a text means.

    An ARN, a service, a provider (`host#tenant`), an account's id, a vendor's name, `anyone`,
    `outside` (everybody outside) or `administrators` (of every account). An account of the
    organization is its users and roles; as a target its control and resources, too.

    :raises CannotAnswer: it means nothing in the graph; `field` tells which part was asked.
    """
    asked = text.strip()
    lowered = asked.lower()
    if not asked or len(asked) > _LONGEST:
        raise CannotAnswer(field, "give an ARN, an account's id, a vendor's name or anyone")
    if lowered in {ANYONE, "*"}:
        number = graph.place_of.get("*")
        if number is None:
            raise CannotAnswer(field, "no collected policy gives everyone access")
        return PathPlace(ANYONE, "Anyone", _array([number]), graph.node(number))
    if lowered == ADMINISTRATORS:
        return PathPlace(ADMINISTRATORS, "Administrators", _of_kind(graph, NodeKind.CONTROL))
    if lowered == OUTSIDE:
        numbers = [
            len(graph.population) + number
            for number, node in enumerate(graph.others)
            if node.is_stranger
        ]
        if not numbers:
            raise CannotAnswer(field, "no collected policy gives an outside party access")
        return PathPlace(OUTSIDE, "Everyone outside", _array(numbers))
    if asked in graph.population.place_of:
        return _account(graph, asked, is_target=is_target)
    found = graph.find(asked)
    if found is not None:
        node = graph.node(found)
        return PathPlace(asked, node_label(node), _array([found]), node)
    vendor = _vendor(graph, lowered, connection)
    if vendor is not None:
        return vendor
    raise CannotAnswer(
        field,
        f"{asked[:80]!r} is not in the graph: give the ARN of a user, role or resource, an "
        "account's id, a vendor's name, a provider, anyone, outside or administrators",
    )


def node_label(node: PathNode) -> str:
    """Return what a node is called in a sentence."""
    match node.kind:
        case NodeKind.CONTROL:
            return f"administrator of {node.account_id}"
        case NodeKind.ORGANIZATION:
            return "every account"
        case NodeKind.EVERYBODY:
            return f"everyone with {node.name}"
        case NodeKind.ACCOUNT:
            return f"account {node.id}"
        case NodeKind.FEDERATED:
            return f"{node.name} ({node.note})" if node.note else node.name
        case NodeKind.EVERYONE:
            return "anyone"
        case NodeKind.ROOT:
            return f"root user of {node.account_id}"
        case NodeKind.USER | NodeKind.ROLE:
            return f"{node.kind.value} {node.name}"
        case _:
            return node.name or node.id


def _account(graph: TrustGraph, account_id: str, *, is_target: bool) -> PathPlace:
    rows = graph.index.rows_of(account_id)
    rows = rows[graph.population.kinds[rows] != KINDS.index(ROOT)]
    linked = numpy.array([one.is_service_linked for one in graph.population.identities])
    numbers = [int(row) for row in rows[~linked[graph.population.classes[rows]]]]
    if is_target:
        place = graph.population.place_of[account_id]
        others = numpy.flatnonzero(graph.account_places[len(graph.population) :] == place)
        numbers += [
            len(graph.population) + int(number)
            for number in others
            if not graph.others[int(number)].kind.is_outside
        ]
    return PathPlace(account_id, f"account {account_id}", _array(numbers))


def _vendor(graph: TrustGraph, name: str, connection: Connection) -> PathPlace | None:
    accounts: Mapping[str, str] = {
        account_id: vendor.name
        for account_id, vendor in vendor_of(connection).items()
        if vendor.name.lower() == name
    }
    numbers = [
        len(graph.population) + number
        for number, node in enumerate(graph.others)
        if node.kind in {NodeKind.ACCOUNT, NodeKind.EXTERNAL_PRINCIPAL}
        and node.account_id in accounts
    ]
    if not numbers:
        return None
    return PathPlace(name, next(iter(accounts.values())), _array(numbers))


def _of_kind(graph: TrustGraph, kind: NodeKind) -> Ints:
    start = len(graph.population)
    return _array([start + number for number, one in enumerate(graph.others) if one.kind is kind])


def _array(numbers: list[int]) -> Ints:
    return numpy.array(numbers, dtype=numpy.int32)
