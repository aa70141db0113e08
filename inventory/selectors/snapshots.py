"""States of an organization that can be looked back on: which runs made them, how well they read.

A state is told by a time; runs write the rows of the organization with their own start, so every
run of the whole organization stands for one.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection as database
from django.db.models import Count, Max, Q, QuerySet

from inventory.collectors.collector import Reader
from inventory.collectors.registry import collectors
from inventory.models import Connection, Coverage, InventoryRun
from inventory.models.versions import Version
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.state_marks import state_marks
from inventory.selectors.versioned_tables import ORGANIZATION_TABLES
from inventory.store.rows import MODELS
from inventory.viewing import Viewer, sees_whole, visible

TAGS_COLLECTOR: Final = "organizations.tags"
_COLUMNS: Final = ("seen_from", "seen_until")


def snapshot_runs(viewer: Viewer, *, connection: Connection) -> "QuerySet[InventoryRun]":
    """Return the ended runs of the whole organization, the newest first: each is a state."""
    return (
        visible(InventoryRun.objects.filter(connection=connection), viewer)
        .filter(
            account_ids__isnull=True,
            started_at__isnull=False,
            state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
        )
        .order_by("-started_at", "-pk")
    )


def last_changed_at(viewer: Viewer, *, connection: Connection) -> datetime | None:
    """Return the start of the run that last saw something of the organization differ, or None."""
    if not viewer.sees_inventory:
        return None
    if not sees_whole(viewer, connection):
        return _last_changed_in_part(viewer, connection)
    marks = state_marks(viewer, connection=connection, tables=ORGANIZATION_TABLES)
    return max((mark for mark in marks if isinstance(mark, datetime)), default=None)


def _last_changed_in_part(viewer: Viewer, connection: Connection) -> datetime | None:
    """Return when what the viewer may see last differed, a query a table."""
    found: list[datetime | None] = []
    for table in ORGANIZATION_TABLES:
        rows = visible(table._default_manager.filter(connection=connection), viewer)
        found += rows.aggregate(began=Max("seen_from"), ended=Max("seen_until")).values()
    return max((at for at in found if at is not None), default=None)


def changed_in_runs(
    viewer: Viewer, *, connection: Connection, moments: Collection[datetime]
) -> Mapping[datetime, int]:
    """Count the rows of the organization that began or ended with runs started at `moments`.

    One query, whatever the number of runs; runs that saw nothing differ are absent.
    """
    if not viewer.sees_inventory:
        return {}
    if not sees_whole(viewer, connection):
        return _changed_in_part(viewer, connection, moments)
    touched = " UNION ALL ".join(
        f"SELECT {column} AS at FROM {table._meta.db_table} "  # noqa: S608
        f"WHERE connection_id = %s AND {column} = ANY(%s)"
        for table in ORGANIZATION_TABLES
        for column in _COLUMNS
    )
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT at, COUNT(*) FROM ({touched}) AS touched GROUP BY at",  # noqa: S608
            _parameters(connection, list(moments)),
        )
        return dict(cursor.fetchall())


def _changed_in_part(
    viewer: Viewer, connection: Connection, moments: Collection[datetime]
) -> Mapping[datetime, int]:
    """Count the rows that the viewer may see, two queries a table."""
    found: Counter[datetime] = Counter()
    for table in ORGANIZATION_TABLES:
        rows = visible(table._default_manager.filter(connection=connection), viewer).order_by()
        for column in _COLUMNS:
            touched = rows.filter(**{f"{column}__in": list(moments)}).values_list(column)
            found.update(dict(touched.annotate(number=Count("pk"))))
    return found


def _parameters(connection: Connection, value: Any) -> list[Any]:
    """Return the parameters of one query of each table and column."""
    return [connection.pk, value] * len(ORGANIZATION_TABLES) * len(_COLUMNS)


def runs_started_at(
    viewer: Viewer, *, connection: Connection, moments: Collection[datetime]
) -> Mapping[datetime, int]:
    """Return the primary keys of the runs that started at `moments`."""
    found = (
        visible(InventoryRun.objects.filter(connection=connection), viewer)
        .filter(started_at__in=list(moments))
        .values_list("started_at", "pk")
    )
    return {started_at: pk for started_at, pk in found if started_at is not None}


def snapshot_collectors() -> tuple[str, ...]:
    """Return the names of the collectors that read what `ORGANIZATION_TABLES` hold."""
    tables = set(ORGANIZATION_TABLES)
    return tuple(
        collector.name
        for collector in collectors(Reader.ORGANIZATION)
        # Tags come in a reading of their own into the rows of others.
        if collector.name == TAGS_COLLECTOR
        or any(MODELS.get(covered.record) in tables for covered in collector.covers)
    )


@dataclass(frozen=True, slots=True)
class LastReading:
    """How a collector of the organization fared when it last ran before a time.

    `state`: of `Coverage.State`. `complete_at`: when it was last complete by then; None: never.
    """

    collector: str
    state: str
    message: str
    remedy: str
    collected_at: datetime
    complete_at: datetime | None


def organization_readings(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Mapping[str, LastReading]:
    """Return by collector how the organization itself was read by a time; never read is absent."""
    rows = latest_coverage(viewer, connection=connection, as_of=as_of).filter(account_id="")
    return {
        row.collector: LastReading(
            row.collector,
            row.state,
            row.message,
            row.remedy,
            row.collected_at,
            row.last_complete_at,
        )
        for row in rows
    }


UNSUPPORTED: Final = Coverage.State.UNSUPPORTED
COMPLETE: Final = Coverage.State.COMPLETE


def held_at_either(
    viewer: Viewer,
    model: type[Version],
    *,
    connection: Connection,
    before: datetime,
    after: datetime,
) -> "QuerySet[Any]":
    """Return the rows of a table that held at one of two times, or at both."""
    held = Q()
    for moment in (before, after):
        held |= Q(seen_from__lte=moment) & (Q(seen_until__isnull=True) | Q(seen_until__gt=moment))
    return visible(model.objects.filter(connection=connection), viewer).filter(held)
