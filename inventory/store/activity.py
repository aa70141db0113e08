"""When principals were last used, and how old that is: kept in place, written where it differs."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

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
    roles = Q(arn__contains=":role/")
    stored = {
        row.arn: row
        for row in PrincipalActivity.objects.filter(
            roles if kind == "role" else ~roles, connection=connection, account_id=account_id
        )
    }
    wanted = {record.arn: record for record in read}
    opening, changing = [], []
    for arn, record in wanted.items():
        values = {name: getattr(record, name) for name in _COLUMNS}
        row = stored.get(arn)
        if row is None:
            opening.append(
                PrincipalActivity(connection=connection, account_id=account_id, arn=arn, **values)
            )
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changing.append(row)
    if opening:
        PrincipalActivity.objects.bulk_create(opening, batch_size=_BATCH)
    if changing:
        PrincipalActivity.objects.bulk_update(changing, _COLUMNS, batch_size=_BATCH)
    gone = [row.pk for arn, row in stored.items() if arn not in wanted] if complete else []
    if gone:
        PrincipalActivity.objects.filter(pk__in=gone).delete()


def keep_credential_report(
    report: CredentialReportRecord, *, connection: Connection, account_id: str
) -> None:
    """Store when AWS made the report that was read of an account, if it is another one."""
    stored = CredentialReport.objects.filter(connection=connection, account_id=account_id)
    if not stored.filter(generated_at=report.generated_at).exists():
        CredentialReport.objects.update_or_create(
            connection=connection,
            account_id=account_id,
            defaults={"generated_at": report.generated_at},
        )
