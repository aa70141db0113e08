"""Reading the files of a source that were found: claimed, fetched, reduced and stored by batches.

Memory does not grow with the logs: a batch ends at some bytes of files or some events of them, and
files of it are fetched one after the other.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsError, AwsReadDenied
from inventory.cloudtrail.reduction import Reducer
from inventory.logs.claims import ClaimedFile, FileClaim, claim_files, release
from inventory.logs.files import LogFile, fetch
from inventory.logs.kept_events import kept_also
from inventory.logs.listing import error_text
from inventory.logs.session import LogSession
from inventory.logs.storing import ClaimLost, ReadFile, StoredBatch, store_batch
from inventory.models import LogObject, LogSource

log = logging.getLogger(__name__)

_STATE: Final = LogObject.State
_BATCH_EVENTS: Final = 50_000
_PASSING: Final = timedelta(minutes=5)
_DENIED: Final = timedelta(hours=1)


@dataclass(slots=True)
class LogsRead:
    """What a reader stored."""

    files: int = 0
    events: int = 0
    duplicates: int = 0

    def add(self, stored: StoredBatch) -> None:
        """Add a batch."""
        self.files += stored.files
        self.events += stored.events
        self.duplicates += stored.duplicates


def open_files(*, source_id: int, now: datetime) -> int:
    """Return how many files wait for a reader that nobody has."""
    return (
        LogObject.objects.filter(source_id=source_id, state__in=LogObject.OPEN_STATES)
        .filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now))
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now))
        .count()
    )


def read_files(
    *, source_id: int, clock: Callable[[], datetime], most_batches: int | None = None
) -> LogsRead:
    """Read files that wait, until none does or the time of a reader is used up.

    Any number of readers may do so at once. `most_batches`: None: no limit but the time.
    :raises LogSource.DoesNotExist: there is none of this id.
    """
    source = LogSource.objects.select_related("connection").get(pk=source_id)
    ends_at = clock() + timedelta(seconds=settings.INVENTORY_LOG_SECONDS)
    done = LogsRead()
    session = LogSession(source)
    batches = 0
    while clock() < ends_at and (most_batches is None or batches < most_batches):
        batches += 1
        claim = claim_files(source_id=source.pk, now=clock())
        if not claim.files:
            break
        try:
            s3 = session.client("s3")
        except AwsError as error:
            _put_back(claim, error, clock())
            break
        try:
            for stored in _read_claim(source, s3, claim, clock):
                done.add(stored)
        except ClaimLost:
            log.warning("files of %s were taken over by another reader", source)
            release(claim.mark, [file.id for file in claim.files])
    return done


def _put_back(claim: FileClaim, error: AwsError, now: datetime) -> None:
    """Have all files of a claim say why none could be read."""
    denied = isinstance(error, AwsReadDenied)
    LogObject.objects.filter(claim=claim.mark).update(
        state=_STATE.DENIED if denied else _STATE.WAITING,
        why=error_text(error),
        retry_at=now + (_DENIED if denied else _PASSING),
        attempts=0,
        claim=None,
        claimed_until=None,
    )


def _read_claim(
    source: LogSource, s3: AwsClient, claim: FileClaim, clock: Callable[[], datetime]
) -> Iterator[StoredBatch]:
    """Read the files of a claim and store them, several times where they hold many events."""
    reducer, files = Reducer(), list[ReadFile]()
    also = kept_also(source.connection_id)
    for file in claim.files:
        content = fetch(s3, source.bucket, file.key, also)
        files.append(_added(reducer, file, content, clock()))
        if len(reducer) >= _BATCH_EVENTS:
            yield store_batch(source, reducer.batch(), files, claim=claim.mark, now=clock())
            reducer, files = Reducer(), []
    if files:
        yield store_batch(source, reducer.batch(), files, claim=claim.mark, now=clock())


def _added(reducer: Reducer, file: ClaimedFile, content: LogFile, now: datetime) -> ReadFile:
    """Count the events of a file, and return what is to be said of it."""
    first, repeated = len(reducer), reducer.duplicates
    reducer.add(file.key, content.events)
    retry_at = None
    if content.state in LogObject.OPEN_STATES:
        retry_at = now + (_DENIED if content.state == _STATE.DENIED else _PASSING)
    return ReadFile(
        file=file,
        state=content.state,
        why=content.why,
        first=first,
        end=len(reducer),
        duplicates=reducer.duplicates - repeated,
        whole=[
            (event, content.whole[event.event_id])
            for event in content.events
            if event.event_id in content.whole
        ]
        if content.whole
        else (),
        retry_at=retry_at,
        sha256=content.sha256,
    )
