"""`allow-with-not-principal`: NotPrincipal with Allow lets in everybody who is not listed.

Source: IAM user guide, "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.language.document import Effect
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy


def check_not_principal(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that allow everybody but those listed."""
    for index, statement in enumerate(subject.question.policy.statements):
        if statement.effect is not Effect.ALLOW or statement.not_principals is None:
            continue
        edges = [edge for edge in subject.edges if edge.statement == index]
        is_open = any(map(subject.is_open, edges)) or not edges
        limited = bool(edges) and all(map(subject.is_limited, edges))
        severity = TrustSeverity.CRITICAL if is_open and not limited else TrustSeverity.MEDIUM
        yield finding(
            "allow-with-not-principal",
            severity,
            index,
            "Allow with NotPrincipal allows everyone not listed, including anonymous callers.",
            remedy(
                "Name the intended principals with Principal, and deny the others in a separate "
                "statement."
            ),
        )
