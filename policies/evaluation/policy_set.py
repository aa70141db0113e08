"""All policies that apply to the requests of one caller, as an organization holds them."""

from __future__ import annotations

from dataclasses import dataclass

from policies.evaluation.request import OrganizationIds
from policies.language.document import PolicyDocument


@dataclass(frozen=True, slots=True)
class TargetPolicies:
    """The policies of one type attached to one target: a root, an OU or an account."""

    target_id: str
    policies: tuple[PolicyDocument, ...]


@dataclass(frozen=True, slots=True)
class PolicySet:
    """What is in force for a caller and a resource.

    `service_control_policies`: the levels of the caller's account, root first;
    `resource_control_policies`: those of the resource's account. None means that the account is
    in no organization (or such policies are not enabled), which differs from a level that holds
    none. Of several session policies (one inline, up to ten managed) the union counts. None for
    a boundary, session, resource or endpoint policy: there is none. A policy of type
    TRUST_POLICY as `resource_policy` is read as a role's trust policy. `resource_grants`: what
    grants beside the resource policy give, such as those of KMS, as a policy of its own.
    """

    organization: OrganizationIds | None = None
    service_control_policies: tuple[TargetPolicies, ...] | None = None
    resource_control_policies: tuple[TargetPolicies, ...] | None = None
    identity_policies: tuple[PolicyDocument, ...] = ()
    permission_boundary: PolicyDocument | None = None
    session_policies: tuple[PolicyDocument, ...] | None = None
    resource_policy: PolicyDocument | None = None
    vpc_endpoint_policy: PolicyDocument | None = None
    resource_grants: PolicyDocument | None = None

    @property
    def resource_documents(self) -> tuple[PolicyDocument, ...]:
        """What lets in on the resource's side: its policy, then its grants; those there are."""
        both = (self.resource_policy, self.resource_grants)
        return tuple(each for each in both if each is not None)
