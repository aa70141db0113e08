"""Which statements cover one action, remembered while many requests ask of the same one."""

from __future__ import annotations

from policies.compiled import CompiledStatement


class StatementCover(dict[CompiledStatement, bool]):
    """Whether statements cover one action, computed on first use.

    `lowered`: the action in lower case. `index`: in the catalogue, None if it is not there.
    """

    def __init__(self, lowered: str, index: int | None) -> None:
        super().__init__()
        self._lowered = lowered
        self._index = index

    def __missing__(self, statement: CompiledStatement) -> bool:
        if self._index is None:
            found = statement.covers_action(self._lowered)
        else:
            found = statement.covers_index(self._index)
        self[statement] = found
        return found
