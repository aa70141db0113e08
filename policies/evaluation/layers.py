"""Which policies bind a caller: each attachment point is a layer, and a layer may not apply.

Source: Organizations user guide, "Service control policies (SCPs)" and "Resource control policies
(RCPs)", what each does not restrict; IAM user guide, "Policy types".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies.compiled import CompiledStatement, Compiler
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import (
    PrincipalKind,
    Reach,
    RequestPrincipal,
    denies_bounded,
    principal_reach,
)
from policies.evaluation.request import OrganizationIds
from policies.language.document import PolicyDocument, Statement
from policies.language.policy_types import PolicyType


class Decider(StrEnum):
    """What can decide a request: a type of policy, or a rule that needs none.

    ALWAYS_ALLOWED and NEVER_PERMITTED are AWS's own rules: see `aws_rules`.
    """

    RESOURCE_CONTROL_POLICY = "resource_control_policy"
    SERVICE_CONTROL_POLICY = "service_control_policy"
    VPC_ENDPOINT_POLICY = "vpc_endpoint_policy"
    RESOURCE_POLICY = "resource_policy"
    IDENTITY_POLICY = "identity_policy"
    PERMISSION_BOUNDARY = "permission_boundary"
    SESSION_POLICY = "session_policy"
    ROOT_USER = "root_user"
    ALWAYS_ALLOWED = "always_allowed"
    NEVER_PERMITTED = "never_permitted"


@dataclass(frozen=True, eq=False, slots=True)
class LayerEntry:
    """One statement where it stands: `policy` and `number` count from 0, `written` is
    what was parsed, None for a statement that is known compiled only."""

    statement: CompiledStatement
    policy: int
    number: int
    written: Statement | None


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """The statements of one attachment point. `target_id` is set for SCPs and RCPs."""

    decider: Decider
    policy_type: PolicyType
    target_id: str | None
    entries: tuple[LayerEntry, ...]


@dataclass(frozen=True, eq=False, slots=True)
class BoundEntry:
    """A statement as it meets one caller; `certain` is False where Principal may not reach.

    `by_boundary`: it reaches the caller because the caller has a permissions boundary.
    """

    entry: LayerEntry
    reach: Reach
    certain: bool
    by_boundary: bool


@dataclass(frozen=True, eq=False, slots=True)
class BoundLayer:
    """A layer as it meets one caller. `exempt` says why it does not apply, None if it does."""

    layer: Layer
    exempt: str | None
    entries: tuple[BoundEntry, ...]


def compile_layers(policy_set: PolicySet, compiler: Compiler) -> tuple[Layer, ...]:
    """Compile every attachment point, in the order in which explanations show them."""
    layers = [
        *_levels(
            Decider.RESOURCE_CONTROL_POLICY,
            PolicyType.RESOURCE_CONTROL_POLICY,
            policy_set.resource_control_policies,
            compiler,
        ),
        *_levels(
            Decider.SERVICE_CONTROL_POLICY,
            PolicyType.SERVICE_CONTROL_POLICY,
            policy_set.service_control_policies,
            compiler,
        ),
    ]
    endpoint, resource = policy_set.vpc_endpoint_policy, policy_set.resource_documents
    boundary, session = policy_set.permission_boundary, policy_set.session_policies
    if endpoint is not None:
        layers.append(_layer(Decider.VPC_ENDPOINT_POLICY, None, (endpoint,), compiler))
    if resource:
        layers.append(_layer(Decider.RESOURCE_POLICY, None, resource, compiler))
    layers.append(_layer(Decider.IDENTITY_POLICY, None, policy_set.identity_policies, compiler))
    if boundary is not None:
        layers.append(_layer(Decider.PERMISSION_BOUNDARY, None, (boundary,), compiler))
    if session is not None:
        layers.append(_layer(Decider.SESSION_POLICY, None, session, compiler))
    return tuple(layers)


def layer_of_statements(
    statements: Iterable[CompiledStatement],
    decider: Decider,
    policy_type: PolicyType | None = None,
) -> Layer:
    """Return compiled statements as an attachment point; they are of no policy.

    `policy_type`: where it is not the usual one of the decider, as for a trust policy.
    """
    entries = [LayerEntry(item, 0, number, None) for number, item in enumerate(statements)]
    return Layer(decider, policy_type or _TYPES[decider], None, tuple(entries))


_TYPES: Final = {
    Decider.VPC_ENDPOINT_POLICY: PolicyType.VPC_ENDPOINT_POLICY,
    Decider.RESOURCE_POLICY: PolicyType.RESOURCE_POLICY,
    Decider.IDENTITY_POLICY: PolicyType.IDENTITY_POLICY,
    Decider.PERMISSION_BOUNDARY: PolicyType.PERMISSION_BOUNDARY,
    Decider.SESSION_POLICY: PolicyType.SESSION_POLICY,
    Decider.SERVICE_CONTROL_POLICY: PolicyType.SERVICE_CONTROL_POLICY,
    Decider.RESOURCE_CONTROL_POLICY: PolicyType.RESOURCE_CONTROL_POLICY,
}


def _levels(
    decider: Decider,
    policy_type: PolicyType,
    targets: Sequence[TargetPolicies] | None,
    compiler: Compiler,
) -> list[Layer]:
    return [
        _layer(decider, target.target_id, target.policies, compiler, policy_type)
        for target in targets or ()
    ]


def _layer(
    decider: Decider,
    target_id: str | None,
    policies: Sequence[PolicyDocument],
    compiler: Compiler,
    policy_type: PolicyType | None = None,
) -> Layer:
    entries = [
        LayerEntry(compiled, policy, number, document.statements[number])
        for policy, document in enumerate(policies)
        for number, compiled in enumerate(compiler.document(document))
    ]
    if policy_type is None:
        policy_type = _TYPES[decider]
        if decider is Decider.RESOURCE_POLICY:
            policy_type = policies[0].policy_type
    return Layer(decider, policy_type, target_id, tuple(entries))


def bind_layer(
    layer: Layer,
    principal: RequestPrincipal,
    resource_account_id: str | None,
    organization: OrganizationIds | None,
    *,
    has_boundary: bool,
) -> BoundLayer:
    """Say how a layer meets a caller. `has_boundary`: a permissions boundary binds the caller."""
    exempt = _exemption(layer.decider, principal, resource_account_id, organization)
    if exempt is not None:
        return BoundLayer(layer, exempt, ())
    bound = []
    for entry in layer.entries:
        statement = entry.statement
        reach, certain = principal_reach(
            statement, principal, layer.policy_type, has_boundary=has_boundary
        )
        by_boundary = has_boundary and denies_bounded(statement)
        bound.append(BoundEntry(entry, reach, certain, by_boundary))
    return BoundLayer(layer, None, tuple(bound))


def _exemption(
    decider: Decider,
    principal: RequestPrincipal,
    resource_account_id: str | None,
    organization: OrganizationIds | None,
) -> str | None:
    management = organization.management_account_id if organization else None
    if decider is Decider.SERVICE_CONTROL_POLICY:
        if principal.account_id is None:
            return f"service control policies do not bind a caller that is {_a(principal)}"
        if principal.account_id == management:
            return "service control policies do not bind the management account"
        if principal.is_service_linked_role:
            return "service control policies do not bind service-linked roles"
    elif decider is Decider.RESOURCE_CONTROL_POLICY:
        if resource_account_id is not None and resource_account_id == management:
            return "resource control policies do not bind the management account's resources"
        if principal.is_service_linked_role:
            return "resource control policies do not bind calls by service-linked roles"
    elif decider in _OF_IDENTITIES and not principal.has_identity_policies:
        return f"such policies do not bind a caller that is {_a(principal)}"
    return None


_OF_IDENTITIES: Final = frozenset(
    {Decider.IDENTITY_POLICY, Decider.PERMISSION_BOUNDARY, Decider.SESSION_POLICY}
)


def _a(principal: RequestPrincipal) -> str:
    if principal.kind is PrincipalKind.ANONYMOUS:
        return "anonymous"
    article = "an" if principal.kind.value[0] in "aeioI" else "a"
    return f"{article} {principal.kind}"
