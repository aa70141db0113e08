"""Which nodes of a tree are open: by themselves, and by hand as the address says."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import BadRequest
from django.http import QueryDict

# What an address says of a tree, which no longer holds under another filter.
TREE_STATE: Final = ("open", "closed")

_MOST_NODES: Final = 100
_MOST_SHOWN: Final = 500
_MOST_SHOWN_IN_ALL: Final = 2000


@dataclass(frozen=True, slots=True)
class TreeState:
    """What somebody opened and closed by hand, by id.

    `shown`: how many accounts are shown in a node where more than the first were asked for.
    """

    opened: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()
    shown: Mapping[str, int] = field(default_factory=dict)


def tree_state(query: QueryDict) -> TreeState:
    """Read `open=ou-1,ou-2:150&closed=ou-3`; ids that the tree no longer has do no harm.

    :raises BadRequest: too many nodes, or a number of accounts that is none.
    """
    opened, shown, in_all = [], {}, 0
    for entry in _entries(query, "open"):
        target_id, colon, number = entry.partition(":")
        opened.append(target_id)
        if not colon:
            continue
        if not (number.isascii() and number.isdecimal()) or int(number) > _MOST_SHOWN:
            raise BadRequest(
                f"open has {entry!r}; after the colon stands how many accounts are shown, "
                f"at most {_MOST_SHOWN}."
            )
        if in_all + int(number) <= _MOST_SHOWN_IN_ALL:
            in_all += int(number)
            shown[target_id] = int(number)
    return TreeState(tuple(opened), frozenset(_entries(query, "closed")), shown)


def _entries(query: QueryDict, name: str) -> list[str]:
    entries = [entry for entry in query.get(name, "").split(",") if entry]
    if len(entries) > _MOST_NODES:
        raise BadRequest(f"{name} has {len(entries)} nodes; it can have {_MOST_NODES}.")
    return entries


@dataclass(frozen=True, slots=True)
class OpenNodes:
    """The nodes whose children are on the page.

    `by_itself`: those open where nobody says otherwise. `closed`: those whose children are hidden.
    """

    by_itself: Collection[str]
    by_hand: Collection[str] = frozenset()
    closed: Collection[str] = frozenset()

    def is_loaded(self, target_id: str) -> bool:
        """Whether a node's children are on the page, hidden or not."""
        return target_id in self.by_itself or target_id in self.by_hand

    def is_open(self, target_id: str) -> bool:
        """Whether a node's children are shown."""
        return self.is_loaded(target_id) and target_id not in self.closed
