"""The bucket of the organization's trail: what S3 lists and gives of it.

The 30 days before the seeding are made when somebody first lists or reads an object, so that an
organization whose logs nobody reads costs nothing. Writes to the simulator are recorded as events
and delivered in objects of some seconds each.
"""

import base64
import threading
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

import orjson

from demo.cloudtrail.digests import DigestWriter
from demo.cloudtrail.log_files import LogObject, TrailWriter

DELIVERY_SECONDS: Final = 3
"""What is recorded within so many seconds is delivered together, at their end."""
_MOST_KEYS: Final = 1000
_LIVE: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of a listing. `after`: the last key or prefix in it, where there is more."""

    objects: list[LogObject]
    prefixes: list[str]
    after: str = ""


@dataclass(slots=True)
class LogBucket:
    """`name`: of the bucket. `history`: makes the objects of the time before the seeding."""

    name: str
    writer: TrailWriter
    digests: DigestWriter
    history: Callable[[], list[LogObject]]
    _objects: dict[str, LogObject] = field(default_factory=dict)
    _keys: list[str] | None = None
    _recorded: dict[tuple[str, str, int], list[bytes]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def record(self, account_id: str, region: str, at: datetime, event: object) -> None:
        """Have an event delivered within some seconds of `at`."""
        window = int(at.timestamp()) // DELIVERY_SECONDS
        with self._lock:
            self._recorded.setdefault((account_id, region, window), []).append(orjson.dumps(event))

    def page(
        self, *, prefix: str = "", delimiter: str = "", after: str = "", most: int = _MOST_KEYS
    ) -> LogPage:
        """Return the objects and common prefixes that follow `after`, in order."""
        keys = self._delivered(datetime.now(UTC))
        index = bisect_left(keys, prefix)
        if after:
            index = max(index, bisect_right(keys, after))
        objects: list[LogObject] = []
        prefixes: list[str] = []
        last = ""
        while index < len(keys) and keys[index].startswith(prefix):
            if len(objects) + len(prefixes) >= min(most, _MOST_KEYS):
                return LogPage(objects, prefixes, last)
            key = keys[index]
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            if end >= 0:
                common = key[: end + len(delimiter)]
                if not after.startswith(common):
                    prefixes.append(common)
                last = common + "\U0010ffff"
                index = bisect_left(keys, last)
                continue
            objects.append(self._objects[key])
            last = key
            index += 1
        return LogPage(objects, prefixes)

    def object(self, key: str) -> LogObject | None:
        """Return an object that has been delivered."""
        self._delivered(datetime.now(UTC))
        return self._objects.get(key)

    def _delivered(self, now: datetime) -> list[str]:
        with self._lock:
            if self._keys is None:
                self._objects = {each.key: each for each in self.history()}
                self._keys = sorted(self._objects)
            window = int(now.timestamp()) // DELIVERY_SECONDS
            for recorded in [each for each in self._recorded if each[2] < window]:
                self._deliver(recorded)
            return self._keys

    def _deliver(self, recorded: tuple[str, str, int]) -> None:
        account_id, region, window = recorded
        events = self._recorded.pop(recorded)
        at = datetime.fromtimestamp((window + 1) * DELIVERY_SECONDS, UTC)
        number = _LIVE + window * 1000 + zlib.crc32(f"{account_id}/{region}".encode()) % 1000
        day = at - timedelta(seconds=DELIVERY_SECONDS)
        made = self.writer.log_object(
            account_id, region, day, at, number, b",".join(events).decode()
        )
        self._objects[made.key] = made
        keys = self._keys = list(self._keys or ())
        keys.insert(bisect_left(keys, made.key), made.key)


def listing_xml(bucket: str, page: LogPage, *, prefix: str, delimiter: str, most: int) -> bytes:
    """Return the answer of ListObjectsV2."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{escape(bucket)}</Name><Prefix>{escape(prefix)}</Prefix>"
        f"<MaxKeys>{most}</MaxKeys><KeyCount>{len(page.objects) + len(page.prefixes)}</KeyCount>"
        f"<IsTruncated>{'true' if page.after else 'false'}</IsTruncated>"
    ]
    if delimiter:
        parts.append(f"<Delimiter>{escape(delimiter)}</Delimiter>")
    if page.after:
        token = base64.urlsafe_b64encode(page.after.encode()).decode()
        parts.append(f"<NextContinuationToken>{token}</NextContinuationToken>")
    parts += [
        f"<Contents><Key>{escape(each.key)}</Key>"
        f"<LastModified>{each.at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
        f"<ETag>&quot;{etag(each)}&quot;</ETag><Size>{len(each.body)}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for each in page.objects
    ]
    parts += [
        f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>"
        for each in page.prefixes
    ]
    parts.append("</ListBucketResult>")
    return "".join(parts).encode()


def etag(found: LogObject) -> str:
    """Return an entity tag of an object, without quotes."""
    return f"{zlib.crc32(found.key.encode()):08x}{zlib.crc32(found.body):08x}" * 2
