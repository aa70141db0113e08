"""One log file: fetched, unpacked and decoded, or what is wrong with it."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from botocore.exceptions import BotoCoreError
from django.conf import settings
from isal import isal_zlib
from urllib3.exceptions import HTTPError

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsError, AwsNotFound, AwsReadDenied, AwsReadFailed
from inventory.cloudtrail.decoding import GZIP, BrokenGzip, decode, whole_events
from inventory.cloudtrail.events import CloudTrailEvent
from inventory.logs.kept_events import EventNames, is_kept
from inventory.logs.listing import error_text
from inventory.models import LogObject
from policies.language.json_reader import JsonValue

_STATE: Final = LogObject.State
_ARCHIVED: Final = "InvalidObjectState"
_CUT: Final = ("ends early", "is broken")


@dataclass(slots=True)
class LogFile:
    """What a file holds. `whole`: the events that are stored whole, by id.

    `state`: WAITING where reading failed for a passing reason. `why`: what is wrong with it.
    `sha256`: of its text, in hex; empty where it was not read completely.
    """

    state: LogObject.State
    why: str = ""
    events: list[CloudTrailEvent] = field(default_factory=list)
    whole: dict[str, JsonValue] = field(default_factory=dict)
    sha256: str = ""


def fetch(s3: AwsClient, bucket: str, key: str, also: EventNames | None = None) -> LogFile:
    """Read a file of events. What is wrong with it is in its state; nothing is raised.

    `also`: events that stay whole beside those that always do.

    AWS: s3:GetObject.
    """
    try:
        content = fetch_bytes(s3, bucket, key)
    except AwsNotFound:
        return LogFile(_STATE.GONE, "deleted from the bucket before it was read")
    except AwsReadDenied as error:
        return LogFile(_STATE.DENIED, error_text(error))
    except AwsError as error:
        if error.code == _ARCHIVED:
            return LogFile(
                _STATE.UNREADABLE, "archived by S3: restore it to a storage class that can be read"
            )
        return LogFile(_STATE.WAITING, error_text(error))
    return read_content(content, also)


def fetch_bytes(s3: AwsClient, bucket: str, key: str) -> bytes:
    """Return the bytes of an object.

    AWS: s3:GetObject.
    :raises AwsError: they could not be read, or not to their end.
    """
    answer = s3.call("get_object", Bucket=bucket, Key=key)
    most = settings.INVENTORY_LOG_OBJECT_BYTES
    try:
        content: bytes = answer["Body"].read(most + 1)
    except (BotoCoreError, HTTPError, OSError) as error:
        raise AwsReadFailed(
            f"the connection broke while {key} was read: {error}",
            operation="s3:GetObject",
            code=type(error).__name__,
            transient=True,
        ) from error
    return content


def read_content(content: bytes, also: EventNames | None = None) -> LogFile:
    """Return the events in the bytes of a file, packed or not, as far as they can be read."""
    if len(content) > settings.INVENTORY_LOG_OBJECT_BYTES:
        return LogFile(
            _STATE.UNREADABLE, f"longer than {settings.INVENTORY_LOG_OBJECT_BYTES:,} bytes"
        )
    unpacked = _unpacked(content)
    if unpacked is None:
        return LogFile(
            _STATE.UNREADABLE,
            f"longer than {settings.INVENTORY_LOG_TEXT_BYTES:,} bytes when unpacked",
        )
    decoded = decode(unpacked)
    why = "; ".join(decoded.problems)
    if any(part in problem for problem in decoded.problems for part in _CUT):
        state = _STATE.CUT
    elif decoded.problems and not decoded.events:
        state = _STATE.UNREADABLE
    else:
        state = _STATE.READ
    kept = {event.event_id for event in decoded.events if event.event_id and is_kept(event, also)}
    whole = whole_events(unpacked, kept) if kept else {}
    digest = sha256(unpacked).hexdigest() if state == _STATE.READ else ""
    return LogFile(state, why, decoded.events, whole, digest)


def _unpacked(content: bytes) -> bytes | None:
    """Unpack what is in order; leave the rest to `decode`, None where it is too long."""
    if content[:2] != GZIP:
        return content
    most = settings.INVENTORY_LOG_TEXT_BYTES
    try:
        member = isal_zlib.decompressobj(31)
        text: bytes = member.decompress(content, most + 1)
    except BrokenGzip:
        return content
    if len(text) > most:
        return None
    return text if member.eof and not member.unused_data else content
