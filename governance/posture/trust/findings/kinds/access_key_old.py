"""Access keys that nobody has rotated for long."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from governance.posture.trust.findings.access_keys import ROOT_USER, active_keys
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.findings.thresholds import trust_thresholds
from policies.trust import TrustSeverity


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find active access keys older than the limit; where no report was read nothing is said."""
    days = trust_thresholds(facts.connection).key_age_days
    oldest = facts.now - timedelta(days=days)
    for key in active_keys(facts):
        if key.rotated_at is None or key.rotated_at >= oldest:
            continue
        age = (facts.now - key.rotated_at).days
        is_root = key.user_name == ROOT_USER
        yield FoundTrust(
            subject_arn=key.arn,
            account_id=key.account_id,
            about=f"access key {key.number}",
            severity=TrustSeverity.CRITICAL if is_root else None,
            message=f"Access key {key.number} of {'the root user' if is_root else key.user_name} "
            f"is {age:,} days old.",
            evidence={"rotated_at": key.rotated_at.isoformat(), "age_days": age, "limit": days},
            remedy={
                "text": "Delete the root user's access key."
                if is_root
                else "Give the program a role instead, or rotate the key."
            },
        )


KIND: Final = TrustFindingKind(
    code="access-key-old",
    label="Access key is old",
    question="Which active access keys were not rotated for long?",
    severity=TrustSeverity.MEDIUM,
    check=check,
)
