"""Actions that the same statements mention, made one: a question has thousands of actions, yet few
ways in which its statements tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from policies.compiled import CompiledStatement
from policies.language.patterns import action_glob, any_matches

_FEW: Final = 64
# Odd numbers: multiplying by one loses nothing of 64 bits.
_SEEDS: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_UNLISTED: Final = np.uint64(0x165667B19E3779F9)
_WORD: Final = 64


class ActionGroups:
    """The actions `bits` (a set of catalogue actions) by which of the statements mention them.

    Group `g` is bit `g` of every int of groups. Two actions are taken for alike if two hashes of
    64 bits, over which of the statements mention them, are equal. `unlisted`: names, in lower
    case, of actions outside the catalogue that take part too, in groups of their own.
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
        covering = _CoveredActions(bits, tuple(dict.fromkeys(statements)), size, self._unlisted)
        # A column for each action of the catalogue, then one for each name outside of it.
        columns = np.concatenate((self._actions, np.arange(size, size + len(self._unlisted))))
        low, high = (covering.hashes(seed)[columns] for seed in _SEEDS)
        low[listed:] ^= _UNLISTED
        _, first, group_of = np.unique(low, return_index=True, return_inverse=True)
        if (high[first][group_of] != high).any():
            both = np.rec.fromarrays([low, high])
            _, first, group_of = np.unique(both, return_index=True, return_inverse=True)
        self.count = len(first)
        # Actions that take no part are in a group of their own, which no int of groups has.
        self._group_of = np.full(size, self.count, dtype=np.intp)
        self._group_of[self._actions] = group_of[:listed]
        self._first: list[int] = columns[first].tolist()
        self.unlisted_groups = _packed(first >= listed)
        self.all_groups = (1 << self.count) - 1
        self.groups_of: dict[CompiledStatement, int] = covering.packed(columns[first])
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


class _CoveredActions:
    """Which statements cover which of some actions: a row for statements that cover the same.

    A column for each action of the catalogue, then one for each name outside of it.
    """

    def __init__(
        self, bits: int, statements: Sequence[CompiledStatement], size: int, unlisted: Sequence[str]
    ) -> None:
        names = _UnlistedNames(unlisted)
        rows: dict[tuple[int, bytes], int] = {}
        self._row_of: dict[CompiledStatement, int] = {}
        for statement in statements:
            also = names.covered_by(statement).tobytes() if unlisted else b""
            covered = statement.action_bits & bits
            if covered or any(also):
                self._row_of[statement] = rows.setdefault((covered, also), len(rows))
        distinct = tuple(rows)
        self._words = tuple(
            _columns_as_words(distinct[start : start + _WORD], size, len(unlisted))
            for start in range(0, len(distinct), _WORD)
        )
        self._columns = size + len(unlisted)

    def hashes(self, seed: np.uint64) -> npt.NDArray[np.uint64]:
        """Return a hash of each column, equal where the same statements cover it."""
        hashed = np.zeros(self._columns, dtype=np.uint64)
        for words in self._words:
            hashed ^= words
            hashed *= seed
            hashed ^= hashed >> np.uint64(29)
        return hashed

    def packed(self, columns: npt.NDArray[np.intp]) -> dict[CompiledStatement, int]:
        """Return of each statement that covers something which of some columns it covers."""
        numbers: list[int] = []
        for words in self._words:
            chosen = np.unpackbits(words[columns].view(np.uint8).reshape(-1, _WORD // 8), axis=1)
            rows = np.packbits(chosen.T, axis=1, bitorder="little")
            numbers += [int.from_bytes(row.tobytes(), "little") for row in rows]
        return {statement: numbers[row] for statement, row in self._row_of.items()}


def _columns_as_words(
    rows: Sequence[tuple[int, bytes]], size: int, unlisted: int
) -> npt.NDArray[np.uint64]:
    """Return each column of at most 64 rows as one number."""
    length = size // 8 + 1
    listed = np.frombuffer(
        b"".join(covered.to_bytes(length, "little") for covered, _ in rows), dtype=np.uint8
    ).reshape(len(rows), length)
    others = np.frombuffer(b"".join(also for _, also in rows), dtype=np.uint8)
    columns = np.zeros((size + unlisted, _WORD), dtype=np.uint8)
    columns[:size, : len(rows)] = np.unpackbits(listed, axis=1, bitorder="little")[:, :size].T
    columns[size:, : len(rows)] = others.reshape(len(rows), unlisted).T
    return np.packbits(columns, axis=1).view(np.uint64).reshape(-1)


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
