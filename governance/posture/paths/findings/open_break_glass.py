"""Break-glass roles that a whole account, or more, may assume without a guard."""

from collections.abc import Iterator
from typing import Final

from governance.posture.identities.classing import IdentityFacts, IdentityKind, classify
from governance.posture.trust.findings.facts import EdgeFact, TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.models import TrustEdge
from policies.trust import TrustSeverity

_WIDE: Final = frozenset({"account", "organization", "organizational_unit", "everyone"})
_WHO: Final = {
    "account": "whoever in account {} may call sts:AssumeRole",
    "organization": "every principal of the organization",
    "organizational_unit": "every principal of an OU",
    "everyone": "anyone",
}
_MFA: Final = "mfa"
_ORGANIZATION: Final = "organization"


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find break-glass roles with an open edge from more than named principals, or without MFA."""
    roles = {
        one.arn: one
        for one in facts.principals
        if one.kind == "role"
        and classify(IdentityFacts(one.kind, one.name, one.path)).kind is IdentityKind.BREAK_GLASS
    }
    for edge in facts.edges:
        if edge.resource_arn not in roles or edge.principal_kind not in _WIDE:
            continue
        if not _lets_many_in(edge) or _asks_for_mfa(edge):
            continue
        who = _WHO[edge.principal_kind].format(edge.principal_account_id or edge.principal_id)
        yield FoundTrust(
            subject_arn=edge.resource_arn,
            account_id=edge.account_id,
            edge_key=edge.key,
            statement=edge.statement,
            severity=TrustSeverity.CRITICAL if edge.principal_kind != "account" else None,
            message=f"The break-glass role {edge.resource_name} in "
            f"{facts.account_name(edge.account_id)} can be assumed by {who}.",
            evidence={"principal": edge.principal_id, "statement": edge.statement},
            remedy={
                "text": "Name the emergency users one by one, and ask for MFA.",
                "condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            },
        )


def _lets_many_in(edge: EdgeFact) -> bool:
    """Whether nothing but, perhaps, the organization is asked of whoever is let in."""
    if edge.state == TrustEdge.EdgeState.OPEN:
        return True
    holding = {one.get("kind") for one in edge.guards if one.get("holds")}
    return edge.state == TrustEdge.EdgeState.GUARDED and holding == {_ORGANIZATION}


def _asks_for_mfa(edge: EdgeFact) -> bool:
    return any(one.get("kind") == _MFA and one.get("holds") for one in edge.guards)


KIND: Final = TrustFindingKind(
    code="open-break-glass",
    label="Open break-glass role",
    question="Which roles for emergencies can be assumed by more than named people?",
    severity=TrustSeverity.HIGH,
    check=check,
)
