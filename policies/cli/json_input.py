"""Reads JSON from outside and says clearly, in one line, what is wrong with it."""

from __future__ import annotations

import json
from typing import BinaryIO, cast

from policies.language.json_reader import JsonValue


class BadInput(ValueError):
    """What was given cannot be worked with; the message says what to give instead."""


def decode_json(text: bytes) -> JsonValue:
    """Decode one JSON value; numbers become int or float.

    :raises BadInput: it is not UTF-8 or not JSON.
    """
    try:
        return cast(JsonValue, json.loads(text.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start + 1} is not UTF-8") from error
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise BadInput(message) from error
    except (RecursionError, ValueError) as error:
        raise BadInput("this is not JSON: it nests too deep or holds too long a number") from error


def read_object(stream: BinaryIO) -> dict[str, JsonValue]:
    """Read a whole stream as one JSON object.

    :raises BadInput: it is not one.
    """
    return as_object(decode_json(stream.read()), "the input")


def as_object(value: JsonValue, what: str) -> dict[str, JsonValue]:
    """Return `value` if it is an object.

    :raises BadInput: it is not; `what` names it.
    """
    if not isinstance(value, dict):
        raise BadInput(f"{what} must be an object in braces, not {_kind(value)}")
    return value


def as_list(value: JsonValue, what: str) -> list[JsonValue]:
    """Return `value` if it is a list.

    :raises BadInput: it is not; `what` names it.
    """
    if not isinstance(value, list):
        raise BadInput(f"{what} must be a list, not {_kind(value)}")
    return value


def as_text(value: JsonValue, what: str) -> str:
    """Return `value` if it is text.

    :raises BadInput: it is not; `what` names it.
    """
    if not isinstance(value, str):
        raise BadInput(f"{what} must be text in quotes, not {_kind(value)}")
    return value


def member(owner: dict[str, JsonValue], name: str, what: str) -> JsonValue:
    """Return a required member of an object that `what` names.

    :raises BadInput: there is none.
    """
    if name not in owner:
        raise BadInput(f'{what} lacks "{name}"')
    return owner[name]


def refuse_unknown(owner: dict[str, JsonValue], known: frozenset[str], what: str) -> None:
    """Refuse members nobody reads: a misspelt one would silently count as absent.

    :raises BadInput: there is one.
    """
    unknown = sorted(set(owner) - known)
    if unknown:
        raise BadInput(f'{what} has no "{unknown[0]}"; its members are {", ".join(sorted(known))}')


def _kind(value: JsonValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else "a number"
