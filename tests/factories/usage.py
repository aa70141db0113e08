"""Usage records of the small organization, and logs that were read."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from inventory.cloudtrail.denials import DenialCause
from inventory.models import Connection, LogDay, LogSource
from policies.usage import ContextText, UsageRecord
from tests.factories.edits import PAYMENTS
from tests.factories.logs import LogDayFactory, LogSourceFactory, denial_record, stored_denials

USED_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def used(
    action: str,
    *,
    account_id: str = PAYMENTS,
    principal: str = "",
    resource: str = "*",
    region: str | None = "eu-central-1",
    context: dict[str, ContextText] | None = None,
    unknown: tuple[str, ...] = (),
    count: int = 1,
    denied: int = 0,
    at: datetime = USED_AT,
) -> UsageRecord:
    """Return a record of calls; without a principal of the role `Deploy` in the account."""
    return UsageRecord(
        account_id=account_id,
        principal=principal or f"arn:aws:iam::{account_id}:role/Deploy",
        action=action,
        resource=resource,
        region=region,
        context=context or {},
        unknown_context=unknown,
        count=count,
        denied=denied,
        first_at=at - timedelta(hours=1),
        last_at=at,
    )


def log_source(connection: Connection, *, listed_at: datetime) -> LogSource:
    """Store a source of logs that was listed at a time."""
    return LogSourceFactory.create(connection=connection, last_listed_at=listed_at)


def log_days(source: LogSource, account_ids: Iterable[str], *, until: date, days: int) -> None:
    """Store that the logs of some days were read of each account."""
    LogDay.objects.bulk_create(
        LogDayFactory.build(
            source=source,
            account_id=account_id,
            day=until - timedelta(days=number),
            newest_at=datetime.combine(until - timedelta(days=number), time(23, 55), UTC),
        )
        for account_id in account_ids
        for number in range(days)
    )


def store_denial(
    connection: Connection,
    *,
    account_id: str,
    action: str,
    at: datetime,
    policy_type: str = "service control policy",
    resource: str = "*",
) -> None:
    """Store that a call of the role `Deploy` was denied once."""
    stored_denials(
        connection,
        denial_record(
            account_id=account_id,
            principal=f"arn:aws:iam::{account_id}:role/Deploy",
            action=action,
            resource=resource,
            cause=DenialCause(policy_type, "", True),
            count=1,
            first_at=at,
            last_at=at,
        ),
    )
