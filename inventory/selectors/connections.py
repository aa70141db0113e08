"""The connected organizations, and how fresh what is known of them is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, Min, Q, QuerySet

from inventory.models import Connection, InventoryRun
from inventory.selectors.ready_query import ReadyQuery
from inventory.viewing import Viewer, visible, visible_connections

_SHORTEST_STALE = timedelta(hours=2)
_STALE_WITHOUT_SCHEDULE = timedelta(hours=24)


def connections(viewer: Viewer) -> QuerySet[Connection]:
    """Every connection the viewer may see, by name."""
    return visible_connections(viewer).order_by("name")


def every_connection(viewer: Viewer) -> list[Connection]:
    """Read every connection the viewer may see, by name."""
    if viewer.sees_everything:
        return _EVERY.objects()
    return list(connections(viewer))


_EVERY: Final = ReadyQuery(lambda: Connection.objects.order_by("name"))


def connections_with_runs(viewer: Viewer) -> QuerySet[Connection]:
    """Every connection with `first_run_at` and `latest_run_at` of its ended whole runs, or null."""
    whole = Q(
        runs__account_ids__isnull=True,
        runs__state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
    )
    rows: QuerySet[Connection] = visible_connections(viewer).annotate(
        first_run_at=Min("runs__started_at", filter=whole),
        latest_run_at=Max("runs__started_at", filter=whole),
    )
    return rows


def connection_by_slug(viewer: Viewer, *, slug: str) -> Connection:
    """Return one connection.

    :raises Connection.DoesNotExist: there is none, or the viewer may not see it.
    """
    return visible_connections(viewer).get(slug=slug)


def stale_after(connection: Connection) -> timedelta:
    """How old a reading may be before it counts as stale: two missed runs, never under 2 hours."""
    if connection.schedule_minutes == 0 or not connection.enabled:
        return _STALE_WITHOUT_SCHEDULE
    return max(timedelta(minutes=2 * connection.schedule_minutes), _SHORTEST_STALE)


def latest_whole_run(
    viewer: Viewer, *, connection: Connection, before: datetime | None = None
) -> InventoryRun | None:
    """Return the newest ended run of the whole organization, started before `before` if given."""
    if before is None and viewer.sees_everything:
        return next(iter(_LATEST.objects(connection_id=connection.pk)), None)
    runs = _whole(visible(InventoryRun.objects.filter(connection=connection), viewer))
    if before is not None:
        runs = runs.filter(started_at__lt=before)
    return runs.first()


def _whole(rows: QuerySet[InventoryRun]) -> QuerySet[InventoryRun]:
    """Keep the runs of the whole organization that ended well, the newest first."""
    return rows.filter(
        account_ids__isnull=True,
        state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
    ).order_by("-started_at")


_LATEST: Final = ReadyQuery(
    lambda connection_id: _whole(InventoryRun.objects.filter(connection_id=connection_id))[:1],
    connection_id=-1,
)


@dataclass(frozen=True, slots=True)
class KnownSince:
    """The span that can be looked back on; None: no run has ended yet."""

    first_run_at: datetime | None
    latest_run_at: datetime | None


def known_since(viewer: Viewer, *, connection: Connection) -> KnownSince:
    """Return when the first and the newest whole runs started."""
    found = (
        visible(InventoryRun.objects.filter(connection=connection), viewer)
        .filter(
            account_ids__isnull=True,
            state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
        )
        .aggregate(first=Min("started_at"), latest=Max("started_at"))
    )
    return KnownSince(found["first"], found["latest"])


def state_before_active_run(viewer: Viewer, *, connection: Connection) -> datetime | None:
    """Return a time at which all is as it was before the run that goes on began.

    None where no run goes on, or none had ended before it: then now is all there is.
    """
    began = (
        visible(InventoryRun.objects.filter(connection=connection), viewer)
        .filter(state__in=InventoryRun.ACTIVE_STATES, started_at__isnull=False)
        .values_list("started_at", flat=True)
        .first()
    )
    if began is None or latest_whole_run(viewer, connection=connection, before=began) is None:
        return None
    return began - timedelta(microseconds=1)
