"""`organization-wide-trust`: everybody in the organization may do something powerful.

Source: IAM user guide, "aws:PrincipalOrgID"; "Security best practices in IAM" (least privilege).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import GuardKind, PolicyCrossing, PolicyEdge, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import LIMITING, TrustSubject, finding, remedy

_FURTHER = (LIMITING - {GuardKind.ORGANIZATION}) | {GuardKind.EXTERNAL_ID, GuardKind.SERVICE}


def check_organization_wide(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that allow powerful actions to a whole organization."""
    kinds = (TrustPrincipalKind.ORGANIZATION, TrustPrincipalKind.EVERYONE)
    for index, edges in subject.open_edges(*kinds):
        wide = [
            edge
            for edge in edges
            if _is_of_organization(edge)
            and not subject.holding(edge, _FURTHER)
            and not _leaves_units(subject, edge)
            and (
                subject.lets_assume(edge) if subject.is_trust_policy else subject.is_powerful(edge)
            )
        ]
        if not wide:
            continue
        named = [
            subject.organization_id if edge.principal.id == "*" else edge.principal.id
            for edge in wide
        ]
        organization = named[0]
        outside = any(edge.crossing is PolicyCrossing.EXTERNAL for edge in wide)
        what = (
            "assume this role"
            if subject.is_trust_policy
            else f"use {', '.join(wide[0].actions[:3])} here"
        )
        yield finding(
            "organization-wide-trust",
            TrustSeverity.HIGH if outside else TrustSeverity.MEDIUM,
            index,
            f"Every principal of every account in {' and '.join(dict.fromkeys(named))} may {what}, "
            "if its own account allows it.",
            remedy(
                "Name the roles that use it, or the intended part of the organization.",
                condition={
                    "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ROLE_NAME"},
                    "ForAnyValue:StringLike": {
                        "aws:PrincipalOrgPaths": f"{organization}/r-ROOT/ou-OU/*"
                    },
                },
            ),
        )


def _is_of_organization(edge: PolicyEdge) -> bool:
    """Whether an organization is let in, by a condition or as what denies leave of everybody."""
    return (
        edge.principal.kind is TrustPrincipalKind.ORGANIZATION
        or edge.crossing is PolicyCrossing.ORGANIZATION
    )


def _leaves_units(subject: TrustSubject, edge: PolicyEdge) -> bool:
    """Whether a deny leaves only organizational units of the organization."""
    return any(
        all(
            one.guard.holds
            and one.guard.key.lower() == "aws:principalorgpaths"
            and all("/ou-" in value for value in one.guard.values)
            for one in choices
        )
        for choices in subject.by_denies(edge)
    )
