"""`organization-wide-trust`: everybody in the organization may do something powerful.

Source: IAM user guide, "aws:PrincipalOrgID"; "Security best practices in IAM" (least privilege).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import GuardKind, PolicyCrossing, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import LIMITING, TrustSubject, finding, remedy

_FURTHER = (LIMITING - {GuardKind.ORGANIZATION}) | {GuardKind.EXTERNAL_ID, GuardKind.SERVICE}


def check_organization_wide(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that allow powerful actions to a whole organization."""
    for index, edges in subject.open_edges(TrustPrincipalKind.ORGANIZATION):
        wide = [
            edge
            for edge in edges
            if not subject.holding(edge, _FURTHER)
            and (
                subject.lets_assume(edge) if subject.is_trust_policy else subject.is_powerful(edge)
            )
        ]
        if not wide:
            continue
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
            f"Every principal of every account in {wide[0].principal.id} may {what}, if its own "
            "account lets it.",
            remedy(
                "Name the roles that use it, or the part of the organization that is meant.",
                condition={
                    "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ROLE_NAME"},
                    "ForAnyValue:StringLike": {
                        "aws:PrincipalOrgPaths": f"{wide[0].principal.id}/r-ROOT/ou-OU/*"
                    },
                },
            ),
        )
