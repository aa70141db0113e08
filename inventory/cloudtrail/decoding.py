"""The bytes of a file → events: fast where it is clean, as far as it goes where it is broken."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

import msgspec
from isal import igzip_lib, isal_zlib

from inventory.cloudtrail.events import CloudTrailEvent
from inventory.cloudtrail.shapes import LISTS, events_of
from policies.language.json_reader import JsonValue

GZIP: Final = b"\x1f\x8b"
BrokenGzip = cast(type[Exception], igzip_lib.IsalError)
_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_MOST_LAYERS: Final = 3


class _RawRecords(msgspec.Struct, gc=False):
    records: list[msgspec.Raw] = msgspec.field(name="Records")


class _RecordsFile(msgspec.Struct, gc=False):
    records: list[CloudTrailEvent] = msgspec.field(name="Records")


_RECORDS_FILE: Final = msgspec.json.Decoder(_RecordsFile)
_RAW_RECORDS: Final = msgspec.json.Decoder(_RawRecords)
_EVENT_LIST: Final = msgspec.json.Decoder(list[CloudTrailEvent])
_EVENT: Final = msgspec.json.Decoder(CloudTrailEvent)
_JSON: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[\s,\x1e]*")
_RECORDS: Final = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_FIRST_MEMBER: Final = b'{"eventVersion"'
_NEXT_EVENT: Final = re.compile(rb'\},\s*\{"eventVersion"')
"""Between two events of a file; within a text its quotes would be escaped."""
_PIECE_BYTES: Final = 128_000
"""Of text that is decoded at once, at least."""
_OPENING: Final = re.compile(r'\{\s*"(?:' + "|".join(LISTS) + r')"\s*:\s*\[')


@dataclass(slots=True)
class DecodedEvents:
    """The events of some bytes, and in words what of them could not be read."""

    events: list[CloudTrailEvent] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def decode(content: bytes) -> DecodedEvents:
    """Return the events of a file's bytes, packed or not. Never raises.

    Of a file that is cut short or broken, all events before the break are read.
    """
    decoded = DecodedEvents()
    for events in events_in(content, decoded.problems):
        decoded.events.extend(events)
    return decoded


def events_in(content: bytes, problems: list[str]) -> Iterator[list[CloudTrailEvent]]:
    """Yield the events of a file's bytes as `decode` returns them, some at a time.

    What cannot be read is added to `problems`. Events that are used before the next are decoded
    lie in memory that is still near.
    """
    for _ in range(_MOST_LAYERS):
        if content[:2] != GZIP:
            break
        content, problem = unpack(content)
        if problem:
            problems.append(problem)
    if content[:3] == _MARK:
        content = content[3:]
    elif content[:2] in _WIDE_MARKS:
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    start = content[:64].lstrip()[:1]
    if not content.strip():
        problems.append("the file is empty")
        return
    if start not in (b"{", b"[") and b"\n{" not in content:
        problems.append("this is not JSON")
        return
    passed = 0
    for events in _clean_pieces(content, start):
        if events is None:
            break
        passed += len(events)
        yield events
    else:
        return
    lines = _decode_lines(content) if start == b"{" and not passed else None
    yield lines if lines is not None else _decode_anything(content, problems)[passed:]


def unpack(content: bytes) -> tuple[bytes, str]:
    """Return what gzip packed, as far as it can be unpacked, and what is wrong with it or ''."""
    try:
        member = isal_zlib.decompressobj(31)
        unpacked = member.decompress(content)
        if member.eof and not member.unused_data:
            return unpacked, ""
    except BrokenGzip:
        pass
    return _unpack_broken(content)


def _unpack_broken(content: bytes) -> tuple[bytes, str]:
    problems: list[str] = []
    pieces = (content[at : at + 4096] for at in range(0, len(content), 4096))
    unpacked = b"".join(unpacked_pieces(pieces, problems, member_of=zlib.decompressobj))
    return unpacked, problems[0] if problems else ""


def unpacked_pieces(
    pieces: Iterable[bytes],
    problems: list[str],
    member_of: Callable[[int], Any] = isal_zlib.decompressobj,
) -> Iterator[bytes]:
    """Unpack gzip piece by piece, as far as it goes; what is wrong is added to `problems`.

    `member_of`: zlib's own is slower, and yields what stands before a break to the byte.
    """
    member = member_of(31)
    is_first, began = True, False
    for piece in pieces:
        rest = piece
        while rest:
            if not began and not is_first and not rest.strip(b"\0"):
                break  # zeros after the last member are padding
            began = True
            before = member.copy() if hasattr(member, "copy") else None
            try:
                yield member.decompress(rest)
            except (BrokenGzip, zlib.error) as error:
                if before is not None:
                    yield from _until_break(before, rest)
                problems.append(f"the gzip data is broken: {error}")
                return
            if not member.eof:
                break
            rest = member.unused_data
            member = member_of(31)
            is_first, began = False, False
    if began:
        problems.append("the gzip data ends early")


def _until_break(member: Any, piece: bytes) -> Iterator[bytes]:
    """Unpack byte by byte what stands before a break: a wrong checksum loses nothing."""
    for at in range(len(piece)):
        try:
            yield member.decompress(piece[at : at + 1])
        except zlib.error:
            return


def whole_events(content: bytes, event_ids: Collection[str]) -> dict[str, JsonValue]:
    """Return the records with some ids from the text of a file, with all their members, by id."""
    found: dict[str, JsonValue] = {}
    try:
        records = _RAW_RECORDS.decode(content).records
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        for value in _values(content.decode("utf-8", "replace"), []):
            _find_events(value, event_ids, found)
        return found
    wanted = [event_id.encode() for event_id in event_ids]
    for raw in records:
        text = bytes(raw)
        if any(event_id in text for event_id in wanted):
            _find_events(json.loads(text), event_ids, found)
    return found


def _find_events(value: JsonValue, event_ids: Collection[str], found: dict[str, JsonValue]) -> None:
    if isinstance(value, list):
        for item in value:
            _find_events(item, event_ids, found)
    elif isinstance(value, dict):
        event_id = value.get("eventID")
        if isinstance(event_id, str) and event_id in event_ids:
            found.setdefault(event_id, value)
            return
        for name in LISTS:
            if name in value:
                _find_events(value[name], event_ids, found)


def _clean_pieces(content: bytes, start: bytes) -> Iterator[list[CloudTrailEvent] | None]:
    """Yield the events of a file in AWS's own shape, then None where it is of another shape."""
    opening = _RECORDS.match(content) if start == b"{" else None
    at, end = (opening.end(), opening.end()) if opening is not None else (0, 0)
    while opening is not None and (found := _NEXT_EVENT.search(content, at + _PIECE_BYTES)):
        end = found.start() + 1
        # Where this is not between two events, what lies before it is no JSON.
        events = _cleanly(_EVENT_LIST.decode, b"[" + content[at:end] + b"]")
        yield events
        if events is None:
            return
        at = found.end() - len(_FIRST_MEMBER)
    if end:
        content = b'{"Records":[' + content[at:]
    if start == b"[":
        yield _cleanly(_EVENT_LIST.decode, content)
    elif start == b"{":
        yield _cleanly(lambda text: _RECORDS_FILE.decode(text).records, content)
    else:
        yield None


def _cleanly(
    decode_text: Callable[[bytes], list[CloudTrailEvent]], text: bytes
) -> list[CloudTrailEvent] | None:
    """Return decoded events; None where one is no event of AWS's own shape."""
    try:
        events = decode_text(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    for event in events:
        if event.event_name is None and event.event_source is None:
            return None
    return events


def _decode_lines(content: bytes) -> list[CloudTrailEvent] | None:
    """Return the events of JSON lines, where every line is a clean event; else None."""
    return _cleanly(_EVENT.decode_lines, content)


def _decode_anything(content: bytes, problems: list[str]) -> list[CloudTrailEvent]:
    text = content.decode("utf-8", "replace")
    events: list[CloudTrailEvent] = []
    others: dict[str, int] = {}
    for value in _values(text, problems):
        for found in events_of(value):
            if isinstance(found, CloudTrailEvent):
                events.append(found)
            else:
                others[str(found)] = others.get(str(found), 0) + 1
    problems.extend(
        what if count == 1 else f"{what} ({count} times)" for what, count in others.items()
    )
    return events


def _values(text: str, problems: list[str]) -> Iterator[JsonValue]:
    """Yield the JSON values in a row; of one that is broken, its items before the break."""
    at = _skip(text, 0)
    while at < len(text):
        try:
            value, end = _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield from _items_before_break(text, at)
            line_end = text.find("\n", at)
            line = text.count("\n", 0, at) + 1
            if line_end < 0 or not _starts_value(text, line_end + 1):
                problems.append(f"the JSON is broken or ends early, in what begins on line {line}")
                return
            problems.append(f"line {line} is not JSON")
            at = _skip(text, line_end)
            continue
        yield value
        at = _skip(text, end)


def is_json_lines(start: bytes) -> bool:
    """Whether what begins a file is one whole JSON object on a line, and more lines follow."""
    line, newline, _ = start.partition(b"\n")
    if not newline or line.lstrip()[:1] != b"{":
        return False
    try:
        _JSON.decode(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return False
    return True


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _starts_value(text: str, at: int) -> bool:
    """Whether a further line begins as lines of JSON do: an object that does not go on."""
    line = text[at : text.find("\n", at) if text.find("\n", at) > 0 else len(text)]
    return line.startswith("{") and line.rstrip().endswith("}")


def _items_before_break(text: str, at: int) -> Iterator[JsonValue]:
    opening = _OPENING.match(text, at)
    if opening is not None:
        at = opening.end()
    elif text[at] == "[":
        at += 1
    else:
        return
    while True:
        at = _skip(text, at)
        try:
            value, at = _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value
