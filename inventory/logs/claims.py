"""Which reader has which files: claimed for some minutes, and free again if the reader is lost.

Two readers may have the same file all the same, when one is so slow that its claim ends. Storing
looks at the claim again, in the transaction that marks the files read; so one of them stores.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection as database

from inventory.models import LogObject

_STATE: Final = LogObject.State
# Files that ended their readers so often are not read again.
_ATTEMPTS: Final = 4
_LOST: Final = f"reading it ended the worker {_ATTEMPTS} times: see the worker's log"
_CLAIM: Final = """
    WITH chosen AS (
        SELECT id FROM inventory_logobject
        WHERE source_id = %(source)s AND state IN ('waiting', 'denied')
        AND (retry_at IS NULL OR retry_at <= %(now)s)
        AND (claimed_until IS NULL OR claimed_until <= %(now)s)
        ORDER BY day, account_id, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    UPDATE inventory_logobject AS file
    SET claim = %(claim)s, claimed_until = %(until)s, attempts = attempts + 1
    FROM chosen WHERE file.id = chosen.id
    RETURNING file.id, key, account_id, region, day, size_bytes, attempts
"""


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file that a reader has."""

    id: int
    key: str
    account_id: str
    region: str
    day: date
    size_bytes: int
    attempts: int


@dataclass(frozen=True, slots=True)
class FileClaim:
    """Some files of a source and the mark of who has them."""

    mark: UUID
    files: tuple[ClaimedFile, ...]


def claim_files(*, source_id: int, now: datetime) -> FileClaim:
    """FileClaim the files that are to be read first, so many that one transaction may store them.

    One that has ended its reader is claimed alone, so that others do not suffer with it; one that
    did so too often is not readable.
    """
    LogObject.objects.filter(
        source_id=source_id, state__in=LogObject.OPEN_STATES, attempts__gte=_ATTEMPTS,
        claimed_until__lte=now,
    ).update(state=_STATE.UNREADABLE, why=_LOST, claim=None, claimed_until=None)  # fmt: skip
    mark = uuid4()
    with database.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "source": source_id,
                "now": now,
                "most": settings.INVENTORY_LOG_FILES_AT_ONCE,
                "claim": mark,
                "until": now + timedelta(seconds=settings.INVENTORY_LOG_CLAIM_SECONDS),
            },
        )
        files = sorted((ClaimedFile(*row) for row in cursor.fetchall()), key=_order)
    taken = _together(files)
    if len(taken) < len(files):
        release(mark, [file.id for file in files[len(taken) :]])
    return FileClaim(mark, tuple(taken))


def _order(file: ClaimedFile) -> tuple[date, str, str, str]:
    return file.day, file.account_id, file.region, file.key


def _together(files: Sequence[ClaimedFile]) -> Sequence[ClaimedFile]:
    """Return the first files that are read together."""
    if not files or files[0].attempts > 1:
        return files[:1]
    size = 0
    for at, file in enumerate(files):
        size += file.size_bytes
        if at and (size > settings.INVENTORY_LOG_BYTES_AT_ONCE or file.attempts > 1):
            return files[:at]
    return files


def release(mark: UUID, ids: Collection[int]) -> None:
    """Let others have files that were claimed and not read."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_logobject SET claim = NULL, claimed_until = NULL, "
            "attempts = greatest(attempts - 1, 0) WHERE claim = %s AND id = ANY(%s)",
            [mark, list(ids)],
        )
