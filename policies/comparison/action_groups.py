"""Actions that the same statements mention, made one: a question has thousands of actions, yet few
ways in which its statements tell them apart.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from policies.compiled import CompiledStatement
from policies.language.patterns import action_glob, any_matches

_SEED: Final = 20261123
_FEW: Final = 64


class ActionGroups:
    """The actions `bits` (a set of catalogue actions) by which of the statements mention them.

    Group `g` is bit `g` of every int of groups. Two actions are taken for alike if two sums of
    64 random bits, one for each statement that mentions them, are equal. `unlisted`: names, in
    lower case, of actions outside the catalogue that take part too, in groups of their own.
    """

    def __init__(
        self,
        bits: int,
        statements: Iterable[CompiledStatement],
        *,
        size: int,
        unlisted: Sequence[str] = (),
    ) -> None:
        self._size = size
        self._unlisted = tuple(unlisted)
        self._actions = np.flatnonzero(self._unpacked(bits))
        listed = len(self._actions)
        count = listed + len(self._unlisted)
        random_bits = random.Random(_SEED).getrandbits  # noqa: S311  no secret
        low = np.zeros(count, dtype=np.uint64)
        high = np.zeros(count, dtype=np.uint64)
        rows: list[tuple[CompiledStatement, npt.NDArray[np.bool_]]] = []
        names = _UnlistedNames(self._unlisted)
        # Statements with the same actions have the same row.
        known: dict[tuple[tuple[str, ...], bool], npt.NDArray[np.bool_]] = {}
        for statement in dict.fromkeys(statements):
            key = (statement.action_patterns, statement.not_action)
            row = known.get(key)
            if row is None:
                row = self._unpacked(statement.action_bits & bits)[self._actions]
                if self._unlisted:
                    row = np.concatenate((row, names.covered_by(statement)))
                known[key] = row
                if not row.all():
                    low ^= row * np.uint64(random_bits(64))
                    high ^= row * np.uint64(random_bits(64))
            if row.any():
                rows.append((statement, row))
        low[listed:] ^= np.uint64(random_bits(64))
        _, first, group_of = np.unique(low, return_index=True, return_inverse=True)
        if (high[first][group_of] != high).any():
            both = np.rec.fromarrays([low, high])
            _, first, group_of = np.unique(both, return_index=True, return_inverse=True)
        self.count = len(first)
        # Actions that take no part are in a group of their own, which no int of groups has.
        self._group_of = np.full(size, self.count, dtype=np.intp)
        self._group_of[self._actions] = group_of[:listed]
        actions = np.concatenate(
            (self._actions, np.arange(self._size, self._size + count - listed))
        )
        self._first: list[int] = actions[first].tolist()
        self.unlisted_groups = _packed(first >= listed)
        self.all_groups = (1 << self.count) - 1
        self.groups_of: dict[CompiledStatement, int] = {
            statement: _packed(row[first]) for statement, row in rows
        }
        self._all_bits = bits
        self._bits_of: dict[int, int] = {}
        self._bits_of_one: dict[int, int] = {}

    def _unpacked(self, bits: int) -> npt.NDArray[np.bool_]:
        data = np.frombuffer(bits.to_bytes(self._size // 8 + 1, "little"), dtype=np.uint8)
        return np.unpackbits(data, bitorder="little").view(np.bool_)

    def one_of_each(self, groups: int) -> Iterator[tuple[int, int | str]]:
        """Yield each group of an int of groups: its bit, and one of its actions.

        That is a catalogue index, or the name of an action outside the catalogue.
        """
        while groups:
            low = groups & -groups
            index = self._first[low.bit_length() - 1]
            yield low, index if index < self._size else self._unlisted[index - self._size]
            groups ^= low

    def of_actions(self, bits: int) -> int:
        """Return the groups whose first action is in a set of actions."""
        found = 0
        for number, index in enumerate(self._first):
            if bits >> index & 1:
                found |= 1 << number
        return found

    def action_bits(self, groups: int) -> int:
        """Return the catalogue actions of some groups."""
        found = self._bits_of.get(groups)
        if found is None:
            found = self._bits_of[groups] = self._find_bits(groups)
        return found

    def _find_bits(self, groups: int) -> int:
        # Most sets of groups leave out a few of them, or have a few.
        others = self.all_groups & ~groups
        if others.bit_count() <= _FEW:
            return self._all_bits & ~self._bits_of_each(others)
        if groups.bit_count() <= _FEW:
            return self._bits_of_each(groups)
        return self._chosen_bits(groups)

    def _bits_of_each(self, groups: int) -> int:
        found = 0
        while groups:
            low = groups & -groups
            bits = self._bits_of_one.get(low)
            if bits is None:
                bits = self._bits_of_one[low] = self._chosen_bits(low)
            found |= bits
            groups ^= low
        return found

    def _chosen_bits(self, groups: int) -> int:
        chosen = np.frombuffer(groups.to_bytes(self.count // 8 + 1, "little"), dtype=np.uint8)
        return _packed(np.unpackbits(chosen, bitorder="little").take(self._group_of))


class _UnlistedNames:
    """Names of actions outside the catalogue, held against each pattern once."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._matching: dict[str, npt.NDArray[np.bool_]] = {}

    def covered_by(self, statement: CompiledStatement) -> npt.NDArray[np.bool_]:
        """Return of each name whether a statement covers it."""
        row = np.zeros(len(self._names), dtype=np.bool_)
        for pattern in statement.action_patterns:
            matching = self._matching.get(pattern)
            if matching is None:
                test = any_matches((action_glob(pattern),))
                matching = np.fromiter(map(test, self._names), np.bool_)
                self._matching[pattern] = matching
            row |= matching
        return ~row if statement.not_action else row


def _packed(row: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]) -> int:
    return int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")
