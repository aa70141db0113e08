"""The active access keys of users, as credential reports tell them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.posture.trust.findings.facts import TrustFacts

ROOT_USER: Final = "<root_account>"


@dataclass(frozen=True, slots=True)
class ActiveAccessKey:
    """One of a user's two keys. `rotated_at`: when it was made or last changed; None: not known.

    `is_use_known`: whether its last use is on record at all; `last_used_at` of None then: never.
    """

    account_id: str
    arn: str
    user_name: str
    number: int
    rotated_at: datetime | None
    is_use_known: bool
    last_used_at: datetime | None


def active_keys(facts: TrustFacts) -> Iterator[ActiveAccessKey]:
    """Yield every active key of every account whose credential report was read."""
    for row in facts.credentials:
        activity = facts.activity.get((row.account_id, row.arn))
        for number, is_active, rotated_at, used_at in (
            (
                1,
                row.access_key_1_active,
                row.access_key_1_rotated_at,
                activity.access_key_1_last_used_at if activity else None,
            ),
            (
                2,
                row.access_key_2_active,
                row.access_key_2_rotated_at,
                activity.access_key_2_last_used_at if activity else None,
            ),
        ):
            if is_active:
                yield ActiveAccessKey(
                    row.account_id,
                    row.arn,
                    row.user_name,
                    number,
                    rotated_at,
                    activity is not None,
                    used_at,
                )
