"""Wildcard patterns, in one form for all: what AWS means by `*` and `?` in each place.

A `Glob` is a tuple of literal pieces and `Wild`s. Evaluation matches it by a regular expression
in linear time; comparison reads its tokens. The rules, by place:

- StringLike and actions: `*` and `?` match any characters (an action ignores case).
- ArnLike, ArnEquals: six parts; in the first five neither matches a colon.
- Resource: in the first five parts a `*` that ends its part crosses colons, another wildcard
  does not; in the sixth everything matches.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" (String, ARN), "…: Resource"
(wildcards in ARNs), "…: Action".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final


class Wild(Enum):
    """A wildcard, with what it may stand for."""

    ANY = "any number of any characters"
    ONE = "one character"
    PART = "any number of characters other than a colon"
    ONE_IN_PART = "one character other than a colon"


_REGEX: Final = {Wild.ANY: ".*", Wild.ONE: ".", Wild.PART: "[^:]*", Wild.ONE_IN_PART: "[^:]"}
_STARS: Final = frozenset({Wild.ANY, Wild.PART})
_ARN_COLONS: Final = 5


@dataclass(frozen=True, slots=True)
class Literal:
    """Text whose `*` and `?` are themselves: `${*}`, or what a policy variable stood for."""

    text: str


Piece = str | Literal
"""Part of a pattern's text: `str` where wildcards live, `Literal` where they do not."""


@dataclass(frozen=True, slots=True)
class Glob:
    """A compiled pattern: literal texts (never empty, never two in a row) and wildcards.

    Two stars are never neighbours, so equal tokens are the normal form of equal writing.
    """

    tokens: tuple[str | Wild, ...]

    @property
    def matches_all(self) -> bool:
        """Whether every text matches."""
        return self.tokens == (Wild.ANY,)

    @property
    def literal(self) -> str | None:
        """The one text that matches, if the pattern has no wildcard."""
        if not self.tokens:
            return ""
        first = self.tokens[0]
        return first if len(self.tokens) == 1 and isinstance(first, str) else None

    @property
    def regex(self) -> str:
        """A regular expression for `fullmatch`, with DOTALL, that never backtracks far.

        Each star but the last takes the first place where what follows it fits, and stays there: a
        later star could cross whatever a later fit would have crossed. Not so where a star that
        crosses colons is followed by one that does not; that one may be tried again.
        """
        return _regex(self.tokens)

    def matches(self, text: str) -> bool:
        """Whether all of `text` matches."""
        return _compiled(_regex(self.tokens))(text) is not None


def _regex(tokens: Sequence[str | Wild]) -> str:
    stars = [index for index, token in enumerate(tokens) if token in _STARS]
    pieces: list[str] = []
    start = 0
    for number, index in enumerate(stars):
        pieces.append(_plain(tokens[start:index]))
        end = stars[number + 1] if number + 1 < len(stars) else None
        star = tokens[index]
        if end is None:
            pieces.append(_REGEX[star] if isinstance(star, Wild) else "")
            start = index + 1
        elif star is Wild.ANY and tokens[end] is Wild.PART:
            pieces.append(".*")
            start = index + 1
        else:
            run = ".*?" if star is Wild.ANY else "[^:]*?"
            pieces.append(f"(?>{run}{_plain(tokens[index + 1 : end])})")
            start = end
    pieces.append(_plain(tokens[start:]))
    return "".join(pieces)


def _plain(tokens: Sequence[str | Wild]) -> str:
    return "".join(
        re.escape(token) if isinstance(token, str) else _REGEX[token] for token in tokens
    )


@lru_cache(maxsize=4096)
def _compiled(regex: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(regex, re.DOTALL).fullmatch


def _build(tokens: Iterable[str | Wild]) -> Glob:
    built: list[str | Wild] = []
    for token in tokens:
        last = built[-1] if built else None
        if isinstance(token, str):
            if isinstance(last, str):
                built[-1] = last + token
            elif token:
                built.append(token)
        elif token in _STARS and last in _STARS:
            built[-1] = Wild.ANY if Wild.ANY in (token, last) else Wild.PART
        else:
            built.append(token)
    return Glob(tuple(built))


_WILDCARD: Final = re.compile("([*?])")


def _runs(pieces: Sequence[Piece]) -> Iterable[tuple[str, bool]]:
    """Yield texts without wildcards, and wildcards one by one; whether it is a wildcard."""
    for piece in pieces:
        if isinstance(piece, Literal):
            if piece.text:
                yield piece.text, False
        else:
            for number, run in enumerate(_WILDCARD.split(piece)):
                if run:
                    yield run, bool(number & 1)


def string_glob(pieces: Sequence[Piece]) -> Glob:
    """Compile a StringLike value: wildcards match any characters, colons too."""
    return _build(
        ((Wild.ANY if run == "*" else Wild.ONE) if wild else run) for run, wild in _runs(pieces)
    )


def arn_glob(pieces: Sequence[Piece]) -> Glob | None:
    """Compile an ArnLike or ArnEquals value; None for one of fewer than six parts.

    Such a value matches nothing, but for `*` alone, which matches every value.
    """
    if tuple(pieces) == ("*",):
        return Glob((Wild.ANY,))
    tokens: list[str | Wild] = []
    colons = 0
    for run, wild in _runs(pieces):
        if not wild:
            colons += run.count(":")
            tokens.append(run)
        elif colons < _ARN_COLONS:
            tokens.append(Wild.PART if run == "*" else Wild.ONE_IN_PART)
        else:
            tokens.append(Wild.ANY if run == "*" else Wild.ONE)
    return _build(tokens) if colons >= _ARN_COLONS else None


def resource_glob(pieces: Sequence[Piece]) -> Glob:
    """Compile a Resource or NotResource value."""
    runs = list(_runs(pieces))
    tokens: list[str | Wild] = []
    colons = 0
    for index, (run, wild) in enumerate(runs):
        if not wild:
            colons += run.count(":")
            tokens.append(run)
        elif run == "*":
            ends_part = index + 1 == len(runs) or runs[index + 1][0].startswith(":")
            crosses = colons >= _ARN_COLONS or ends_part
            tokens.append(Wild.ANY if crosses else Wild.PART)
        else:
            tokens.append(Wild.ONE if colons >= _ARN_COLONS else Wild.ONE_IN_PART)
    return _build(tokens)


@lru_cache(maxsize=8192)
def action_glob(pattern: str) -> Glob:
    """Compile an action's pattern; match it against an action in lower case."""
    return string_glob((pattern.lower(),))


def any_matches(globs: Iterable[Glob]) -> Callable[[str], bool]:
    """Return a test of whether a text matches one of `globs`.

    It looks up whole texts, compares beginnings, and for all else makes one regex, when it first
    must.
    """
    whole: set[str] = set()
    begun: list[str] = []
    others: list[Glob] = []
    for glob in globs:
        if glob.matches_all:
            return match_everything
        literal = glob.literal
        if literal is not None:
            whole.add(literal)
        elif (
            len(glob.tokens) == 2
            and isinstance(glob.tokens[0], str)
            and (glob.tokens[1] is Wild.ANY)
        ):
            begun.append(glob.tokens[0])
        else:
            others.append(glob)
    exact, beginnings = frozenset(whole), tuple(begun)
    if others:
        return _with_regex(exact, beginnings, others)
    if not beginnings:
        return exact.__contains__
    if not exact:
        return lambda text: text.startswith(beginnings)
    return lambda text: text in exact or text.startswith(beginnings)


def _with_regex(
    exact: frozenset[str], beginnings: tuple[str, ...], others: Sequence[Glob]
) -> Callable[[str], bool]:
    match: Callable[[str], object] | None = None

    def test(text: str) -> bool:
        nonlocal match
        if text in exact or text.startswith(beginnings):
            return True
        if match is None:
            expressions = sorted(glob.regex for glob in others)
            match = _compiled("|".join(f"(?:{expression})" for expression in expressions))
        return match(text) is not None

    return test


def match_everything(_: str) -> bool:
    """The test that `any_matches` gives where one of the globs matches all."""
    return True
