"""Where logs come from, and how much of them is known: the first thing to ask of any usage.

Without logs usage is not known; it is never nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum, Window
from django.db.models.functions import Lag

from inventory.models import Account, Connection, LogDay, LogObject, LogSource
from inventory.selectors.log_places import COVERED, LogPlaceDays, digests_of, log_places
from inventory.viewing import Viewer, targets_seen, visible

# So many gaps and accounts are named; how many there are is counted.
_NAMED: Final = 200


class LogHealthState(StrEnum):
    """How far the logs of some days are known.

    NO_SOURCE: nobody has said where logs are: nothing is known of usage. INCOMPLETE: some were not
    read, or are missing. COMPLETE: all that was found was read, without a gap.
    """

    NO_SOURCE = "no_source"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


_STATE: Final = LogHealthState


@dataclass(frozen=True, slots=True)
class LogGap:
    """Days without any file of an account and region that has files before and after them."""

    account_id: str
    region: str
    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True)
class RefusedLogs:
    """Files that could not be read, or not to their end, for one reason."""

    state: str
    why: str
    objects: int
    size_bytes: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class LogHealth:
    """How well the logs of some days are known.

    `first_day`, `last_day`: of which any were read; None: none. `gaps`: the first of
    `gaps_found`. `lag_seconds`: how old the newest file is that was read; None: none was.
    `waiting`: files found and not read yet. `unmapped_share`: of the events, those in no usage;
    None without events. `without_logs`: ids of open accounts of which no file was read, the first
    of `accounts_without_logs`. `digests`: days of an account and region by what checking
    CloudTrail's digest files of them said. `failed_days`: the first of those that failed.
    `reasons`: why it is not complete, in sentences.
    """

    state: LogHealthState
    first_day: date | None = None
    last_day: date | None = None
    gaps: tuple[LogGap, ...] = ()
    gaps_found: int = 0
    lag_seconds: int | None = None
    refused: tuple[RefusedLogs, ...] = ()
    waiting: int = 0
    events: int = 0
    unmapped: int = 0
    unmapped_share: float | None = None
    without_logs: tuple[str, ...] = ()
    accounts_without_logs: int = 0
    digests: Mapping[LogDay.Digests, int] = field(default_factory=dict)
    failed_days: tuple[LogDay, ...] = ()
    reasons: tuple[str, ...] = ()


NO_LOGS: Final = LogHealth(
    LogHealthState.NO_SOURCE, reasons=("No CloudTrail logs are read: usage is not known.",)
)


def reads_logs(connection: Connection) -> bool:
    """Return whether some source of an organization's logs is read."""
    return LogSource.objects.filter(connection=connection, is_enabled=True).exists()


def stores_events(connection: Connection) -> bool:
    """Return whether events are stored one by one: Athena counts them alone."""
    rows = LogSource.objects.filter(connection=connection, is_enabled=True)
    return rows.filter(kind=LogSource.Kind.FILES).exists()


def log_sources(viewer: Viewer, *, connection: Connection) -> "QuerySet[LogSource]":
    """Return the sources of an organization's logs, by name, to who sees all of it.

    They name the log archive's account and bucket, which others may not see.
    """
    rows = LogSource.objects.filter(connection=connection).order_by("name", "pk")
    return rows if targets_seen(viewer, connection).everything else rows.none()


def log_days(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> "QuerySet[LogDay]":
    """Return what was found and read of each account, region and day."""
    rows = LogDay.objects.filter(source__connection=connection, day__gte=since, day__lte=until)
    return rows.filter(_in_seen_accounts(viewer, connection))


def log_objects(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> "QuerySet[LogObject]":
    """Return the files of some days, newest day first."""
    rows = LogObject.objects.filter(source__connection=connection, day__gte=since, day__lte=until)
    return rows.filter(_in_seen_accounts(viewer, connection)).order_by("-day", "-pk")


def _in_seen_accounts(viewer: Viewer, connection: Connection) -> Q:
    seen = targets_seen(viewer, connection)
    return Q() if seen.everything else Q(account_id__any_of=sorted(seen.account_ids))


def log_health(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    now: datetime,
    account_ids: Collection[str] | None = None,
) -> LogHealth:
    """Judge the logs of some days, both included, of the accounts that the viewer may see.

    `account_ids`: of these alone; None: of all.
    """
    seen = targets_seen(viewer, connection)
    sources = list(LogSource.objects.filter(connection=connection).order_by("name", "pk"))
    if not sources or not (seen.everything or seen.account_ids):
        return NO_LOGS
    chosen = Q() if account_ids is None else Q(account_id__any_of=sorted(account_ids))
    span: dict[str, Any] = {"connection": connection, "since": since, "until": until}
    days = log_days(viewer, **span).filter(chosen)
    places = log_places(days, of_one_source=len(sources) == 1)
    gaps, gaps_found = _gaps(days, [place for place in places if place.has_gap])
    missing = _accounts_without(viewer, connection, chosen, places)
    events = sum(place.events - place.duplicates for place in places)
    unmapped = sum(place.unmapped for place in places)
    digests = digests_of(places)
    failed = digests[LogDay.Digests.FAILED]
    objects = log_objects(viewer, **span).filter(chosen)
    health = LogHealth(
        state=LogHealthState.INCOMPLETE,
        first_day=min((place.first_day for place in places if place.first_day), default=None),
        last_day=max((place.last_day for place in places if place.last_day), default=None),
        gaps=gaps,
        gaps_found=gaps_found,
        lag_seconds=_age(
            max((place.newest_at for place in places if place.newest_at), default=None), now
        ),
        refused=_refused(objects),
        waiting=objects.filter(state=LogObject.State.WAITING).count(),
        events=events,
        unmapped=unmapped,
        unmapped_share=unmapped / events if events else None,
        without_logs=tuple(missing[:_NAMED]),
        accounts_without_logs=len(missing),
        digests=digests,
        failed_days=_failed_days(days) if failed else (),
    )
    reasons = (
        *_reasons_of_sources(sources, named=seen.everything),
        *_reasons_of_days(health, since, min(until, now.date()), now),
        *_reasons_of_files(health, failed),
    )
    return replace(
        health,
        state=LogHealthState.INCOMPLETE if reasons else LogHealthState.COMPLETE,
        reasons=reasons,
    )


def _failed_days(days: "QuerySet[LogDay]") -> tuple[LogDay, ...]:
    failed = days.filter(digests=LogDay.Digests.FAILED)
    return tuple(failed.order_by("-day", "account_id")[:_NAMED])


def _age(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds()))


def _gaps(
    days: "QuerySet[LogDay]", places: Sequence[LogPlaceDays]
) -> tuple[tuple[LogGap, ...], int]:
    """Return the first gaps, by account and region, and how many there are.

    `places`: those that have any.
    """
    if not places:
        return (), 0
    covered = days.filter(
        COVERED,
        account_id__any_of=sorted({place.account_id for place in places}),
        region__in=sorted({place.region for place in places}),
    )
    rows = (
        covered.annotate(
            before=Window(
                Lag("day"), partition_by=[F("account_id"), F("region")], order_by=F("day").asc()
            )
        )
        .filter(day__gt=F("before") + timedelta(days=1))
        .order_by("account_id", "region", "day")
    )
    found = tuple(
        LogGap(account_id, region, before + timedelta(days=1), day - timedelta(days=1))
        for account_id, region, before, day in rows.values_list(
            "account_id", "region", "before", "day"
        )[:_NAMED]
    )
    return found, len(found) if len(found) < _NAMED else rows.count()


def _accounts_without(
    viewer: Viewer, connection: Connection, chosen: Q, places: Sequence[LogPlaceDays]
) -> list[str]:
    """Return the open accounts of which no file was read."""
    read = {place.account_id for place in places if place.first_day is not None}
    accounts = visible(Account.objects.as_of(None), viewer).filter(
        chosen, connection=connection, state="ACTIVE"
    )
    found = accounts.order_by("account_id").values_list("account_id", flat=True)
    return [account_id for account_id in found if account_id not in read]


def _refused(objects: "QuerySet[LogObject]") -> tuple[RefusedLogs, ...]:
    rows: Any = (
        objects.filter(state__in=LogObject.REFUSED_STATES)
        .order_by()
        .values("state", "why")
        .annotate(found=Count("pk"), total=Sum("size_bytes"), first=Min("day"), last=Max("day"))
        .order_by("-found", "state", "why")[:_NAMED]
    )
    return tuple(
        RefusedLogs(row["state"], row["why"], row["found"], row["total"], row["first"], row["last"])
        for row in rows
    )


def _reasons_of_sources(sources: list[LogSource], *, named: bool) -> Iterator[str]:
    if not any(source.is_enabled for source in sources):
        yield "Reading is switched off for every log source."
    for source in sources:
        if source.problem:
            yield f"{source.name}: {source.problem}" if named else "A log source was not listed."


def _reasons_of_days(health: LogHealth, since: date, until: date, now: datetime) -> Iterator[str]:
    if health.first_day is None or health.last_day is None:
        yield "No log file of these days was read."
        return
    if health.first_day > since:
        yield f"Logs begin on {health.first_day}; the days before are not known."
    if health.last_day < until:
        yield f"Logs end on {health.last_day}; the days after are not known."
    late = health.lag_seconds is None or health.lag_seconds > settings.INVENTORY_LOG_LATE_SECONDS
    if until >= now.date() and late:
        yield f"The newest log file that was read is {_hours(health.lag_seconds or 0)} old."


def _reasons_of_files(health: LogHealth, failed_digests: int) -> Iterator[str]:
    if health.waiting:
        yield f"{_counted(health.waiting, 'log file')} found and not read yet."
    refused = sum(each.objects for each in health.refused)
    if refused:
        yield f"{_counted(refused, 'log file')} could not be read, or not to the end."
    if health.gaps_found:
        yield f"{_counted(health.gaps_found, 'gap')} of whole days without a log file."
    if health.accounts_without_logs:
        yield f"{_counted(health.accounts_without_logs, 'account')} without any log file."
    if failed_digests:
        yield f"{_counted(failed_digests, 'day')} whose digest files do not match the log files."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _hours(seconds: int) -> str:
    hours = round(seconds / 3600)
    return _counted(hours, "hour") if hours < 72 else _counted(round(hours / 24), "day")


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far the logs of an account and region were read.

    `newest_at`: the time of the newest file that was read; None: none was. `waiting_since`: the
    first day of which files wait or are denied; None: none. `size_bytes`: of the files of the days.
    """

    account_id: str
    region: str
    first_day: date
    last_day: date
    newest_at: datetime | None
    waiting_since: date | None
    objects: int
    events: int
    size_bytes: int


def watermarks(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> list[Watermark]:
    """Return how far each account and region was read, in three queries, the oldest first."""
    rows: Any = (
        log_days(viewer, connection=connection, since=since, until=until)
        .order_by()
        .values("account_id", "region")
        .annotate(
            first=Min("day"),
            last=Max("day"),
            newest=Max("newest_at"),
            found=Sum("objects_found"),
            counted=Sum("events"),
            size=Sum("size_bytes"),
        )
    )
    open_since: dict[tuple[str, str], date] = {
        (account_id, region): first
        for account_id, region, first in log_objects(
            viewer, connection=connection, since=since, until=until
        )
        .filter(state__in=LogObject.OPEN_STATES)
        .order_by()
        .values_list("account_id", "region")
        .annotate(first=Min("day"))
    }
    found = [
        Watermark(
            row["account_id"], row["region"], row["first"], row["last"], row["newest"],
            open_since.get((row["account_id"], row["region"])), row["found"], row["counted"],
            row["size"],
        )
        for row in rows
    ]  # fmt: skip
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda each: (each.newest_at or never, each.account_id, each.region))
