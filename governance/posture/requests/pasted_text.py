"""Whatever people paste → one line of plain text, and the JSON objects in it."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

LONGEST: Final = 100_000
"""Characters of a pasted text that are read."""
_MOST_OBJECTS: Final = 2000
# What is no JSON is read again from its next brace; all such readings together may be so long.
_MOST_READ_AGAIN: Final = 10 * LONGEST

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What terminals and mails draw before each line.
_FRAME: Final = re.compile(r"^[\s>|\u2502\u2575\u2577\u2570\u256d]+", re.M)
# A backslash before a line's end goes on in the next line. A run of them is looked at once.
_ESCAPED: Final = re.compile(
    r'(?<!\\)\\++(?:([nrt]|[^\S\n]*\n)|(["\'/])|u([0-9a-fA-F]{4}))',
)
# A quoted ARN in a CSV file, whose quotes are doubled there.
_DOUBLED: Final = re.compile(r"\"\"(arn:[^\"]*)\"\"")
_MEMBER: Final = re.compile(r'"([A-Za-z]{1,40})"\s*:\s*')
_LINE: Final = re.compile(r"([A-Za-z]{2,20}(?: [A-Za-z]{2,20}){0,3}) ?[:=\t]")
_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"

JsonObject = dict[str, object]


def one_line(text: str) -> str:
    """Return a text without what logs, terminals, JSON and XML put around and into a message."""
    text = _FRAME.sub("", _COLOUR.sub("", text[:LONGEST]))
    text = _DOUBLED.sub(r'"\1"', _ESCAPED.sub(_unescaped, text))
    if "&" in text:
        text = html.unescape(text)
    return " ".join(_writable(text).split())


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return " "
    return found[2] or chr(int(found[3], 16))


def _writable(text: str) -> str:
    """Return a text that pages and addresses can hold: no NUL, no half of a pair of surrogates."""
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", " ")


class _ValuesInText:
    """Reads JSON values anywhere in a text, until too much was read in vain."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _MOST_READ_AGAIN
        self._decoder = json.JSONDecoder()

    @property
    def goes_on(self) -> bool:
        """Whether more may be read."""
        return self._left > 0

    def value_at(self, at: int) -> tuple[object, int] | None:
        """Return the value that begins at a place, and where it ends; None: there is none."""
        try:
            return self._decoder.raw_decode(self._text, at)
        except json.JSONDecodeError as error:
            self._left -= error.pos - at + 1
        except (ValueError, RecursionError):
            self._left = 0
        return None


def json_objects(text: str) -> Iterator[JsonObject]:
    """Yield the JSON objects in a text, outermost ones, wherever they begin.

    Those in lists and in strings of JSON come in their place.
    """
    text = text[:LONGEST]
    reader = _ValuesInText(text)
    at = given = 0
    while reader.goes_on and given < _MOST_OBJECTS:
        at = text.find("{", at)
        if at < 0:
            return
        read = reader.value_at(at)
        if read is None:
            at += 1
            continue
        value, at = read
        given += 1
        yield cast(JsonObject, value)


def members(text: str, names: frozenset[str]) -> JsonObject:
    """Return those members of a cut JSON object that can be read, the first of each name."""
    text = text[:LONGEST]
    reader = _ValuesInText(text)
    found: JsonObject = {}
    for member in _MEMBER.finditer(text):
        if not reader.goes_on:
            break
        if member[1] in names and member[1] not in found:
            read = reader.value_at(member.end())
            if read is not None:
                found[member[1]] = read[0]
    return found


def lines_of(text: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return what lines such as `eventName: StopLogging` say, the first of each name.

    `names`: as written, in lower case, and the name to return it by.
    """
    found: dict[str, str] = {}
    for line in text[:LONGEST].splitlines():
        written = line.strip()
        match = _LINE.match(written)
        name = names.get(match[1].lower()) if match else None
        if match is None or name is None or name in found:
            continue
        cell = written[match.end() :].strip().partition("\t")[0]
        value = cell.rstrip(", ").strip("\"'")
        if value:
            found[name] = value
    return found


def object_at(value: Mapping[str, object], name: str) -> JsonObject:
    """Return a member that is an object; an empty one for all else."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def text_at(value: Mapping[str, object], *names: str) -> str:
    """Return the first member that is a text and not hidden by AWS; empty: there is none."""
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found.strip() and found != _HIDDEN:
            return _writable(found).strip()
    return ""
