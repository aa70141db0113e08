"""Every policy that applies to one request, and what of them is not known: see `gaps`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from governance.posture.requests.extreme_policies import with_levels
from governance.posture.requests.gaps import (
    CONTROL_DECIDERS,
    RequestGap,
    acl_not_evaluated,
    boundary_unreadable,
    control_not_collected,
    control_not_placed,
    control_unreadable,
    grants_not_known,
    identity_not_known,
    identity_unreadable,
    left_open,
    public_access_not_known,
    resource_policy_not_collected,
    resource_policy_not_readable,
    share_not_known,
    trust_not_known,
)
from governance.posture.requests.questions import AssumedPolicy, Question, UncollectedPolicy
from governance.posture.state.granted_access import granted_policy
from governance.posture.state.identities import AttachedText, Identity, IdentityKnowledge
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicy,
    InForce,
)
from governance.posture.state.resources import Resource, ResourceKnowledge
from policies import Diagnostic, PolicyDocument, PolicyType
from policies.evaluation.evaluate import TRUST_ACTIONS
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import PrincipalKind
from policies.evaluation.request import Request
from policies.trust.actions import lets_in_services_alone

__all__ = [
    "ApplicablePolicies",
    "ApplicablePolicy",
    "PolicyPlace",
    "RequestGap",
    "applicable_policies",
    "has_resource_policy",
    "is_about_trust",
    "is_collected",
    "may_have_resource_policy",
]

PolicyPlace = tuple[Decider, str | None]
"""What decides, and for SCPs and RCPs the id of the target."""


@dataclass(frozen=True, slots=True, eq=False)
class ApplicablePolicy:
    """A policy where it bears. `policy_id`: of an SCP or RCP; `arn`: of a managed policy.

    `kind`: scp, rcp, managed, inline, boundary, trust, resource or grants. `document` is None
    where it cannot be read; `collected` is False where not even its text was.
    """

    kind: str
    name: str
    policy_id: str
    arn: str
    via_group: str
    document: PolicyDocument | None
    diagnostics: tuple[Diagnostic, ...]
    collected: bool = True

    @property
    def text(self) -> str:
        """The text as AWS returned it; empty where it cannot be read."""
        return self.document.source.text if self.document and self.document.source else ""


@dataclass(frozen=True, slots=True)
class ApplicablePolicies:
    """`known`: what is known, as the engine takes it. `at`: its policies by place, in its order."""

    known: PolicySet
    at: Mapping[PolicyPlace, tuple[ApplicablePolicy, ...]]
    unreadable: Mapping[PolicyPlace, tuple[ApplicablePolicy, ...]]
    gaps: tuple[RequestGap, ...]


def applicable_policies(
    organization: CompiledOrganization,
    *,
    request: Request,
    question: Question,
    identity: Identity,
    asked_role: Identity | None,
    resource: Resource,
) -> ApplicablePolicies:
    """Gather the policies for a request.

    `asked_role`: what is known of the role that is to be assumed, if that is the request.
    `resource`: what is known of the resource's own policy otherwise.
    """
    gathering = _Gathering(organization, request, question)
    gathering.control(SCP, request.principal.account_id)
    gathering.control(RCP, request.resource_account_id)
    gathering.identity(identity)
    gathering.resource(asked_role, resource)
    gathering.parts()
    return ApplicablePolicies(
        gathering.known, gathering.at, gathering.unreadable, tuple(gathering.gaps)
    )


def has_resource_policy(action: str) -> bool:
    """Whether resources of the action's service can have policies of their own."""
    return action.partition(":")[0].lower() in _services()


def may_have_resource_policy(request: Request) -> bool:
    """Whether the resource may have a policy that AWS enforces for the caller of a request."""
    is_service = request.principal.kind is PrincipalKind.SERVICE
    return has_resource_policy(request.action) and (
        is_service or not lets_in_services_alone(request.resource)
    )


@lru_cache(maxsize=1)
def _services() -> frozenset[str]:
    text = resources.files(__package__).joinpath("resource_policy_services.json").read_text("utf-8")
    return frozenset(json.loads(text)["services"])


class _Gathering:
    def __init__(
        self, organization: CompiledOrganization, request: Request, question: Question
    ) -> None:
        self.organization = organization
        self.request = request
        self.question = question
        self.known = PolicySet(organization=organization.organization)
        self.at: dict[PolicyPlace, tuple[ApplicablePolicy, ...]] = {}
        self.unreadable: dict[PolicyPlace, tuple[ApplicablePolicy, ...]] = {}
        self.gaps: list[RequestGap] = []

    def control(self, policy_type: PolicyType, account_id: str | None) -> None:
        """Add the SCPs of the caller's account, or the RCPs of the resource's."""
        if account_id is None:
            return
        policies = self.organization.control(policy_type)
        if account_id == self.organization.management_account_id:
            # Bound by none; the engine says so at an empty level.
            if policies.in_force is InForce.IN_FORCE and account_id in self.organization.names:
                self._levels(policy_type, policies.target_policies(account_id) or ())
            return
        if account_id not in self.organization.names:
            self.gaps.append(control_not_placed(policy_type, account_id, self.organization))
            return
        if policies.in_force is InForce.NOT_COLLECTED:
            self.gaps.append(control_not_collected(policy_type, account_id))
            return
        levels = policies.target_policies(account_id)
        if levels is None:
            return
        self._levels(policy_type, levels)
        kind = "scp" if policy_type is SCP else "rcp"
        for step in levels:
            place = (CONTROL_DECIDERS[policy_type], step.target_id)
            self.at[place] = tuple(
                _control(policy, kind) for policy in policies.readable(step.target_id)
            )
            unreadable = policies.unreadable.get(step.target_id, ())
            if unreadable:
                self.unreadable[place] = tuple(_control(policy, kind) for policy in unreadable)
                self.gaps += [
                    control_unreadable(policy_type, step.target_id, policy) for policy in unreadable
                ]

    def _levels(self, policy_type: PolicyType, levels: tuple[TargetPolicies, ...]) -> None:
        self.known = with_levels(self.known, policy_type, levels)

    def identity(self, identity: Identity) -> None:
        """Add the caller's identity policies and boundary."""
        account_id = self.request.principal.account_id
        if identity.knowledge is IdentityKnowledge.NOT_NEEDED:
            return
        if identity.knowledge is not IdentityKnowledge.COLLECTED:
            self.gaps.append(identity_not_known(identity.knowledge, account_id))
            return
        place = (Decider.IDENTITY_POLICY, None)
        self.at[place] = tuple(_attached(policy) for policy in identity.readable)
        self.known = replace(self.known, identity_policies=identity.documents)
        if identity.missing:
            self.unreadable[place] = tuple(_attached(policy) for policy in identity.missing)
            self.gaps += [identity_unreadable(policy, account_id) for policy in identity.missing]
        boundary = identity.boundary
        if boundary is None:
            return
        place = (Decider.PERMISSION_BOUNDARY, None)
        if boundary.document is not None:
            self.at[place] = (_attached(boundary),)
            self.known = replace(self.known, permission_boundary=boundary.document)
            return
        self.unreadable[place] = (_attached(boundary),)
        self.gaps.append(boundary_unreadable(boundary))

    def resource(self, asked_role: Identity | None, resource: Resource) -> None:
        """Add the trust policy of the role to be assumed, or the resource's own policy."""
        if asked_role is not None:
            self._trust(asked_role)
            return
        if self.request.resource == "*":
            return
        if may_have_resource_policy(self.request):
            self._own_policy(resource)
        self._grants(resource)

    def _own_policy(self, resource: Resource) -> None:
        assumed = self.question.assumed(UncollectedPolicy.RESOURCE_POLICY)
        if assumed is AssumedPolicy.COLLECTED and is_collected(resource):
            self._collected(resource)
        elif assumed is not AssumedPolicy.NONE:
            self.gaps.append(resource_policy_not_collected(self.request))

    def _collected(self, resource: Resource) -> None:
        place = (Decider.RESOURCE_POLICY, None)
        if resource.knowledge in {ResourceKnowledge.DENIED, ResourceKnowledge.UNREADABLE}:
            self.unreadable[place] = (_own(resource, None),)
            self.gaps.append(resource_policy_not_readable(resource))
            return
        restricted = resource.restricts(self.request.principal)
        document = resource.denies_only if restricted else resource.document
        if document is not None:
            self.at[place] = (_own(resource, document),)
            self.known = replace(self.known, resource_policy=document)
        if restricted is None:
            self.gaps.append(public_access_not_known(resource))
        if resource.acl_may_allow:
            self.gaps.append(acl_not_evaluated(resource))

    def _grants(self, resource: Resource) -> None:
        """Add what grants beside the policy give: those of KMS, and shares of RAM."""
        granted = granted_policy(resource, self.organization, services_too=True)
        if granted is not None:
            place = (Decider.RESOURCE_POLICY, None)
            self.at[place] = (*self.at.get(place, ()), _granted(resource, granted))
            self.known = replace(self.known, resource_grants=granted)
        if not resource.grants_are_known:
            self.gaps.append(grants_not_known(resource))
        if resource.unknown_shares:
            self.gaps.append(share_not_known(resource))

    def _trust(self, role: Identity) -> None:
        place = (Decider.RESOURCE_POLICY, None)
        if role.knowledge is IdentityKnowledge.NOT_FOUND:
            return
        if role.trust is not None and role.trust.document is not None:
            self.at[place] = (_attached(role.trust),)
            self.known = replace(self.known, resource_policy=role.trust.document)
            return
        if role.trust is not None:
            self.unreadable[place] = (_attached(role.trust),)
        self.gaps.append(trust_not_known(self.request, role.trust))

    def parts(self) -> None:
        """Leave open what people chose to leave open."""
        self.gaps += left_open(self.question)


def is_collected(resource: Resource) -> bool:
    """Whether the inventory holds the resource, if not its policy."""
    return resource.knowledge is not ResourceKnowledge.NOT_COLLECTED


def _own(resource: Resource, document: PolicyDocument | None) -> ApplicablePolicy:
    return ApplicablePolicy(
        "resource",
        resource.name,
        "",
        resource.arn,
        "",
        document,
        resource.diagnostics,
        resource.knowledge is not ResourceKnowledge.DENIED,
    )


def _granted(resource: Resource, document: PolicyDocument) -> ApplicablePolicy:
    return ApplicablePolicy(
        "grants", f"Grants on {resource.name}", "", resource.arn, "", document, ()
    )


def is_about_trust(request: Request) -> bool:
    """Whether a role's trust policy applies to the request."""
    return request.action.lower() in TRUST_ACTIONS and ":role/" in request.resource


def _control(policy: ControlPolicy, kind: str) -> ApplicablePolicy:
    return ApplicablePolicy(
        kind, policy.name, policy.policy_id, "", "", policy.document, policy.diagnostics
    )


def _attached(policy: AttachedText) -> ApplicablePolicy:
    return ApplicablePolicy(
        policy.kind,
        policy.name,
        "",
        policy.arn,
        policy.via_group,
        policy.document,
        policy.diagnostics,
        policy.text is not None,
    )
