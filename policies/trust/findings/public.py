"""`public`: everybody may come in, with an AWS account or without.

Source: IAM user guide, "AWS JSON policy elements: Principal", "All principals"; S3 user guide,
"The meaning of 'public'".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import PolicyCrossing, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy


def check_public(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that let in everybody without any condition."""
    for index, edges in subject.open_edges(TrustPrincipalKind.EVERYONE):
        statement = subject.question.policy.statements[index]
        if statement.not_principals is not None or statement.conditions:
            continue
        if not any(subject.is_for_strangers(edge) for edge in edges):
            continue
        powerful = subject.is_trust_policy or any(map(subject.is_powerful, edges))
        actions = ", ".join(edges[0].actions[:3])
        if subject.is_trust_policy:
            may = "Anyone with an AWS account may assume this role."
        elif edges[0].crossing is PolicyCrossing.PUBLIC:
            may = f"Anyone may use {actions} here, without an AWS account."
        else:
            may = f"Anyone with an AWS account may use {actions} here."
        yield finding(
            "public",
            TrustSeverity.CRITICAL if powerful else TrustSeverity.HIGH,
            index,
            may,
            remedy(
                "Name the intended accounts or roles as Principal, or limit the statement to "
                "your organization.",
                condition={"StringEquals": {"aws:PrincipalOrgID": subject.organization_id}},
            ),
        )
