"""Read JSON with the place of every part, and without raising on any text.

RFC 8259, read iteratively: nesting costs no stack. The standard decoder is faster and is used
where nothing has to be located; this reader takes over when a text is not clean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

MAX_DEPTH: Final = 64
"""No AWS policy nests deeper than a dozen levels."""
_LONGEST_NAME: Final = 700
"""An IAM role's ARN has at most 612 characters: 512 of path, 64 of name."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_WORD = re.compile(r"[A-Za-z0-9_$@.+-]+")
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_HEX4 = re.compile(r"[0-9A-Fa-f]{4}")
_WORDS: Final = {"true": True, "false": False, "null": None}


class NumberText(str):
    """A JSON number as it was written: policies compare its text, and no digit is lost."""

    __slots__ = ()


JsonValue: TypeAlias = "str | bool | int | float | list[JsonValue] | dict[str, JsonValue] | None"
"""A decoded value. Numbers read from text are `NumberText`, those given decoded int or float."""


@dataclass(slots=True)
class JsonMember:
    """One name and value of an object; `offset` is where the name's quote is."""

    name: str
    offset: int
    value: JsonNode


@dataclass(slots=True)
class JsonNode:
    """One value and where it begins. `kind`: object, array, string, number, true, false, null."""

    kind: str
    offset: int
    text: str = ""
    items: list[JsonNode] = field(default_factory=list)
    members: list[JsonMember] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JsonProblem:
    """Something wrong with the text as JSON. If `fatal`, what follows it was not read."""

    code: str
    message: str
    offset: int
    fatal: bool


@dataclass(frozen=True, slots=True)
class JsonReading:
    """The value read, None after a fatal problem, and all problems in the order of the text."""

    root: JsonNode | None
    problems: tuple[JsonProblem, ...]


class _Fatal(Exception):
    def __init__(self, code: str, message: str, offset: int) -> None:
        super().__init__(message)
        self.problem = JsonProblem(code, message, offset, fatal=True)


def read_json(text: str) -> JsonReading:
    """Read one JSON value. Never raises: each fault is a problem with its offset.

    Not fatal: a byte order mark, a repeated name in one object (all of its members are read, in
    order), a lone surrogate, a NUL escaped in a string. All else that is no JSON is fatal, as is
    nesting beyond `MAX_DEPTH` and a second value after the first.
    """
    reader = _JsonReader(text)
    try:
        root = reader.document()
    except _Fatal as fault:
        return JsonReading(None, (*reader.problems, fault.problem))
    return JsonReading(root, tuple(reader.problems))


def decoded(node: JsonNode) -> JsonValue:
    """Return a node as plain values; of members with one name the last one counts."""
    match node.kind:
        case "object":
            return {member.name: decoded(member.value) for member in node.members}
        case "array":
            return [decoded(item) for item in node.items]
        case "number":
            return NumberText(node.text)
        case "string":
            return node.text
        case word:
            return _WORDS[word]


class _JsonReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.problems: list[JsonProblem] = []

    def note(self, code: str, message: str, offset: int) -> None:
        self.problems.append(JsonProblem(code, message, offset, fatal=False))

    def space(self) -> str:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def document(self) -> JsonNode:
        if self.text.startswith("\ufeff"):
            self.note("byte_order_mark", "Remove the byte order mark before the first brace.", 0)
            self.at = 1
        if not self.space():
            raise _Fatal("empty_text", "The text is empty; a policy is a JSON object.", 0)
        root = self.tree()
        if self.space():
            message = "A policy is one JSON object; remove what follows the first."
            raise _Fatal("text_after_policy", message, self.at)
        return root

    def tree(self) -> JsonNode:
        root = self.value()
        open_nodes = [root] if root.kind in ("object", "array") else []
        fresh = True
        while open_nodes:
            node = open_nodes[-1]
            child = self.next_child(node, first=fresh)
            fresh = False
            if child is None:
                open_nodes.pop()
            elif child.kind in ("object", "array"):
                if len(open_nodes) >= MAX_DEPTH:
                    message = f"Nested deeper than {MAX_DEPTH} levels; no policy needs that."
                    raise _Fatal("nested_too_deep", message, child.offset)
                open_nodes.append(child)
                fresh = True
        return root

    def next_child(self, node: JsonNode, *, first: bool) -> JsonNode | None:
        closing = "}" if node.kind == "object" else "]"
        char = self.space()
        if char == closing:
            self.at += 1
            self.check_names(node)
            return None
        if not first:
            if char != ",":
                raise self.expected(f"a comma or '{closing}'")
            comma = self.at
            self.at += 1
            if self.space() == closing:
                message = f"Remove the comma before '{closing}'."
                raise _Fatal("trailing_comma", message, comma)
        if node.kind == "array":
            child = self.value()
            node.items.append(child)
            return child
        return self.member(node)

    def check_names(self, node: JsonNode) -> None:
        seen: set[str] = set()
        for member in node.members:
            if member.name in seen:
                message = (
                    f"{shown(member.name)} appears twice in one object; AWS takes an element once. "
                    "Merge the two: here the last one is read."
                )
                self.note("duplicate_key", message, member.offset)
            seen.add(member.name)

    def member(self, node: JsonNode) -> JsonNode:
        if self.space() != '"':
            raise self.expected("a name in double quotes")
        offset = self.at
        name = self.string()
        if self.space() != ":":
            raise self.expected(f"a colon after {shown(name)}")
        self.at += 1
        self.space()
        child = self.value()
        node.members.append(JsonMember(name, offset, child))
        return child

    def value(self) -> JsonNode:
        offset = self.at
        char = self.text[offset : offset + 1]
        if char == "{" or char == "[":
            self.at += 1
            return JsonNode("object" if char == "{" else "array", offset)
        if char == '"':
            return JsonNode("string", offset, self.string())
        number = _NUMBER.match(self.text, offset)
        if number:
            self.at = number.end()
            return JsonNode("number", offset, number.group())
        word = _WORD.match(self.text, offset)
        if word and word.group() in _WORDS:
            self.at = word.end()
            return JsonNode(word.group(), offset, word.group())
        raise self.expected("a value")

    def string(self) -> str:
        start = self.at
        self.at += 1
        pieces: list[str] = []
        while True:
            match = _PLAIN.match(self.text, self.at)
            if match:
                pieces.append(match.group())
                self.at = match.end()
            char = self.text[self.at : self.at + 1]
            if char == '"':
                self.at += 1
                break
            if char == "\\":
                pieces.append(self.escape())
            elif not char:
                message = "This text is not closed; add the missing double quote."
                raise _Fatal("unclosed_string", message, start)
            else:
                message = (
                    f"The control character U+{ord(char):04X} is not allowed inside quotes; "
                    "remove it (a quote before it may be missing)."
                )
                raise _Fatal("control_character", message, self.at)
        value = "".join(pieces)
        self.check_characters(value, start)
        return value

    def escape(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in _ESCAPES:
            self.at += 2
            return _ESCAPES[letter]
        digits = _HEX4.match(self.text, self.at + 2) if letter == "u" else None
        if digits is None:
            message = "A backslash starts an escape; write '\\\\' for a backslash itself."
            raise _Fatal("bad_escape", message, self.at)
        code = int(digits.group(), 16)
        self.at += 6
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\u", self.at):
            low = _HEX4.match(self.text, self.at + 2)
            if low and 0xDC00 <= int(low.group(), 16) < 0xE000:
                self.at += 6
                return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(), 16) - 0xDC00)
        return chr(code)

    def check_characters(self, value: str, offset: int) -> None:
        if value.isascii():
            if "\0" in value:
                message = "A NUL character is not allowed in a policy; remove '\\u0000'."
                self.note("nul_character", message, offset)
            return
        if "\0" in value:
            self.note("nul_character", "A NUL character is not allowed in a policy.", offset)
        if any("\ud800" <= char <= "\udfff" for char in value):
            message = (
                "Half of a surrogate pair is not a character; write the whole pair or remove it."
            )
            self.note("lone_surrogate", message, offset)

    def expected(self, what: str) -> _Fatal:
        if self.at >= len(self.text):
            return _Fatal("unexpected_end", f"The text ends where {what} is missing.", self.at)
        word = _WORD.match(self.text, self.at)
        found = word.group() if word else self.text[self.at]
        return _Fatal("json_syntax", f"Expected {what}, found {shown(found, limit=60)}.", self.at)


def shown(text: str, limit: int = _LONGEST_NAME) -> str:
    """Return `text` quoted for a message: printable, and cut where it is longer than any name."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "'" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut) + "'"
