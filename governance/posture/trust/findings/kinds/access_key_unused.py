"""Access keys that work and that nobody uses."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from governance.posture.trust.findings.access_keys import active_keys
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.findings.thresholds import trust_thresholds
from policies.trust import TrustSeverity


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find active keys without use for so long; where use is not on record nothing is said."""
    days = trust_thresholds(facts.connection).key_unused_days
    limit = facts.now - timedelta(days=days)
    for key in active_keys(facts):
        since = key.last_used_at or key.rotated_at
        if not key.is_use_known or since is None or since >= limit:
            continue
        unused = (facts.now - since).days
        used = key.last_used_at is not None
        said = f"was not used for {unused:,} days" if used else f"was never used in {unused:,} days"
        yield FoundTrust(
            subject_arn=key.arn,
            account_id=key.account_id,
            about=f"access key {key.number}",
            message=f"Access key {key.number} of {key.user_name} {said}.",
            evidence={
                "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
                "unused_days": unused,
                "limit": days,
            },
            remedy={"text": "Deactivate the key, and delete it once nothing misses it."},
        )


KIND: Final = TrustFindingKind(
    code="access-key-unused",
    label="Access key is unused",
    question="Which active access keys are unused?",
    severity=TrustSeverity.MEDIUM,
    check=check,
)
