"""`cognito-without-audience`, `cognito-unauthenticated`: whom an identity pool signs in.

Every Cognito identity pool of every account has one issuer; `cognito-identity.amazonaws.com:aud`
tells the pool. A pool can sign in guests, whom `…:amr` tells apart.

Source: Cognito developer guide, "Role trust and permissions", "IAM roles".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.trust.admitted import fixed_condition
from policies.trust.findings.federation import FederatedEdge, federated_edges
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy

_GUEST = ("unauthenticated",)


def check_cognito(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that let in identities of any pool, or guests."""
    for index, federated in federated_edges(subject):
        if not federated.provider.is_cognito:
            continue
        host = federated.host
        if not federated.fixes_tenant:
            yield finding(
                "cognito-without-audience",
                TrustSeverity.CRITICAL,
                index,
                "Identities of any Cognito identity pool in any AWS account may assume this role.",
                remedy(
                    "Name your identity pool.",
                    condition={
                        "StringEquals": {f"{host}:aud": "REGION:IDENTITY_POOL_ID"},
                        "ForAnyValue:StringLike": {f"{host}:amr": "authenticated"},
                    },
                ),
            )
        elif _lets_guests_in(federated, subject.question.policy.expands_variables):
            meant = any(_is_amr(r.guard.key) for r in federated.readings)
            yield finding(
                "cognito-unauthenticated",
                TrustSeverity.LOW if meant else TrustSeverity.MEDIUM,
                index,
                "Unauthenticated identities of the pool (guests) may assume this role.",
                remedy(
                    "Ask for an authenticated identity, and give guests a role of their own.",
                    condition={"ForAnyValue:StringLike": {f"{host}:amr": "authenticated"}},
                ),
            )


def _is_amr(key: str) -> bool:
    return key.lower().endswith(":amr")


def _lets_guests_in(federated: FederatedEdge, expands: bool) -> bool:
    asked = [
        fixed_condition(r.condition, expands=expands, known={})
        for r in federated.readings
        if _is_amr(r.guard.key)
    ]
    return all(condition.holds(lambda _: _GUEST) is True for condition in asked)
