"""Break-glass roles that a whole account, or more, may assume without a guard."""

from collections.abc import Iterator
from typing import Final

from governance.posture.identities.classing import IdentityFacts, IdentityKind, classify
from governance.posture.trust.findings.facts import EdgeFact, PrincipalFact, TrustFacts
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
    # Whose role it is costs most to tell, and few edges let many in.
    roles = {one.arn: one for one in facts.principals if one.kind == "role"}
    for edge in facts.edges:
        if edge.principal_kind not in _WIDE or not _lets_many_in(edge) or _asks_for_mfa(edge):
            continue
        role = roles.get(edge.resource_arn)
        if role is None or not _is_break_glass(role):
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


def _is_break_glass(role: PrincipalFact) -> bool:
    found = classify(IdentityFacts(role.kind, role.name, role.path))
    return found.kind is IdentityKind.BREAK_GLASS


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
