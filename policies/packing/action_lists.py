"""Shorter lists of actions that match the same actions of the catalogue."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import Final

from policies.catalogue import Catalogue
from policies.coverage import pattern_covers

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|.")
_MOST_CANDIDATES: Final = 1000
_FRAME: Final = 3
"""What a pattern costs beside its own characters: two quotes and a comma."""


def exact_actions(patterns: Sequence[str]) -> tuple[str, ...]:
    """Drop the patterns that others of the list cover; the rest match the very same names."""
    distinct: dict[str, str] = {}
    for pattern in patterns:
        distinct.setdefault(pattern.lower(), pattern)
    # Only a wildcard covers another name, and one with a fixed service only within its service.
    by_service: dict[str, list[str]] = {}
    for lowered in distinct:
        if "*" in lowered or "?" in lowered:
            service = lowered.partition(":")[0]
            by_service.setdefault("" if "*" in service or "?" in service else service, []).append(
                lowered
            )
    remaining: dict[str, str] = {}
    for lowered, pattern in distinct.items():
        wide = (*by_service.get("", ()), *by_service.get(lowered.partition(":")[0], ()))
        if not any(
            other != lowered
            and pattern_covers(other, lowered)
            and (other in remaining or not pattern_covers(lowered, other))
            for other in wide
        ):
            remaining[lowered] = pattern
    return tuple(remaining.values())


def short_actions(catalogue: Catalogue, patterns: Sequence[str]) -> tuple[str, ...]:
    """Return a short list that matches the same actions of the catalogue.

    Its new wildcards stand for two known actions at least and take the place of whole words of
    their names. Names that AWS does not have stay.
    """
    remaining = exact_actions(patterns)
    by_service: dict[str, list[str]] = {}
    chosen: list[str] = []
    for pattern in remaining:
        service = pattern.partition(":")[0].lower()
        if service in catalogue.service_ranges and catalogue.bits(pattern):
            by_service.setdefault(service, []).append(pattern)
        else:
            chosen.append(pattern)
    for service, listed in by_service.items():
        chosen += _short_in_service(catalogue, service, listed)
    return exact_actions(sorted(chosen, key=str.lower))


def _short_in_service(catalogue: Catalogue, service: str, listed: list[str]) -> list[str]:
    span = catalogue.service_ranges[service]
    target = catalogue.union(listed) >> span.start
    if target.bit_count() == len(span) > 1:
        return [f"{service}:*"]
    own = _Service(catalogue, service)
    tried = (listed, own.improved(listed, target), own.improved(own.prefixes(target), target))
    return min(tried, key=cost)


def cost(patterns: Iterable[str]) -> int:
    """Characters that a list takes in minified JSON."""
    return sum(len(pattern) + _FRAME for pattern in patterns)


def without_covered(items: Sequence[str], covers: Callable[[str, str], bool]) -> tuple[str, ...]:
    """Drop what another item covers; of items that cover each other the first stays."""
    remaining: list[str] = []
    for item in items:
        if any(covers(other, item) for other in remaining):
            continue
        remaining = [other for other in remaining if not covers(item, other)]
        remaining.append(item)
    return tuple(remaining)


class _Service:
    """The actions of one service; a set of them is an int with one bit for each."""

    def __init__(self, catalogue: Catalogue, service: str) -> None:
        span = catalogue.service_ranges[service]
        self._catalogue = catalogue
        self._service = service
        self._start = span.start
        self._mask = (1 << len(span)) - 1
        self._names = [catalogue.names[at].partition(":")[2] for at in span]
        self._lowered = [name.lower() for name in self._names]

    def _bits(self, pattern: str) -> int:
        return self._catalogue.bits(pattern) >> self._start & self._mask

    def prefixes(self, target: int) -> list[str]:
        """Partition the target into the widest beginnings, of whole words, of nothing else."""
        found: list[str] = []
        at = 0
        while at < len(self._names):
            if not target >> at & 1:
                at += 1
                continue
            text, at = self._widest(at, target)
            found.append(f"{self._service}:{text}")
        return found

    def _widest(self, at: int, target: int) -> tuple[str, int]:
        width = 0
        for word in _WORD.findall(self._names[at]):
            width += len(word)
            head = self._lowered[at][:width]
            # Names are sorted in lower case, so what begins alike lies together.
            first = bisect_left(self._lowered, head)
            last = bisect_left(self._lowered, head + "\x7f", first)
            alike = (1 << last) - (1 << first)
            if alike & ~target == 0 and last - first > 1:
                return self._names[at][:width] + "*", last
        return self._names[at], at + 1

    def improved(self, patterns: list[str], target: int) -> list[str]:
        """Replace groups of patterns by one with a wildcard at the front or in the middle.

        The one that saves most goes first. What a candidate saves only shrinks while others are
        taken, so it is counted again when it comes up, not each time.
        """
        chosen = {pattern: self._bits(pattern) for pattern in patterns}
        waiting: list[tuple[int, str]] = []
        for pattern in _candidates(patterns):
            bits = self._bits(pattern)
            if bits.bit_count() > 1 and not bits & ~target:
                saved = self._saved(chosen, pattern)[0]
                if saved > 0:
                    waiting.append((-saved, pattern))
        heapify(waiting)
        while waiting:
            expected, pattern = heappop(waiting)
            saved, replaced = self._saved(chosen, pattern)
            if saved <= 0:
                continue
            if saved < -expected:
                heappush(waiting, (-saved, pattern))
                continue
            for other in replaced:
                del chosen[other]
            chosen[pattern] = self._bits(pattern)
        return list(chosen)

    def _saved(self, chosen: dict[str, int], pattern: str) -> tuple[int, list[str]]:
        outside = ~self._bits(pattern)
        replaced = [other for other, bits in chosen.items() if not bits & outside]
        return cost(replaced) - cost([pattern]), replaced


def _candidates(patterns: Iterable[str]) -> list[str]:
    """Patterns with the last words of a name, alone or after its first words; most common first."""
    seen: Counter[str] = Counter()
    for pattern in patterns:
        service, _, name = pattern.partition(":")
        words = _WORD.findall(name.rstrip("*"))
        end = "*" if name.endswith("*") else ""
        for cut in range(1, len(words)):
            tail = "".join(words[cut:])
            heads = {"", words[0], "".join(words[: cut - 1])}
            seen.update(f"{service}:{head}*{tail}{end}" for head in heads)
    return [text for text, count in seen.most_common(_MOST_CANDIDATES) if count > 1]
