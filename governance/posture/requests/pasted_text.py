"""Whatever people paste → one line of plain text, and the JSON objects in it."""

import html
import json
import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 100_000
"""Characters of a pasted text that are read."""
_MOST_OBJECTS: Final = 2000
_MOST_TRIES: Final = 4000

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What terminals and mails draw before each line.
_FRAME: Final = re.compile(r"^[\s>|\u2502\u2575\u2577\u2570\u256d]+", re.M)
# A backslash before a line's end goes on in the next line.
_ESCAPED: Final = re.compile(r'\\+(?:([nrt]|\s*\n)|(["\'/])|u([0-9a-fA-F]{4}))')

JsonObject = dict[str, object]


def one_line(text: str) -> str:
    """Return a text without what logs, terminals, JSON and XML put around and into a message."""
    text = _FRAME.sub("", _COLOUR.sub("", text[:LONGEST]))
    text = _ESCAPED.sub(_unescaped, text)
    if "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return " "
    return found[2] or chr(int(found[3], 16))


def json_objects(text: str) -> Iterator[JsonObject]:
    """Yield the JSON objects in a text, outermost ones, wherever they begin.

    Those in lists and in strings of JSON come in their place.
    """
    decoder = json.JSONDecoder()
    text = text[:LONGEST]
    at, tries, given = 0, 0, 0
    while tries < _MOST_TRIES and given < _MOST_OBJECTS:
        at = text.find("{", at)
        if at < 0:
            return
        tries += 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        given += 1
        yield value
        at = end


def members(text: str, names: frozenset[str]) -> JsonObject:
    """Return those members of a cut JSON object that can be read, the first of each name."""
    decoder = json.JSONDecoder()
    found: JsonObject = {}
    for member in _MEMBER.finditer(text[:LONGEST]):
        if member[1] not in names or member[1] in found:
            continue
        try:
            found[member[1]] = decoder.raw_decode(text, member.end())[0]
        except (ValueError, RecursionError):
            continue
    return found


_MEMBER: Final = re.compile(r'"([A-Za-z]{1,40})"\s*:\s*')
