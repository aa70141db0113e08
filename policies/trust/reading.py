"""From a policy to the edges that it opens.

`TrustReader` reads many policies of one organization; `trust_edges` answers one question.
"""

from __future__ import annotations

from collections.abc import Mapping

from policies.compiled import Compiler, default_compiler
from policies.language.document import PolicyDocument, Statement
from policies.language.policy_types import PolicyType
from policies.trust.actions import concerns, known_actions, service_of
from policies.trust.crossing import crossing_of
from policies.trust.edges import PolicyEdge
from policies.trust.question import Levels, TrustedResource, TrustOrganization, TrustQuestion
from policies.trust.sources import EdgeSource, sources_of


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
        question = self.question(policy, policy_type, resource)
        return tuple(
            self._edge(question, number, statement, source)
            for number, statement in enumerate(policy.statements)
            if self._opens(statement, resource)
            for source in sources_of(statement, policy_type)
            if self._actions(question, statement)
        )

    def _opens(self, statement: Statement, resource: TrustedResource) -> bool:
        return concerns(statement, resource.arn)

    def _actions(self, question: TrustQuestion, statement: Statement) -> tuple[str, ...]:
        service = service_of(question.resource.arn)
        return known_actions(statement, self.compiler.catalogue, service, question.policy_type)

    def _edge(
        self, question: TrustQuestion, number: int, statement: Statement, source: EdgeSource
    ) -> PolicyEdge:
        return PolicyEdge(
            statement=number,
            sid=statement.sid,
            principal=source.principal,
            actions=self._actions(question, statement),
            crossing=crossing_of(source.principal, self.organization, question.resource),
        )


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
