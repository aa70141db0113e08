"""`external-without-external-id`: another company may assume a role without an external ID.

Any of that company's other customers can then ask it to use this role: the confused deputy.

Source: IAM user guide, "The confused deputy problem", "Access to AWS accounts owned by third
parties".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import GuardKind, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import (
    TrustSubject,
    finding,
    is_external,
    names_of,
    remedy,
)

_KINDS = (
    TrustPrincipalKind.ACCOUNT,
    TrustPrincipalKind.ROLE,
    TrustPrincipalKind.USER,
    TrustPrincipalKind.SESSION,
)


def check_external_id(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that let accounts outside the organization assume a role just so."""
    if not subject.is_trust_policy:
        return
    for index, edges in subject.open_edges(*_KINDS):
        bare = [
            edge
            for edge in edges
            if is_external(edge)
            and subject.lets_assume(edge)
            and not subject.holding(edge, {GuardKind.EXTERNAL_ID})
        ]
        if not bare:
            continue
        known = subject.question.organization is not None
        where = "outside the organization" if known else "another account"
        whole = any(edge.principal.kind is TrustPrincipalKind.ACCOUNT for edge in bare)
        yield finding(
            "external-without-external-id",
            TrustSeverity.HIGH if whole else TrustSeverity.MEDIUM,
            index,
            f"{names_of(bare)} may assume this role from {where} without an external ID.",
            remedy(
                "Require the external ID that the other company assigned only to you.",
                condition={"StringEquals": {"sts:ExternalId": "ID_FROM_THE_OTHER_COMPANY"}},
            ),
        )
