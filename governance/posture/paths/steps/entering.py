"""Steps into the organization: from accounts, providers, services and anybody outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.nodes import NodeKind, PathNode
from governance.posture.paths.steps.state import StepState
from governance.posture.who_can.ways import Standing


@dataclass(frozen=True, slots=True)
class EnteringEdge:
    """A stored trust edge as far as steps need it; see `trust.models.TrustEdge`."""

    key: str
    resource_arn: str
    resource_account_id: str
    resource_name: str
    resource_type: str
    principal_kind: str
    principal_id: str
    principal_account_id: str
    provider: str
    tenant: str
    vendor: str
    actions: tuple[str, ...]
    state: str
    keys: tuple[str, ...]
    through: str = ""


_OUTSIDE: Final = {
    "account": NodeKind.ACCOUNT,
    "role": NodeKind.EXTERNAL_PRINCIPAL,
    "user": NodeKind.EXTERNAL_PRINCIPAL,
    "session": NodeKind.EXTERNAL_PRINCIPAL,
    "canonical_user": NodeKind.EXTERNAL_PRINCIPAL,
    "organization": NodeKind.EXTERNAL_PRINCIPAL,
    "organizational_unit": NodeKind.EXTERNAL_PRINCIPAL,
    "service": NodeKind.SERVICE,
    "federated": NodeKind.FEDERATED,
    "identity": NodeKind.IDENTITY,
    "everyone": NodeKind.EVERYONE,
}
_STANDINGS: Final = {
    "open": Standing.ALWAYS,
    "guarded": Standing.CONDITIONAL,
    "undecided": Standing.UNKNOWN,
}
EVERYONE: Final = PathNode(NodeKind.EVERYONE, "*", name="Anyone")


def entering_steps(state: StepState, edges: Iterable[EnteringEdge]) -> None:
    """Add the edges from whoever is outside; a blocked one is none.

    Principals of the organization are left out: both sides are decided for them.
    """
    organization = state.scope.organization
    known = state.population.place_of
    members: dict[str, set[int]] = {}
    for edge in edges:
        standing = _STANDINGS.get(edge.state)
        kind = _OUTSIDE.get(edge.principal_kind)
        if (
            standing is None
            or kind is None
            or (edge.principal_account_id in known and kind in _OWN)
        ):
            continue
        if edge.principal_id.split("/")[0] == organization.organization.organization_id:
            continue
        source = state.nodes.of(_node(kind, edge))
        if kind is NodeKind.EXTERNAL_PRINCIPAL and edge.principal_account_id:
            members.setdefault(edge.principal_account_id, set()).add(source)
        row = state.index.row_of(edge.resource_arn)
        if row is None:
            target = state.nodes.of(
                PathNode(
                    NodeKind.RESOURCE,
                    edge.resource_arn,
                    edge.resource_account_id,
                    edge.resource_name,
                    resource_type=edge.resource_type,
                )
            )
        else:
            target = row
        way = EdgeWay(
            _edge_kind(kind, is_principal=row is not None),
            edge.actions,
            edge_key=edge.key,
            keys=edge.keys,
            through=edge.through or edge.provider,
        )
        state.edges.add(source, target, standing, way)
    for account_id, sources in members.items():
        whole = state.nodes.of(PathNode(NodeKind.ACCOUNT, account_id, account_id, account_id))
        for source in sources:
            state.edges.add(whole, source, Standing.ALWAYS, EdgeWay(EdgeKind.CONTROLS))


_OWN: Final = frozenset({NodeKind.ACCOUNT, NodeKind.EXTERNAL_PRINCIPAL})


def _edge_kind(kind: NodeKind, *, is_principal: bool) -> EdgeKind:
    if not is_principal:
        return EdgeKind.ACCESSES
    match kind:
        case NodeKind.FEDERATED:
            return EdgeKind.FEDERATES
        case NodeKind.IDENTITY:
            return EdgeKind.ASSIGNED
        case _:
            return EdgeKind.ASSUMES


def _node(kind: NodeKind, edge: EnteringEdge) -> PathNode:
    match kind:
        case NodeKind.EVERYONE:
            return EVERYONE
        case NodeKind.ACCOUNT:
            account_id = edge.principal_account_id or edge.principal_id
            return PathNode(kind, account_id, account_id, account_id)
        case NodeKind.FEDERATED:
            host = edge.provider if edge.provider not in {"", "saml"} else ""
            name = host or edge.principal_id.rpartition("/")[2]
            return PathNode(kind, host or edge.principal_id, "", name, edge.tenant)
        case NodeKind.SERVICE:
            return PathNode(kind, edge.principal_id, "", edge.principal_id)
        case _:
            name = edge.principal_id.rpartition("/")[2] or edge.principal_id
            return PathNode(kind, edge.principal_id, edge.principal_account_id, name)


def assignment_steps(
    state: StepState,
    assignments: Iterable[tuple[str, str, str, str]],
    names: Mapping[str, str],
) -> None:
    """Add the edges of Identity Center: (identity, account id, permission set's name, its ARN).

    `names`: what an identity, `user/…` or `group/…`, is called. The role of a permission set in an
    account has its name in its own: `AWSReservedSSO_<name>_<16 hex digits>`.
    """
    roles: dict[tuple[str, str], int] = {}
    for role in state.roles:
        name = role.arn.rpartition("/")[2]
        if name.startswith(_RESERVED):
            roles[role.account_id, name[len(_RESERVED) :].rpartition("_")[0]] = role.row
    for identity, account_id, permission_set, arn in assignments:
        row = roles.get((account_id, permission_set))
        if row is None:
            continue
        source = state.nodes.of(
            PathNode(NodeKind.IDENTITY, identity, "", names.get(identity, identity))
        )
        way = EdgeWay(EdgeKind.ASSIGNED, through=arn)
        state.edges.add(source, row, Standing.ALWAYS, way)


_RESERVED: Final = "AWSReservedSSO_"
