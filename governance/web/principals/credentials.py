"""The credentials of a user as the credential report and the record of use tell of them."""

from dataclasses import dataclass
from datetime import datetime

from inventory.models import PrincipalActivity, UserCredential


@dataclass(frozen=True, slots=True)
class Credential:
    """A password or an access key. `state`: active, inactive, none, or unknown.

    `use_known`: whether its last use was ever read; then `used_at` is None for no use on record.
    """

    label: str
    state: str
    changed_at: datetime | None
    use_known: bool
    used_at: datetime | None
    service: str = ""


def credentials_of(
    row: UserCredential, activity: PrincipalActivity | None, *, as_of: datetime | None
) -> list[Credential]:
    """Return password and both keys. What is on record now tells nothing of a use before `as_of`
    where the newest use is later, or where there is none."""

    def used(at: datetime | None) -> tuple[bool, datetime | None]:
        if activity is None or (as_of is not None and (at is None or at > as_of)):
            return False, None
        return True, at

    password = None if row.password_enabled is None else bool(row.password_enabled)
    listed = [
        Credential(
            "Password",
            "unknown" if password is None else "active" if password else "none",
            row.password_last_changed_at,
            *used(activity.password_last_used_at if activity else None),
        )
    ]
    for label, active, rotated_at, at, service in (
        (
            "Access key 1",
            row.access_key_1_active,
            row.access_key_1_rotated_at,
            activity.access_key_1_last_used_at if activity else None,
            activity.access_key_1_last_used_service if activity else "",
        ),
        (
            "Access key 2",
            row.access_key_2_active,
            row.access_key_2_rotated_at,
            activity.access_key_2_last_used_at if activity else None,
            activity.access_key_2_last_used_service if activity else "",
        ),
    ):
        known, used_at = used(at)
        listed.append(
            Credential(
                label,
                _state(active, rotated_at),
                rotated_at,
                known,
                used_at,
                service if used_at else "",
            )
        )
    return listed


def _state(active: bool | None, rotated_at: datetime | None) -> str:
    if active is None:
        return "unknown"
    if active:
        return "active"
    # AWS reports a key that is switched off as not active, with the time it was made.
    return "inactive" if rotated_at else "none"
