"""`deleted-principal`: a unique id that AWS left in place of a user or role that is gone.

Source: IAM user guide, "IAM identifiers", "Unique identifiers".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.edges import TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, names_of, remedy


def check_deleted(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that name somebody who was deleted."""
    by_statement: dict[int, list[int]] = {}
    for place, edge in enumerate(subject.edges):
        if edge.principal.kind is TrustPrincipalKind.DELETED:
            by_statement.setdefault(edge.statement, []).append(place)
    for index, places in sorted(by_statement.items()):
        names = names_of(subject.edges[place] for place in places)
        yield finding(
            "deleted-principal",
            TrustSeverity.LOW,
            index,
            f"{names} is what AWS left of a user or role that was deleted; it gives nobody access.",
            remedy("Remove it from Principal."),
        )
