"""When principals were last used, and how old that is: kept in place, written where it differs."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Final

from django.db import connection as database

from inventory.models import Connection, CredentialReport, PrincipalActivity
from inventory.records import CredentialReportRecord, PrincipalActivityRecord

_COLUMNS: Final = (
    "last_used_at",
    "last_used_region",
    "password_last_used_at",
    "access_key_1_last_used_at",
    "access_key_1_last_used_service",
    "access_key_2_last_used_at",
    "access_key_2_last_used_service",
)
_BATCH: Final = 1000
_values = attrgetter(*_COLUMNS)
_STORED: Final = (
    f"SELECT id, arn, {', '.join(_COLUMNS)} FROM {PrincipalActivity._meta.db_table}"  # noqa: S608
    " WHERE connection_id = %s AND account_id = %s AND arn"
)
_STORED_OF: Final = {
    "role": f"{_STORED} LIKE '%%:role/%%'",
    "user": f"{_STORED} NOT LIKE '%%:role/%%'",
}
_KEEP_REPORT: Final = f"""
    INSERT INTO {CredentialReport._meta.db_table} AS kept (connection_id, account_id, generated_at)
    VALUES (%s, %s, %s)
    ON CONFLICT (connection_id, account_id) DO UPDATE SET generated_at = EXCLUDED.generated_at
    WHERE kept.generated_at <> EXCLUDED.generated_at
"""  # noqa: S608


def keep_activity(
    read: Iterable[PrincipalActivityRecord],
    *,
    connection: Connection,
    account_id: str,
    kind: str,
    complete: bool,
) -> None:
    """Store what was read of the use of an account's principals of one `kind`, role or user.

    A principal that is gone loses its row, if the reading was `complete`.
    """
    wanted = {record.arn: record for record in read}
    stored = _stored(connection, account_id, kind)
    opening, changing = [], []
    for arn, record in wanted.items():
        values = _values(record)
        known = stored.get(arn)
        if known is not None and known[1] == values:
            continue
        named = dict(zip(_COLUMNS, values, strict=True))
        row = PrincipalActivity(connection=connection, account_id=account_id, arn=arn, **named)
        if known is None:
            opening.append(row)
        else:
            row.pk = known[0]
            changing.append(row)
    if opening:
        PrincipalActivity.objects.bulk_create(opening, batch_size=_BATCH)
    if changing:
        PrincipalActivity.objects.bulk_update(changing, _COLUMNS, batch_size=_BATCH)
    gone = [pk for arn, (pk, _) in stored.items() if arn not in wanted] if complete else []
    if gone:
        PrincipalActivity.objects.filter(pk__in=gone).delete()


def _stored(
    connection: Connection, account_id: str, kind: str
) -> dict[str, tuple[int, tuple[Any, ...]]]:
    """Return by ARN the primary key and the values of what is stored."""
    with database.cursor() as cursor:
        cursor.execute(_STORED_OF[kind], [connection.pk, account_id])
        return {arn: (pk, tuple(values)) for pk, arn, *values in cursor.fetchall()}


def keep_credential_report(
    report: CredentialReportRecord, *, connection: Connection, account_id: str
) -> None:
    """Store when AWS made the report that was read of an account, if it is another one."""
    with database.cursor() as cursor:
        cursor.execute(_KEEP_REPORT, [connection.pk, account_id, report.generated_at])
