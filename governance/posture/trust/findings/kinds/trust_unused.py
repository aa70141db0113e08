"""Roles that let in somebody from elsewhere, and that nobody uses."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from governance.posture.identities.classing import IdentityFacts, IdentityKind, classify
from governance.posture.trust.findings.facts import PrincipalFact, TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.findings.thresholds import trust_thresholds
from governance.posture.trust.models import TrustEdge
from policies.trust import TrustSeverity

_WITHIN: Final = (
    *(TrustEdge.Crossing.ACCOUNT, TrustEdge.Crossing.NONE, TrustEdge.Crossing.SERVICE),
)


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find roles without use for so long; where use was not collected nothing is said.

    Roles for emergencies are left out: that nobody uses them is as it should be.

    AWS keeps the last use of a role for 400 days; no use on record means none in that time.
    """
    days = trust_thresholds(facts.connection).unused_days
    limit = facts.now - timedelta(days=days)
    roles = {(one.account_id, one.arn): one for one in facts.principals if one.kind == "role"}
    crossing: dict[tuple[str, str], int] = {}
    for edge in facts.edges:
        is_let_in = edge.state in (TrustEdge.EdgeState.OPEN, TrustEdge.EdgeState.GUARDED)
        if edge.resource_type == "role" and edge.crossing not in _WITHIN and is_let_in:
            key = (edge.account_id, edge.resource_arn)
            crossing[key] = crossing.get(key, 0) + 1
    for key, count in crossing.items():
        role, activity = roles.get(key), facts.activity.get(key)
        if role is None or activity is None or _is_for_emergencies(role):
            continue
        since = activity.last_used_at or role.created_at
        if since is None or since >= limit:
            continue
        unused = (facts.now - since).days
        used = activity.last_used_at is not None
        said = f"was not used for {unused:,} days" if used else "has no use on record"
        ways = (
            "1 trust edge from elsewhere" if count == 1 else f"{count:,} trust edges from elsewhere"
        )
        yield FoundTrust(
            subject_arn=role.arn,
            account_id=role.account_id,
            message=f"Role {role.name} {said} and has {ways}.",
            evidence={
                "last_used_at": activity.last_used_at.isoformat()
                if activity.last_used_at
                else None,
                "created_at": role.created_at.isoformat() if role.created_at else None,
                "edges": count,
                "limit": days,
            },
            remedy={"text": "Remove the trust, and delete the role once nothing misses it."},
        )


def _is_for_emergencies(role: PrincipalFact) -> bool:
    classed = classify(IdentityFacts(role.kind, role.name, role.path))
    return classed.kind is IdentityKind.BREAK_GLASS


KIND: Final = TrustFindingKind(
    code="trust-unused",
    label="Trust is unused",
    question="Which roles trusted from elsewhere are unused?",
    severity=TrustSeverity.LOW,
    check=check,
)
