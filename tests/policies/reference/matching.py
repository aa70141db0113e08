"""Patterns and condition operators, one value at a time."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import re
from fractions import Fraction

ABSENT = None
"""A key without a value."""


def wild(pattern: str, text: str, *, literal: frozenset[int] = frozenset()) -> bool:
    """Match `*` and `?` over any characters; positions in `literal` are themselves."""
    reached = {0}
    for at, char in enumerate(pattern):
        if char == "*" and at not in literal:
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        elif char == "?" and at not in literal:
            reached = {place + 1 for place in reached if place < len(text)}
        else:
            reached = {p + 1 for p in reached if p < len(text) and text[p] == char}
    return len(text) in reached


def arn_like(pattern: str, text: str, literal: frozenset[int]) -> bool:
    if pattern == "*" and not literal:
        return True
    parts, texts = pattern.split(":", 5), text.split(":", 5)
    if len(parts) < 6 or len(texts) < 6:
        return False
    start = 0
    for part, own in zip(parts, texts, strict=True):
        inside = frozenset(p - start for p in literal if start <= p < start + len(part))
        if not wild(part, own, literal=inside):
            return False
        start += len(part) + 1
    return True


def number(text: str) -> Fraction | None:
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", text, re.ASCII):
        return Fraction(text)
    return None


def instant(text: str) -> Fraction | None:
    if re.fullmatch(r"-?(\d{1,3}|\d{5,18})(\.\d+)?", text, re.ASCII):
        return Fraction(text)
    if re.fullmatch(r"\d{4}", text, re.ASCII):
        text += "-01-01"
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=datetime.UTC)
    return Fraction(int(found.timestamp()))


def in_range(text: str, written: str) -> bool:
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(written, strict=False)
    except (ValueError, TypeError):
        return False


def decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def compare(base: str, text: str, written: str, literal: frozenset[int]) -> bool:
    """Compare one text with one value of a policy, the operator in its positive form."""
    match base:
        case "stringequals":
            return text == written
        case "stringequalsignorecase":
            return text.lower() == written.lower()
        case "stringlike":
            return wild(written, text, literal=literal)
        case "arnlike" | "arnequals":
            return arn_like(written, text, literal)
        case "bool":
            return text.lower() == written.lower() and text.lower() in ("true", "false")
        case "ipaddress":
            return in_range(text, written)
        case "binaryequals":
            return decoded(text) is not None and decoded(text) == decoded(written)
    read = number if base.startswith("numeric") else instant
    left, right = read(text), read(written)
    if left is None or right is None:
        return False
    relation = base.removeprefix("numeric").removeprefix("date")
    return {
        "equals": left == right,
        "lessthan": left < right,
        "lessthanequals": left <= right,
        "greaterthan": left > right,
        "greaterthanequals": left >= right,
    }[relation]


POSITIVE = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotlike": "arnlike",
    "arnnotequals": "arnequals",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
}
KNOWN = {
    *POSITIVE,
    *POSITIVE.values(),
    *(f"{kind}{rest}"
      for kind in ("numeric", "date")
      for rest in ("lessthan", "lessthanequals", "greaterthan", "greaterthanequals")),
    "bool",
    "binaryequals",
    "null",
}  # fmt: skip


def operator_of(written: str) -> tuple[str, str, bool] | None:
    """Take an operator apart: set operator or "", name, IfExists. None if AWS has no such."""
    name = written.lower()
    several = ""
    for prefix in ("forallvalues:", "foranyvalue:"):
        if name.startswith(prefix):
            several, name = prefix[:-1], name.removeprefix(prefix)
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name not in KNOWN or (name == "null" and if_exists):
        return None
    return several, name, if_exists


def condition_holds(written: str, wanted: list[tuple[str, frozenset[int]]], value) -> bool | None:
    """Whether a condition holds for a key's value: None (absent), a text or a list of texts."""
    parts = operator_of(written)
    if parts is None:
        return None
    several, name, if_exists = parts
    if name == "null":
        truths = {text.lower() for text, _ in wanted}
        return ("true" in truths) if value in (None, []) else ("false" in truths)
    negated = name in POSITIVE
    base = POSITIVE.get(name, name)

    def meets(text: str) -> bool:
        return any(compare(base, text, own, literal) for own, literal in wanted) is not negated

    if several == "forallvalues":
        return value in (None, [], "", [""]) or all(map(meets, as_list(value)))
    if several == "foranyvalue":
        if value in (None, []):
            return if_exists
        return value not in ("", [""]) and any(map(meets, as_list(value)))
    if value in (None, []):
        return if_exists or negated
    return (all if negated else any)(map(meets, as_list(value)))


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]
