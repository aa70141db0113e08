"""`wildcard-principal-weak-condition`: everybody is named, and no condition says who may come in.

An external ID, MFA, HTTPS, a referrer or a tag that the caller's own account sets can be met from
any AWS account.

Source: IAM user guide, "AWS JSON policy elements: Principal", "aws:Referer" and "aws:UserAgent".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import GuardKind, PolicyCrossing, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import LIMITING, TrustSubject, finding, remedy

_NETWORK = frozenset({GuardKind.IP, GuardKind.VPC, GuardKind.VPC_ENDPOINT})


def check_weak_condition(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements for everybody whose conditions limit nobody."""
    for index, edges in subject.open_edges(TrustPrincipalKind.EVERYONE):
        statement = subject.question.policy.statements[index]
        if statement.not_principals is not None or not statement.conditions:
            continue
        reaching = (PolicyCrossing.PUBLIC, PolicyCrossing.EXTERNAL)
        if not any(edge.crossing in reaching for edge in edges):
            continue
        by_network = all(
            subject.holding(edge, _NETWORK) and not subject.holding(edge, LIMITING - _NETWORK)
            for edge in edges
        )
        if by_network and subject.is_trust_policy:
            severity = TrustSeverity.MEDIUM
        elif any(subject.is_limited(edge) for edge in edges):
            continue
        elif subject.is_trust_policy and not subject.holding(edges[0], {GuardKind.EXTERNAL_ID}):
            severity = TrustSeverity.CRITICAL
        else:
            powerful = not subject.is_trust_policy and subject.is_powerful(edges[0])
            severity = TrustSeverity.CRITICAL if powerful else TrustSeverity.HIGH
        keys = ", ".join(dict.fromkeys(condition.key for condition in statement.conditions))
        yield finding(
            "wildcard-principal-weak-condition",
            severity,
            index,
            f"The statement names everyone, and its conditions ({keys}) can be met from any AWS "
            "account.",
            remedy(
                "Name the intended accounts or roles as Principal, or limit the statement to "
                "your organization.",
                condition={"StringEquals": {"aws:PrincipalOrgID": subject.organization_id}},
            ),
        )
