"""Checks the log files of days that have ended against CloudTrail's digest files.

A day of an account and region is verified where CloudTrail signed its digests, each follows the one
before it, and each log file that they name was read with the text that they name. Once said, a
verdict stays: the ids of files age out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Final

from botocore.exceptions import BotoCoreError
from django.conf import settings
from django.db import connection as database
from urllib3.exceptions import HTTPError

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsError, AwsReadFailed
from inventory.logs.digests import (
    DigestedLog,
    DigestFile,
    DigestNotValid,
    KeyOf,
    ReadDigest,
    broken_link,
    read_digest,
)
from inventory.logs.keys import DIGESTS, LOGS, day_prefix, last_folder
from inventory.logs.listing import error_text
from inventory.logs.session import LogSession
from inventory.models import LogDay, LogObject, LogSource

SETTLED: Final = timedelta(hours=3)
"""So long after its end a day's last digest has come, which CloudTrail writes every hour."""
_AGAIN: Final = timedelta(days=3)
"""For so long after its end a day is looked at again whose files were not all read."""
_MOST_DAYS: Final = 200
_LONGEST: Final = 20_000_000
_VERDICT: Final = LogDay.Digests
_QUIET_DAYS: Final = """
    INSERT INTO inventory_logday (
        source_id, account_id, region, day, objects_found, size_bytes, objects_read, events,
        duplicates, unmapped, digests, digests_why
    )
    SELECT %(source)s, account_id, region, day::date, 0, 0, 0, 0, 0, 0, '', ''
    FROM (
        SELECT account_id, region, min(day) AS first, max(day) AS last FROM inventory_logday
        WHERE source_id = %(source)s AND day >= %(since)s GROUP BY account_id, region
    ) AS place, generate_series(first, least(last, %(until)s), interval '1 day') AS day
    ON CONFLICT (source_id, account_id, region, day) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class DigestVerdict:
    """What checking a day said. `digests` UNCHECKED: not yet; it is checked again."""

    digests: LogDay.Digests
    why: str = ""


def verify_days(*, source_id: int, now: datetime) -> int:
    """Check days of a source that ended and were not checked, the newest first; return how many
    verdicts there are.

    It goes on until none is left or the time of a reader is used up.
    AWS: s3:ListBucket, s3:GetObject, cloudtrail:ListPublicKeys.
    :raises LogSource.DoesNotExist: there is none of this id.
    """
    source = LogSource.objects.select_related("connection").get(pk=source_id)
    last = (now - SETTLED).date() - timedelta(days=1)
    _add_quiet_days(source, last)
    days = LogDay.objects.filter(source=source, digests=_VERDICT.UNCHECKED, day__lte=last)
    session = LogSession(source)
    s3: AwsClient | None = None
    keys: dict[tuple[str, date], KeyOf] = {}
    said = 0
    waiting: set[int] = set()
    ends_at = monotonic() + settings.INVENTORY_LOG_SECONDS / 2
    while monotonic() < ends_at:
        rows = list(
            days.exclude(pk__in=waiting).order_by("-day", "account_id", "region")[:_MOST_DAYS]
        )
        if not rows:
            break
        try:
            s3 = s3 or session.client("s3")
        except AwsError:
            return said  # the listing says why
        for row in rows:
            place = row.region, row.day
            if place not in keys:
                keys[place] = _KeysOfDay(session, row.region, row.day)
            try:
                verdict = _verdict(s3, source, row, keys[place], now)
            except AwsError as error:
                verdict = DigestVerdict(_VERDICT.UNKNOWN, error_text(error)[:500])
            if verdict.digests == _VERDICT.UNCHECKED:
                waiting.add(row.pk)
                continue
            LogDay.objects.filter(pk=row.pk).update(
                digests=verdict.digests, digests_why=verdict.why
            )
            said += 1
    return said


def _add_quiet_days(source: LogSource, until: date) -> None:
    """Have days without a file checked, too, between days with files: digests may say why."""
    since = until - timedelta(days=settings.INVENTORY_LOG_FILE_DAYS)
    with database.cursor() as cursor:
        cursor.execute(_QUIET_DAYS, {"source": source.pk, "since": since, "until": until})


class _KeysOfDay:
    """CloudTrail's public keys of a region that were in force about a day, asked for once."""

    def __init__(self, session: LogSession, region: str, day: date) -> None:
        self._session = session
        self._region = region
        self._day = day
        self._keys: dict[str, bytes] | None = None

    def __call__(self, fingerprint: str) -> bytes | None:
        if self._keys is None:
            midnight = datetime.combine(self._day, time(), UTC)
            cloudtrail = self._session.client("cloudtrail", region=self._region)
            pages = cloudtrail.pages(
                "list_public_keys",
                StartTime=midnight - timedelta(days=1),
                EndTime=midnight + timedelta(days=2),
            )
            self._keys = {
                key["Fingerprint"]: bytes(key["Value"])
                for page in pages
                for key in page.get("PublicKeyList") or []
            }
        return self._keys.get(fingerprint)


def _verdict(
    s3: AwsClient, source: LogSource, row: LogDay, key_of: KeyOf, now: datetime
) -> DigestVerdict:
    names = [
        key
        for day in (row.day, row.day + timedelta(days=1))
        for key in _digest_keys(s3, source, row, day)
    ]
    if not names:
        return DigestVerdict(_VERDICT.ABSENT)
    read: list[ReadDigest] = []
    for name in names:
        try:
            digest = read_digest(_fetch(s3, source, name), bucket=source.bucket, key_of=key_of)
        except DigestNotValid as error:
            return DigestVerdict(_VERDICT.FAILED, f"The digest file {name} is not valid: {error}.")
        except KeyError:
            return DigestVerdict(
                _VERDICT.UNKNOWN, f"CloudTrail names no public key for the digest file {name}."
            )
        read.append(digest)
    broken = broken_link(read)
    if broken:
        return DigestVerdict(
            _VERDICT.FAILED, f"The digest file {broken} does not follow the one before it."
        )
    prefix = day_prefix(source.root, row.account_id, LOGS, row.region, row.day)
    logs = [log for digest in read for log in digest.logs if log.key.startswith(prefix)]
    return _compared(source, row, logs, now)


def _digest_keys(s3: AwsClient, source: LogSource, row: LogDay, day: date) -> list[str]:
    """Return a day's digest files of the trail, oldest first; of the next day only the first."""
    prefix = day_prefix(source.root, row.account_id, DIGESTS, row.region, day)
    name = source.trail_arn.rpartition("/")[2]
    of_trail = f"_{name}_" if name else ""
    keys = [
        each["Key"]
        for page in s3.pages("list_objects_v2", Bucket=source.bucket, Prefix=prefix)
        for each in page.get("Contents") or []
        if each["Key"].endswith(".json.gz") and of_trail in last_folder(each["Key"])
    ]
    # The end of the hour is at the end of the name.
    ordered = sorted(keys, key=lambda key: key.rpartition("_")[2])
    return ordered if day == row.day else ordered[:1]


def _fetch(s3: AwsClient, source: LogSource, key: str) -> DigestFile:
    answer = s3.call("get_object", Bucket=source.bucket, Key=key)
    try:
        content: bytes = answer["Body"].read(_LONGEST)
    except (BotoCoreError, HTTPError, OSError) as error:
        raise AwsReadFailed(
            f"the connection broke while {key} was read: {error}",
            operation="s3:GetObject",
            code=type(error).__name__,
            transient=True,
        ) from error
    return DigestFile(key, content, str((answer.get("Metadata") or {}).get("signature", "")))


def _compared(
    source: LogSource, row: LogDay, logs: Sequence[DigestedLog], now: datetime
) -> DigestVerdict:
    """Compare what digests name with what was found and read."""
    found = {
        each.key: each
        for each in LogObject.objects.filter(
            source=source, day=row.day, account_id=row.account_id, region=row.region
        )
    }
    if len(found) != row.objects_found:
        return DigestVerdict(
            _VERDICT.UNKNOWN, "What was read of this day is no longer known file by file."
        )
    named = {log.key: log.sha256 for log in logs}
    missing = [key for key in named if key not in found]
    waits = any(each.state in LogObject.OPEN_STATES for each in found.values())
    ended = datetime.combine(row.day, time(), UTC) + timedelta(days=1)
    if (waits or missing) and now < ended + _AGAIN:
        return DigestVerdict(_VERDICT.UNCHECKED)
    gone = [each.key for each in found.values() if each.state == LogObject.State.GONE]
    altered = [
        key
        for key, of_text in named.items()
        if key in found and found[key].sha256 not in ("", of_text)
    ]
    not_listed = row.listed_at is None
    for one, many, keys, verdict in (
        ("was deleted", "were deleted", gone, _VERDICT.FAILED),
        ("was altered", "were altered", altered, _VERDICT.FAILED),
        (
            "is not there",
            "are not there",
            missing,
            _VERDICT.UNKNOWN if not_listed else _VERDICT.FAILED,
        ),
        (
            "is in no digest file",
            "are in no digest file",
            [key for key in found if key not in named],
            _VERDICT.UNKNOWN,
        ),
        (
            "was not read completely",
            "were not read completely",
            [key for key in named if key in found and not found[key].sha256],
            _VERDICT.UNKNOWN,
        ),
    ):
        if keys:
            return DigestVerdict(verdict, _files(one, many, keys))
    return DigestVerdict(_VERDICT.VERIFIED)


def _files(one: str, many: str, keys: Iterable[str]) -> str:
    named = sorted(keys)
    if len(named) == 1:
        return f"{named[0]} {one}."
    return f"{len(named)} log files {many}, {named[0]} among them."
