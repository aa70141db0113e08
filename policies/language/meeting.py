"""Whether two patterns have a text in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.language.patterns import Glob, Wild

_STARS: Final = frozenset({Wild.ANY, Wild.PART})


@lru_cache(maxsize=65536)
def globs_meet(one: Glob, other: Glob) -> bool:
    """Whether some text matches both patterns; exact, one step for each character of `other`.

    `one` is read as an automaton whose states are the bits of an int, while `other` is what it
    reads: of a wildcard, any character that both accept.
    """
    automaton = _automaton(one)
    states = automaton.closed(1)
    for token in other.tokens:
        if isinstance(token, str):
            for char in token:
                states = automaton.after(states, char)
                if not states:
                    return False
        else:
            states = automaton.after_wild(states, token)
            if not states:
                return False
    return bool(states & automaton.final)


@dataclass(frozen=True, slots=True)
class _Automaton:
    """State `i` has read the first `i` elements; a star's state may go on without reading.

    Each field is a set of states, as bits: `stars`, and `part_stars` that read no colon;
    `any_one` and `one_in_part`, which read one character; `literals` by the character they read.
    """

    final: int
    stars: int
    part_stars: int
    any_one: int
    one_in_part: int
    literals: dict[str, int]

    def closed(self, states: int) -> int:
        """Return the states with those behind their stars; two stars are never neighbours."""
        return states | (states & self.stars) << 1

    def after(self, states: int, char: str) -> int:
        """Return the states after one character."""
        units, loops = self.literals.get(char, 0) | self.any_one, self.stars
        if char == ":":
            loops &= ~self.part_stars
        else:
            units |= self.one_in_part
        return self.closed((states & units) << 1 | states & loops)

    def after_wild(self, states: int, wild: Wild) -> int:
        """Return the states after whatever a wildcard stands for."""
        readable = self.final - 1
        if wild in (Wild.PART, Wild.ONE_IN_PART):
            readable &= ~self.literals.get(":", 0)
        if wild is Wild.ANY:
            return (self.final << 1) - (states & -states)
        if wild is Wild.PART:
            # A run of readable states is filled from its first one on by the carry.
            return states | (readable + (states & readable)) ^ readable
        return self.closed((states & readable & ~self.stars) << 1 | states & self.stars)


@lru_cache(maxsize=16384)
def _automaton(glob: Glob) -> _Automaton:
    at = 1
    stars = part_stars = any_one = one_in_part = 0
    literals: dict[str, int] = {}
    for token in glob.tokens:
        for element in token if isinstance(token, str) else (token,):
            if isinstance(element, str):
                literals[element] = literals.get(element, 0) | at
            elif element in _STARS:
                stars |= at
                part_stars |= at if element is Wild.PART else 0
            elif element is Wild.ONE:
                any_one |= at
            else:
                one_in_part |= at
            at <<= 1
    return _Automaton(at, stars, part_stars, any_one, one_in_part, literals)
