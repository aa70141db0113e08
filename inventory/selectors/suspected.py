"""Deletions that runs suspect: their list, and how much of some tables they concern."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, F, Func, IntegerField, Max, Q, QuerySet, Sum

from inventory.models import Connection, InventoryRun, SuspectedDeletion
from inventory.record_types import RECORD_TYPES, Keep, Owner
from inventory.viewing import Viewer, visible

_WAITING = SuspectedDeletion.State.SUSPECTED
# The tables of whose rows deletions may be suspected: all, and those of what is in accounts.
ALL_TABLES: Final = tuple(
    declared.table for declared in RECORD_TYPES.values() if declared.keep == Keep.VERSIONS
)
ACCOUNT_TABLES: Final = tuple(
    declared.table
    for declared in RECORD_TYPES.values()
    if declared.keep == Keep.VERSIONS and declared.owner == Owner.ACCOUNT
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is suspected to be deleted and stays listed. `rows`: table → how many rows.

    `accounts`: in how many accounts, 0 for the organization's own. `missing_at`: start of the
    newest run that lacked some of them; `run_id`: that run, None if it is no longer kept.
    """

    rows: Mapping[str, int]
    accounts: int
    missing_at: datetime
    run_id: int | None


def suspected_deletions(viewer: Viewer, *, connection: Connection) -> "QuerySet[SuspectedDeletion]":
    """Every suspected deletion, decided or not, the newest first."""
    rows = SuspectedDeletion.objects.filter(connection=connection).select_related("decided_by")
    return visible(rows, viewer).order_by("-missing_at", "table", "account_id")


def found_missing_by(viewer: Viewer, *, run: InventoryRun) -> "QuerySet[SuspectedDeletion]":
    """What one run was the first to lack and held back."""
    if run.started_at is None:
        return SuspectedDeletion.objects.none()
    return suspected_deletions(viewer, connection=run.connection).filter(missing_at=run.started_at)


def suspicion(
    viewer: Viewer,
    *,
    connection: Connection,
    tables: Collection[str],
    account_id: str | None = None,
    as_of: datetime | None = None,
) -> Suspicion | None:
    """Return what of some tables is suspected, now or at a past time; None: nothing.

    `account_id`: only there. One query where nothing is.
    """
    rows = suspected_deletions(viewer, connection=connection).filter(table__in=tables)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if as_of is None:
        waiting = Func(F("row_ids"), function="CARDINALITY", output_field=IntegerField())
        rows = rows.filter(state=_WAITING).annotate(rows=waiting)
    else:
        undecided = Q(decided_at__isnull=True) | Q(decided_at__gt=as_of)
        rows = rows.filter(undecided, missing_at__lte=as_of).annotate(rows=F("missing"))
    counted = list(
        rows.order_by()
        .values("table")
        .annotate(
            number=Sum("rows"),
            accounts=Count("account_id", filter=~Q(account_id=""), distinct=True),
            newest=Max("missing_at"),
        )
    )
    if not counted:
        return None
    newest = max(row["newest"] for row in counted)
    run = InventoryRun.objects.filter(connection=connection, started_at=newest).first()
    return Suspicion(
        rows={row["table"]: row["number"] for row in counted},
        accounts=max(row["accounts"] for row in counted),
        missing_at=newest,
        run_id=run.pk if run is not None else None,
    )
