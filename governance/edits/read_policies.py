"""Reads what operations need to know of policies besides compiled SCPs and RCPs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from governance.edits.collected_policies import (
    NOTHING_ELSE_COLLECTED,
    CollectedPolicies,
    PolicyDetails,
)
from governance.edits.operations import Operation, OperationKind
from governance.posture.effective.organization import (
    AttachedManagementPolicy,
    ManagementOrganization,
    load_management,
)
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    ControlPolicy,
)
from inventory.models import Connection
from inventory.selectors.policies import policies
from inventory.viewing import Viewer
from policies import PolicyType

_NEED_TYPES: Final = frozenset(
    {OperationKind.ENABLE_POLICY_TYPE, OperationKind.DISABLE_POLICY_TYPE}
)
_NEED_DETAILS: Final = frozenset({OperationKind.TAG_POLICY})


def collected_policies(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    operations: Sequence[Operation],
    as_of: datetime | None,
) -> CollectedPolicies:
    """Return what a draft of these operations needs; nothing is read if they need nothing."""
    if not any(_needs_more(organization, operation) for operation in operations):
        return NOTHING_ELSE_COLLECTED
    return all_policies(
        viewer,
        connection=connection,
        management=load_management(viewer, connection=connection, as_of=as_of),
        policy_ids=[one.policy_id for one in operations if one.kind in _NEED_DETAILS],
        as_of=as_of,
    )


def all_policies(
    viewer: Viewer,
    *,
    connection: Connection,
    management: ManagementOrganization,
    policy_ids: Iterable[str],
    as_of: datetime | None,
) -> CollectedPolicies:
    """Return the management policies, the types that are on, and the details of some policies."""
    types = _types(viewer, connection, as_of, management)
    made = {
        policy_id: (types[policy_id], _as_control(policy))
        for policy_id, policy in management.policies.items()
    }
    return CollectedPolicies(
        management=made,
        attached={
            PolicyType(kind): {
                target_id: tuple(made[policy.policy_id][1] for policy in held)
                for target_id, held in by_target.items()
            }
            for kind, by_target in management.attached.items()
        },
        enabled=frozenset(PolicyType(kind) for kind in management.enabled),
        details=policy_details(viewer, connection, policy_ids, as_of),
        settings={
            policy_id: policy.settings if types[policy_id] in management.collected else None
            for policy_id, policy in management.policies.items()
        },
    )


def policy_details(
    viewer: Viewer, connection: Connection, policy_ids: Iterable[str], as_of: datetime | None
) -> Mapping[str, PolicyDetails]:
    """Return the texts, descriptions and tags of policies by id."""
    wanted = {one for one in policy_ids if one.startswith("p-")}
    if not wanted:
        return {}
    rows = policies(viewer, connection=connection, as_of=as_of).filter(policy_id__in=wanted)
    return {
        row.policy_id: PolicyDetails(row.content.text, row.description, dict(row.tags))
        for row in rows.select_related("content")
    }


def _needs_more(organization: CompiledOrganization, operation: Operation) -> bool:
    if operation.kind in _NEED_TYPES or operation.kind in _NEED_DETAILS:
        return True
    if operation.policy_type and operation.policy_type not in set(CONTROL_TYPES):
        return True
    return operation.policy_id.startswith("p-") and not any(
        operation.policy_id in organization.control(kind).by_id for kind in CONTROL_TYPES
    )


def _types(
    viewer: Viewer,
    connection: Connection,
    as_of: datetime | None,
    management: ManagementOrganization,
) -> dict[str, PolicyType]:
    rows: Iterable[tuple[str, str]] = (
        policies(viewer, connection=connection, as_of=as_of)
        .filter(policy_id__in=list(management.policies))
        .values_list("policy_id", "type")
    )
    return {policy_id: PolicyType(kind) for policy_id, kind in rows}


def _as_control(policy: AttachedManagementPolicy) -> ControlPolicy:
    return ControlPolicy(
        policy.policy_id, policy.name, False, policy.sha256, None, policy.diagnostics
    )
