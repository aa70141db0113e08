"""A usage record: alike calls of one principal, counted. Read from JSON lines and written to them.

A line is `{"account_id", "principal", "action", "resource", "region", "context": {key: text, or a
list of texts}, "unknown_context": [keys], "count", "denied", "first_at", "last_at"}`. `region`,
`context` and `unknown_context` may be left out or null; every other member is required.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TextIO, cast

from policies.evaluation.request import NotARequest, context_value
from policies.language.json_reader import JsonValue

ContextText = str | tuple[str, ...]
"""The value of a context key: one text, or the texts of a key that has several values."""


@dataclass(slots=True)  # not frozen: that makes a record take four times as long to make
class UsageRecord:
    """Calls that differ in nothing that a policy could look at, as far as it was recorded.

    `account_id`: of the account that recorded them. `principal`: the ARN of a user, role (not of
    its session), or root user; a service principal; or the bare account id, where only the
    caller's account is known. `action`: as `s3:GetObject`. `resource`: an ARN, perhaps with
    wildcards for what was left out; `*` for none, or for one that is not known. `context`: values
    by key; `unknown_context`: keys that the calls may have had with any value. Any other key was
    absent, or follows from the rest (see `policies.evaluation.derived_context`). `count`: of
    calls, `denied` ones included. `first_at`, `last_at`: UTC.
    """

    account_id: str
    principal: str
    action: str
    resource: str
    region: str | None
    context: Mapping[str, ContextText]
    unknown_context: tuple[str, ...]
    count: int
    denied: int
    first_at: datetime
    last_at: datetime


class NotUsage(ValueError):
    """Something that was given is no usage record; the message says what is wrong with it."""


def read_usage(lines: Iterable[bytes]) -> Iterator[UsageRecord]:
    """Yield the record of each line of UTF-8; empty lines are passed over.

    :raises NotUsage: a line is no record; the message begins with its number.
    """
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            yield usage_of_json(_decoded(line))
        except NotUsage as error:
            raise NotUsage(f"line {number}: {error}") from error


def write_usage(records: Iterable[UsageRecord], output: TextIO) -> None:
    """Write each record as one line, as `read_usage` reads it."""
    for record in records:
        written = json.dumps(usage_as_json(record), ensure_ascii=False, separators=(",", ":"))
        output.write(written + "\n")


def usage_as_json(record: UsageRecord) -> dict[str, JsonValue]:
    """Return a record as a line holds it."""
    return {
        "account_id": record.account_id,
        "principal": record.principal,
        "action": record.action,
        "resource": record.resource,
        "region": record.region,
        "context": {
            key: value if isinstance(value, str) else list(value)
            for key, value in record.context.items()
        },
        "unknown_context": list(record.unknown_context),
        "count": record.count,
        "denied": record.denied,
        "first_at": _written_time(record.first_at),
        "last_at": _written_time(record.last_at),
    }


def usage_of_json(value: JsonValue) -> UsageRecord:
    """Return the record that a decoded line holds.

    :raises NotUsage: it holds none; the message names the member that is wrong.
    """
    if not isinstance(value, dict):
        raise NotUsage("a record must be an object in braces")
    return _usual(value) or _unusual(value)


def _usual(value: dict[str, JsonValue]) -> UsageRecord | None:
    """Return a record whose members stand as `write_usage` writes them, in half the time."""
    if tuple(value) != _ORDERED:
        return None
    (
        account_id, principal, action, resource, region, known, unknown, count, denied, first, last
    ) = value.values()  # fmt: skip
    if not (
        type(account_id) is type(principal) is type(action) is type(resource) is type(first) is str
        and type(last) is str
        and (region is None or type(region) is str)
        and type(count) is type(denied) is int
        and account_id
        and principal
        and is_action(action)
        and is_resource(resource)
        and 0 <= denied <= count
        and count
    ):
        return None
    if type(known) is not dict or type(unknown) is not list:
        return None
    try:
        "".join(known.values())  # type: ignore[arg-type]  # texts alone, or it fails
        keys = _distinct_keys(tuple(known), tuple(unknown))
        first_at, last_at = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except (TypeError, ValueError):
        return None
    if keys is None or first_at.tzinfo is not UTC or last_at.tzinfo is not UTC:
        return None
    if last_at < first_at:
        return None
    context = cast("dict[str, ContextText]", known)
    return UsageRecord(
        account_id, principal, action, resource, region, context, keys, count, denied, first_at,
        last_at,
    )  # fmt: skip


def _unusual(value: dict[str, JsonValue]) -> UsageRecord:
    if not value.keys() <= _MEMBERS:
        unknown = sorted(value.keys() - _MEMBERS)[0]
        raise NotUsage(f'a record has no "{unknown}"; there are {", ".join(_ORDERED)}')
    action = _text(value, "action")
    if not is_action(action):
        raise NotUsage(f'"action": {action!r} is not an action; give one such as s3:GetObject')
    resource = _text(value, "resource")
    if not is_resource(resource):
        raise NotUsage(f'"resource": {resource!r} is neither an ARN nor *')
    count, denied = _count(value, "count", 1), _count(value, "denied", 0)
    if denied > count:
        raise NotUsage(f'"denied" ({denied}) is more than "count" ({count})')
    first_at, last_at = _time(value, "first_at"), _time(value, "last_at")
    if last_at < first_at:
        raise NotUsage('"last_at" is before "first_at"')
    region = value.get("region")
    if region is not None and not isinstance(region, str):
        raise NotUsage('"region" must be text in quotes or null')
    context = _context(value.get("context"))
    unknown_keys = _unknown_context(value.get("unknown_context"), context)
    return UsageRecord(
        _text(value, "account_id"),
        _text(value, "principal"),
        action,
        resource,
        region,
        context,
        unknown_keys,
        count,
        denied,
        first_at,
        last_at,
    )


@lru_cache(maxsize=16384)
def is_action(text: str) -> bool:
    """Whether a text names one action, as `s3:GetObject` does."""
    service, _, name = text.partition(":")
    return bool(service and name) and "*" not in text and "?" not in text


def is_resource(text: str) -> bool:
    """Whether a text is an ARN, perhaps with wildcards, or `*`."""
    return text == "*" or text.count(":") >= 5


_ORDERED: Final = (
    "account_id", "principal", "action", "resource", "region", "context", "unknown_context",
    "count", "denied", "first_at", "last_at",
)  # fmt: skip
_MEMBERS: Final = frozenset(_ORDERED)
RECORD_BEGINS: Final = b'{"account_id":'
"""How a line that `write_usage` writes begins."""


def _decoded(line: bytes) -> JsonValue:
    try:
        return cast(JsonValue, json.loads(line.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise NotUsage(f"byte {error.start + 1} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotUsage(f"this is not JSON: {error.msg} at column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise NotUsage("this is not JSON: it nests too deep or has too long a number") from error


def _member(owner: Mapping[str, JsonValue], name: str) -> JsonValue:
    try:
        return owner[name]
    except KeyError:
        raise NotUsage(f'a record lacks "{name}"') from None


def _text(owner: Mapping[str, JsonValue], name: str) -> str:
    value = _member(owner, name)
    if not isinstance(value, str) or not value:
        raise NotUsage(f'"{name}" must be text in quotes, and not empty')
    return value


def _count(owner: Mapping[str, JsonValue], name: str, least: int) -> int:
    value = _member(owner, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise NotUsage(f'"{name}" must be a whole number, at least {least}')
    return value


def _time(owner: Mapping[str, JsonValue], name: str) -> datetime:
    value = _member(owner, name)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise NotUsage(f'"{name}" must be a time such as "2026-05-01T08:30:00Z"')
    if found.tzinfo is UTC:
        return found
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _context(value: JsonValue) -> dict[str, ContextText]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotUsage('"context" must be an object in braces')
    if _has_twice(tuple(value)):
        raise NotUsage('"context" has a key twice; keys ignore case')
    return {key: _context_text(item, key) for key, item in value.items()}


# Records have few sets of keys: what is found of one holds for all that have the same.
@lru_cache(maxsize=4096)
def _distinct_keys(known: tuple[str, ...], unknown: tuple[object, ...]) -> tuple[str, ...] | None:
    """Return the unknown keys where all keys are texts and none is given twice, else None."""
    if not all(isinstance(key, str) for key in unknown):
        return None
    keys = cast("tuple[str, ...]", unknown)
    return None if _has_twice(known) or _in_both(keys, known) else keys


def _has_twice(keys: tuple[str, ...]) -> bool:
    return len(keys) != len({key.lower() for key in keys})


def _context_text(value: JsonValue, key: str) -> ContextText:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict):
        raise NotUsage(f'"context": the value of {key!r} must be text, or a list of texts')
    try:
        return cast(ContextText, context_value(cast("list[str]", value), key))
    except NotARequest as error:
        raise NotUsage(f'"context": {error}') from error


def _unknown_context(value: JsonValue, context: Mapping[str, ContextText]) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise NotUsage('"unknown_context" must be a list of keys, each text in quotes')
    keys = tuple(cast("list[str]", value))
    if both := _in_both(keys, tuple(context)):
        raise NotUsage(f'{both!r} is in "context" and in "unknown_context"; leave one out')
    return keys


def _in_both(keys: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Return the first of some keys that is among the known ones, whatever its case; or ''."""
    spelled = {key.lower() for key in known}
    return next((key for key in keys if key.lower() in spelled), "")


def _written_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
