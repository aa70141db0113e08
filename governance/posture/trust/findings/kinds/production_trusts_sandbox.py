"""Production that lets in a sandbox."""

from collections.abc import Iterator
from typing import Final

from governance.access.owners.environments import Environment
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.models import TrustEdge
from policies.trust import TrustSeverity


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find edges that somebody can use from a sandbox account into a production account.

    An account whose environment is not known is neither.
    """
    labels = facts.labels
    for edge in facts.edges:
        if edge.crossing != TrustEdge.Crossing.ENVIRONMENT or not edge.principal_account_id:
            continue
        if edge.state == TrustEdge.EdgeState.BLOCKED:
            continue
        here = labels.environment(edge.account_id)
        there = labels.environment(edge.principal_account_id)
        if there.value is not Environment.SANDBOX:
            continue
        sandbox, production = (
            facts.account_name(edge.principal_account_id),
            facts.account_name(edge.account_id),
        )
        yield FoundTrust(
            subject_arn=edge.resource_arn,
            account_id=edge.account_id,
            edge_key=edge.key,
            statement=edge.statement,
            message=f"{edge.resource_name} of the production account {production} trusts "
            f"{edge.principal_id} of the sandbox account {sandbox}.",
            evidence={
                "sandbox_account_id": edge.principal_account_id,
                "sandbox_because": there.source_words,
                "production_because": here.source_words,
            },
            remedy={
                "text": f"Remove {edge.principal_id} from the policy, or trust a role of a "
                "production account that does the same work."
            },
        )


KIND: Final = TrustFindingKind(
    code="production-trusts-sandbox",
    label="Production trusts sandbox",
    question="Which production accounts trust a sandbox account?",
    severity=TrustSeverity.HIGH,
    check=check,
)
