"""From a policy to the edges that it opens.

`TrustReader` reads many policies of one organization; `trust_edges` answers one question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from policies.compiled import Compiler, default_compiler
from policies.language.document import Effect, PolicyDocument, Statement
from policies.language.policy_types import PolicyType
from policies.trust.actions import (
    concerns,
    known_actions,
    lets_in_services_alone,
    limits_alone,
    service_of,
)
from policies.trust.binding import POLICY
from policies.trust.chains import ChainFacts, MemberGroups
from policies.trust.crossing import crossing_of
from policies.trust.edges import (
    EdgeBlock,
    PolicyCrossing,
    PolicyEdge,
    TrustPrincipal,
    TrustPrincipalKind,
)
from policies.trust.guards import guards_of
from policies.trust.openness import EdgeProver, Openness
from policies.trust.principals import ANY_SERVICE, SAML
from policies.trust.question import Levels, TrustedResource, TrustOrganization, TrustQuestion
from policies.trust.search import RequestSearch
from policies.trust.sources import EdgeSource, sources_of
from policies.trust.tenants import tenant_of

_SERVICES_ALONE: Final = "CloudWatch Logs enforces this policy for calls by AWS services only"


class TrustReader:
    """Reads the policies of an organization's resources; keep it, since it remembers.

    `organization` of None: not known. `service_control_policies`: the levels of each caller's
    account, `resource_control_policies`: those of each resource's account, root first. Equal
    levels should be one object, and equal policies one document.
    """

    def __init__(
        self,
        organization: TrustOrganization | None = None,
        service_control_policies: Mapping[str, Levels] | None = None,
        resource_control_policies: Mapping[str, Levels] | None = None,
        compiler: Compiler | None = None,
    ) -> None:
        self.organization = organization
        self.service_control_policies = service_control_policies or {}
        self.resource_control_policies = resource_control_policies or {}
        self.compiler = compiler or default_compiler()
        self._groups = MemberGroups(
            ChainFacts(self.compiler), organization, self.service_control_policies
        )

    def question(
        self, policy: PolicyDocument, policy_type: PolicyType, resource: TrustedResource
    ) -> TrustQuestion:
        """Return the question that `edges` answers."""
        return TrustQuestion(
            policy,
            policy_type,
            resource,
            self.organization,
            self.service_control_policies,
            self.resource_control_policies.get(resource.account_id),
        )

    def edges(
        self, policy: PolicyDocument, policy_type: PolicyType, resource: TrustedResource
    ) -> tuple[PolicyEdge, ...]:
        """Return the edges into a resource that its policy opens, in the order of its statements.

        `policy_type`: TRUST_POLICY for a role, else RESOURCE_POLICY.
        """
        if limits_alone(resource.arn):
            return ()
        question = self.question(policy, policy_type, resource)
        prover = EdgeProver(RequestSearch(question, self.compiler), self._groups)
        service = service_of(resource.arn)
        edges: list[PolicyEdge] = []
        for number, statement in enumerate(policy.statements):
            if statement.effect is not Effect.ALLOW or not concerns(statement, resource.arn):
                continue
            actions = known_actions(statement, self.compiler.catalogue, service, policy_type)
            if actions:
                sources = sources_of(statement, policy_type)
                if lets_in_services_alone(resource.arn):
                    sources = tuple(map(_as_service, sources))
                edges += [
                    self._edge(question, prover, number, actions, source) for source in sources
                ]
        return tuple(edges)

    def _edge(
        self,
        question: TrustQuestion,
        prover: EdgeProver,
        number: int,
        actions: tuple[str, ...],
        source: EdgeSource,
    ) -> PolicyEdge:
        statement = question.policy.statements[number]
        openness = prover.prove(number, source)
        is_service = source.principal.kind is TrustPrincipalKind.SERVICE
        if lets_in_services_alone(question.resource.arn) and not is_service:
            block = EdgeBlock(POLICY, None, None, number, statement.sid, _SERVICES_ALONE)
            openness = Openness(blocked_by=block)
        return PolicyEdge(
            statement=number,
            sid=statement.sid,
            principal=_with_tenant(question, statement, source.principal),
            actions=actions,
            crossing=self._crossing(question, source, openness),
            guards=guards_of(question, statement, source.principal),
            blocked_by=openness.blocked_by,
            undecided=openness.undecided,
            witness=openness.witness,
        )

    def _crossing(
        self, question: TrustQuestion, source: EdgeSource, openness: Openness
    ) -> PolicyCrossing:
        """Return what an edge crosses: of everyone, the farthest from where a request passes."""
        if openness.crossing is PolicyCrossing.NONE:
            return PolicyCrossing.NONE
        if source.principal.kind is TrustPrincipalKind.EVERYONE:
            if openness.crossing is not None:
                return openness.crossing
            if openness.blocked_by is not None:
                return PolicyCrossing.NONE
        return crossing_of(source.principal, self.organization, question.resource)


def _as_service(source: EdgeSource) -> EdgeSource:
    """Return everybody as every AWS service, where a policy lets in these alone."""
    is_everyone = source.principal.kind is TrustPrincipalKind.EVERYONE
    return replace(source, principal=ANY_SERVICE) if is_everyone else source


def _with_tenant(
    question: TrustQuestion, statement: Statement, principal: TrustPrincipal
) -> TrustPrincipal:
    """Return an OpenID Connect provider with the tenant that the conditions leave of it."""
    provider = principal.provider
    if provider is None or provider == SAML:
        return principal
    expands = question.policy.expands_variables
    tenant = tenant_of(provider, statement.conditions, expands_variables=expands)
    return principal if tenant is None else replace(principal, tenant=tenant)


def trust_edges(question: TrustQuestion) -> tuple[PolicyEdge, ...]:
    """Return the edges into the question's resource, in the order of the policy's statements."""
    account_id = question.resource.account_id
    levels = question.resource_control_policies
    reader = TrustReader(
        question.organization,
        question.service_control_policies,
        {} if levels is None else {account_id: levels},
    )
    return reader.edges(question.policy, question.policy_type, question.resource)
