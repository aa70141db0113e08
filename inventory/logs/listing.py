"""Finding a source's files: listed by account and region from the first day that may have new ones.

Files of a day come late: most within minutes, some after hours. So each listing begins some days
back; what is known already is passed over. What a listing did not get is said on the source.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsError, AwsNotFound
from inventory.logs.keys import (
    LOGS,
    day_prefix,
    is_account_folder,
    is_region_folder,
    last_folder,
    parse_log_key,
)
from inventory.logs.session import LogSession
from inventory.models import LogDay, LogSource

_FOUND: Final = """
    INSERT INTO inventory_logobject (
        source_id, key, account_id, region, day, size_bytes, written_at, state, why, sha256, events,
        duplicates, found_at, attempts
    )
    SELECT %s, given.*, 'waiting', '', '', 0, 0, %s, 0 FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::date[], %s::bigint[], %s::timestamptz[]
    ) AS given(key)
    ORDER BY key
    ON CONFLICT (source_id, key) DO NOTHING
    RETURNING account_id, region, day, size_bytes
"""
_DAYS: Final = """
    INSERT INTO inventory_logday AS known (
        source_id, account_id, region, day, listed_at, objects_found, size_bytes, objects_read,
        events, duplicates, unmapped, digests, digests_why
    )
    SELECT %s, given.*, 0, 0, 0, 0, '', '' FROM unnest(
        %s::text[], %s::text[], %s::date[], %s::timestamptz[], %s::bigint[], %s::bigint[]
    ) AS given(account_id, region, day)
    ORDER BY account_id, region, day
    ON CONFLICT (source_id, account_id, region, day) DO UPDATE
    SET objects_found = known.objects_found + excluded.objects_found,
        size_bytes = known.size_bytes + excluded.size_bytes,
        listed_at = greatest(known.listed_at, excluded.listed_at)
"""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A log file that was listed or named by a notification."""

    key: str
    size_bytes: int
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogPlace:
    """An account and region whose files are listed, from one day on."""

    account_id: str
    region: str
    since: date


def list_source(*, source_id: int, now: datetime) -> int:
    """Find the new files of a source, each once; return how many. Safe to run twice.

    AWS: s3:ListBucket. What could not be listed is the source's `problem` until it could.
    :raises LogSource.DoesNotExist: there is none of this id.
    """
    source = LogSource.objects.select_related("connection").get(pk=source_id)
    session = LogSession(source)
    found = 0
    problems: list[str] = []
    try:
        s3 = session.client("s3")
        places = _places(s3, source, now.date())
    except AwsNotFound:
        _note(source, f"There is no bucket {source.bucket}: correct its name.", listed_at=None)
        return 0
    except AwsError as error:
        _note(source, error_text(error), listed_at=None)
        return 0
    at_once = settings.INVENTORY_LOG_LISTS_AT_ONCE
    with ThreadPoolExecutor(at_once) as pool:
        # So many at a time that what is listed and not stored yet stays small.
        for at in range(0, len(places), at_once):
            some = places[at : at + at_once]
            for files, problem in pool.map(lambda place: _listed(s3, source, place), some):
                found += add_found(source, files, now=now, listed_at=now)
                if problem:
                    problems.append(problem)
    several = f" (the first of {len(problems)} places that were not listed)" if problems[1:] else ""
    _note(source, problems[0] + several if problems else "", listed_at=now)
    return found


def error_text(error: AwsError) -> str:
    """Return what failed and what to do about it, as one text."""
    return f"{error.message}: {error.remedy}" if error.remedy else error.message


def _note(source: LogSource, problem: str, *, listed_at: datetime | None) -> None:
    source.problem = problem
    if listed_at is not None:
        source.last_listed_at = listed_at
    source.save(update_fields=["problem", "last_listed_at"])


def _places(s3: AwsClient, source: LogSource, today: date) -> list[LogPlace]:
    """Return where files may be, by account and region."""
    newest = _newest_days(source)
    back = timedelta(days=settings.INVENTORY_LOG_LATE_DAYS)
    places: list[LogPlace] = []
    for account in _folders(s3, source, source.root):
        if not is_account_folder(account):
            continue
        account_id = last_folder(account)
        for region_folder in _folders(s3, source, f"{account}{LOGS}/"):
            if is_region_folder(region_folder):
                region = last_folder(region_folder)
                # From the last day with files, should reading have been off for long.
                known = min(newest.get((account_id, region), source.read_from), today)
                places.append(LogPlace(account_id, region, max(source.read_from, known - back)))
    return places


def _newest_days(source: LogSource) -> dict[tuple[str, str], date]:
    days = LogDay.objects.filter(source=source, listed_at__isnull=False)
    newest = days.order_by("account_id", "region", "-day").distinct("account_id", "region")
    return {(row.account_id, row.region): row.day for row in newest}


def _folders(s3: AwsClient, source: LogSource, prefix: str) -> Iterator[str]:
    for page in s3.pages("list_objects_v2", Bucket=source.bucket, Prefix=prefix, Delimiter="/"):
        for each in page.get("CommonPrefixes") or []:
            yield each["Prefix"]


def _listed(s3: AwsClient, source: LogSource, place: LogPlace) -> tuple[list[FoundFile], str]:
    """Return the files of a place, and in words why not all of them, or ''."""
    files: list[FoundFile] = []
    prefix = day_prefix(source.root, place.account_id, LOGS, place.region)
    after = day_prefix(source.root, place.account_id, LOGS, place.region, place.since)
    try:
        for page in s3.pages(
            "list_objects_v2", Bucket=source.bucket, Prefix=prefix, StartAfter=after
        ):
            files.extend(
                FoundFile(each["Key"], each["Size"], each["LastModified"])
                for each in page.get("Contents") or []
            )
    except AwsError as error:
        return files, error_text(error)
    return files, ""


def add_found(
    source: LogSource,
    files: Sequence[FoundFile],
    *,
    now: datetime,
    listed_at: datetime | None,
) -> int:
    """Store the files that are not known yet, to be read; return how many those were.

    `listed_at`: None where a notification named them. Files of days before the source's first are
    passed over, and notifications of days whose files are no longer known one by one.
    """
    first = source.read_from
    if listed_at is None:
        first = max(first, now.date() - timedelta(days=settings.INVENTORY_LOG_FILE_DAYS))
    rows = [
        (file.key, key.account_id, key.region, key.day, file.size_bytes, file.written_at)
        for file in files
        if (key := parse_log_key(file.key)) is not None
        and key.day >= first
        and file.key.startswith(source.root)
    ]
    if not rows:
        return 0
    new = 0
    for piece in _pieces(rows):
        new += _add_rows(source, piece, now, listed_at)
    return new


def _pieces(rows: list[Any]) -> Iterable[list[Any]]:
    return (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))


_AT_ONCE: Final = 2000


@transaction.atomic
def _add_rows(
    source: LogSource, rows: Sequence[tuple[Any, ...]], now: datetime, listed_at: datetime | None
) -> int:
    columns = [list(column) for column in zip(*rows, strict=True)]
    days = {(account, region, day): [0, 0] for _, account, region, day, _, _ in rows}
    with database.cursor() as cursor:
        cursor.execute(_FOUND, [source.pk, now, *columns])
        added = cursor.fetchall()
        for account, region, day, size in added:
            days[account, region, day][0] += 1
            days[account, region, day][1] += size
        accounts, regions, of_days = (list(column) for column in zip(*days, strict=True))
        counts, sizes = (list(column) for column in zip(*days.values(), strict=True))
        cursor.execute(
            _DAYS,
            [source.pk, accounts, regions, of_days, [listed_at] * len(days), counts, sizes],
        )
    return len(added)
