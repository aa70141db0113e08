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

_SEED: Final = 20261123


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
        for statement in dict.fromkeys(statements):
            row = self._unpacked(statement.action_bits & bits)[self._actions]
            if self._unlisted:
                covers = statement.covers_action
                row = np.concatenate((row, np.fromiter(map(covers, self._unlisted), np.bool_)))
            if not row.any():
                continue
            rows.append((statement, row))
            if not row.all():
                low ^= row * np.uint64(random_bits(64))
                high ^= row * np.uint64(random_bits(64))
        low[listed:] ^= np.uint64(random_bits(64))
        _, first, group_of = np.unique(low, return_index=True, return_inverse=True)
        if (high[first][group_of] != high).any():
            both = np.rec.fromarrays([low, high])
            _, first, group_of = np.unique(both, return_index=True, return_inverse=True)
        self._group_of = group_of[:listed]
        self.count = len(first)
        actions = np.concatenate(
            (self._actions, np.arange(self._size, self._size + count - listed))
        )
        self._first: list[int] = actions[first].tolist()
        self.unlisted_groups = _packed(first >= listed)
        self.all_groups = (1 << self.count) - 1
        self.groups_of: dict[CompiledStatement, int] = {
            statement: _packed(row[first]) for statement, row in rows
        }
        self._bits_of: dict[int, int] = {}

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
            chosen = np.frombuffer(groups.to_bytes(self.count // 8 + 1, "little"), dtype=np.uint8)
            member = np.unpackbits(chosen, bitorder="little")[self._group_of]
            row = np.zeros(self._size, dtype=np.uint8)
            row[self._actions] = member
            found = self._bits_of[groups] = _packed(row)
        return found


def _packed(row: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]) -> int:
    return int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")
