"""Whether two patterns have a text in common."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policies.language.patterns import Glob, Wild

_STARS: Final = frozenset({Wild.ANY, Wild.PART})
_NO_COLON: Final = frozenset({Wild.PART, Wild.ONE_IN_PART})
_Element = str | Wild


@lru_cache(maxsize=65536)
def globs_meet(one: Glob, other: Glob) -> bool:
    """Whether some text matches both patterns; exact, in steps of the product of their lengths."""
    left, right = _elements(one), _elements(other)
    seen = {(0, 0)}
    steps = [(0, 0)]
    while steps:
        i, j = steps.pop()
        if i == len(left) and j == len(right):
            return True
        for step in _following(left, i, right, j):
            if step not in seen:
                seen.add(step)
                steps.append(step)
    return False


def _elements(glob: Glob) -> tuple[_Element, ...]:
    found: list[_Element] = []
    for token in glob.tokens:
        if isinstance(token, str):
            found.extend(token)
        else:
            found.append(token)
    return tuple(found)


def _following(
    left: tuple[_Element, ...], i: int, right: tuple[_Element, ...], j: int
) -> list[tuple[int, int]]:
    """Return where the two may stand after a star ended, or after a character they share."""
    found = []
    one = left[i] if i < len(left) else None
    other = right[j] if j < len(right) else None
    if one in _STARS:
        found.append((i + 1, j))
    if other in _STARS:
        found.append((i, j + 1))
    if one is not None and other is not None and _share(one, other):
        found.append((i if one in _STARS else i + 1, j if other in _STARS else j + 1))
    return found


def _share(one: _Element, other: _Element) -> bool:
    if isinstance(one, str):
        if isinstance(other, str):
            return one == other
        return one != ":" or other not in _NO_COLON
    return not isinstance(other, str) or other != ":" or one not in _NO_COLON
