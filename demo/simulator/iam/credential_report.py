"""iam:GenerateCredentialReport and GetCredentialReport.

moto's report lacks the root user, rotation and the last use of keys. A report is ready a moment
after it was asked for and holds for four hours, as AWS's does.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.iam.models import AccessKey, IAMBackend, User

from demo.simulator.errors import AwsError

Members = dict[str, Any]

COLUMNS = (
    *("user", "arn", "user_creation_time", "password_enabled", "password_last_used"),
    *("password_last_changed", "password_next_rotation", "mfa_active"),
    *("access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date"),
    *("access_key_1_last_used_region", "access_key_1_last_used_service"),
    *("access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date"),
    *("access_key_2_last_used_region", "access_key_2_last_used_service"),
    *("cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"),
)
_HOLDS = timedelta(hours=4)


@dataclass(slots=True)
class RootUser:
    """The root user of an account, which only the credential report and the summary tell of."""

    created_at: datetime
    password_last_used_at: datetime | None = None
    mfa: bool = True
    access_keys: list[tuple[datetime, datetime | None]] = field(default_factory=list)


class CredentialReports:
    """The reports of one simulator. `seconds`: how long AWS takes to make one."""

    def __init__(self, seconds: float = 0.2) -> None:
        self.seconds = seconds
        self.roots: dict[str, RootUser] = {}
        self._lock = threading.Lock()
        self._ready_at: dict[str, datetime] = {}

    def generate(self, backend: IAMBackend, now: datetime) -> Members:
        with self._lock:
            ready_at = self._ready_at.get(backend.account_id)
            if ready_at is None or now > ready_at + _HOLDS:
                self._ready_at[backend.account_id] = now + timedelta(seconds=self.seconds)
                return {
                    "State": "STARTED",
                    "Description": "No report exists. Starting a new report generation task",
                }
        return {"State": "COMPLETE" if ready_at <= now else "INPROGRESS"}

    def get(self, backend: IAMBackend, now: datetime) -> Members:
        """Return the report.

        :raises AwsError: ReportNotPresent, ReportInProgress or ReportExpired.
        """
        ready_at = self._ready_at.get(backend.account_id)
        if ready_at is None:
            raise AwsError(
                "ReportNotPresent",
                "No report is present. Generate a credential report.",
                status=410,
            )
        if now < ready_at:
            raise AwsError("ReportInProgress", "The report is being generated.", status=404)
        if now > ready_at + _HOLDS:
            raise AwsError("ReportExpired", "The report has expired.", status=410)
        lines = [",".join(COLUMNS), *(",".join(row) for row in self._rows(backend, now))]
        return {
            "Content": "\n".join(lines).encode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": ready_at,
        }

    def forget(self) -> None:
        self._ready_at.clear()

    def _rows(self, backend: IAMBackend, now: datetime) -> Iterable[list[str]]:
        if root := self.roots.get(backend.account_id):
            yield _root_row(backend.account_id, root)
        for user in list(backend.users.values()):
            yield _user_row(user, backend)


def _root_row(account_id: str, root: RootUser) -> list[str]:
    keys: list[tuple[str, ...]] = [
        ("true", _time(created_at), _time(used_at), *_used(used_at))
        for created_at, used_at in root.access_keys
    ]
    return [
        "<root_account>",
        f"arn:aws:iam::{account_id}:root",
        _time(root.created_at),
        "not_supported",
        _time(root.password_last_used_at, "no_information"),
        "not_supported",
        "not_supported",
        "true" if root.mfa else "false",
        *_two_keys(keys),
        *("false", "N/A", "false", "N/A"),
    ]


def _user_row(user: User, backend: IAMBackend) -> list[str]:
    password: list[str] = ["false", "N/A", "N/A", "N/A"]
    if user.password:
        changed_at = _utc(getattr(user, "password_changed_at", user.create_date))
        policy = backend.account_password_policy
        rotation = "N/A"
        if policy is not None and policy.max_password_age:
            rotation = _time(changed_at + timedelta(days=policy.max_password_age))
        used = _time(user.password_last_used, "no_information")
        password = ["true", used, _time(changed_at), rotation]
    return [
        user.name,
        user.arn,
        _time(user.create_date),
        *password,
        "true" if user.mfa_devices else "false",
        *_two_keys([_key(key) for key in user.access_keys]),
        *("false", "N/A", "false", "N/A"),
    ]


def _key(key: AccessKey) -> tuple[str, ...]:
    used = key.last_used
    used_at = used.timestamp if used is not None else None
    where = (used.region, used.service) if used is not None else ("N/A", "N/A")
    active = "true" if key.status == "Active" else "false"
    return active, _time(key.create_date), _time(used_at), *where


def _used(used_at: datetime | None) -> tuple[str, str]:
    return ("N/A", "N/A") if used_at is None else ("us-east-1", "iam")


def _two_keys(keys: list[tuple[str, ...]]) -> list[str]:
    none = ("false", "N/A", "N/A", "N/A", "N/A")
    first, second = (*keys, none, none)[:2]
    return [*first, *second]


def _time(moment: datetime | None, absent: str = "N/A") -> str:
    return absent if moment is None else _utc(moment).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
