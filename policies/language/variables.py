"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.

They live in Resource, NotResource and the values of string and ARN conditions, in version
2012-10-17 only; elsewhere `${…}` is plain text. Source: IAM user guide, "IAM JSON policy elements:
Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue, Missing
from policies.language.patterns import Literal, Piece

_VARIABLE = re.compile(
    r"\$\{(?:(?P<special>[*?$])"
    r"|\s*(?P<key>[^}\s,']+)\s*(?:,\s*'(?P<default>[^']*)'\s*)?)\}"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: the context key in lower case, and what stands in where the key is absent."""

    key: str
    default: str | None


Template = tuple[Piece | Variable, ...]
Lookup = Callable[[str], ContextValue]
"""Context key in lower case → its value in the request."""


@lru_cache(maxsize=8192)
def template(text: str, expands: bool) -> Template:
    """Take a value apart; with `expands` false all of it is plain text with wildcards."""
    if not expands or "${" not in text:
        return (text,) if text else ()
    parts: list[Piece | Variable] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        special = match["special"]
        parts.append(
            Literal(special) if special else Variable(match["key"].lower(), match["default"])
        )
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def variable_keys(parts: Template) -> frozenset[str]:
    """Return the context keys, in lower case, that a value's variables read."""
    return frozenset(part.key for part in parts if isinstance(part, Variable))


def resolve(parts: Template, lookup: Lookup) -> tuple[Piece, ...] | Missing:
    """Put the request's values in for the variables.

    ABSENT: a variable has neither value nor default, or its key is multivalued; such a value
    never matches. UNKNOWN: a variable's key is declared unknown.
    """
    pieces: list[Piece] = []
    unknown = False
    for part in parts:
        if not isinstance(part, Variable):
            pieces.append(part)
            continue
        value = lookup(part.key)
        if value is UNKNOWN:
            unknown = True
        elif isinstance(value, str):
            pieces.append(Literal(value))
        elif value is ABSENT and part.default is not None:
            pieces.append(Literal(part.default))
        else:
            return ABSENT
    return UNKNOWN if unknown else tuple(pieces)
