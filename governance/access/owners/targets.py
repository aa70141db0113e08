"""The targets of an organization: root, OUs and accounts with their tags, parents first."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from cachetools import LRUCache

from inventory.models import Connection, OrganizationalUnit, Root
from inventory.selectors.hierarchy import accounts, organizational_units
from inventory.selectors.state_marks import StateMarks, state_marks
from inventory.viewing import Viewer, visible

ROOT: Final = "ROOT"
ORGANIZATIONAL_UNIT: Final = "ORGANIZATIONAL_UNIT"
ACCOUNT: Final = "ACCOUNT"

# Whose something is does not depend on who asks: owners above a viewer's part count there too.
# What is shown to a viewer is limited where it is shown.
_WHOLE: Final = Viewer(sees_inventory=True)
# One of 10,000 accounts takes some 15 MB.
_KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class OwnedTarget:
    """A root, OU or account. `state`: AWS's, of accounts alone."""

    target_id: str
    kind: str
    name: str
    parent_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    state: str = ""


class OwnedTree:
    """Targets by id, each after its parent."""

    def __init__(self, by_id: Mapping[str, OwnedTarget]) -> None:
        self.by_id = by_id
        self._children: dict[str, list[OwnedTarget]] = {}
        self._ordered: list[OwnedTarget] | None = None
        for one in by_id.values():
            self._children.setdefault(one.parent_id, []).append(one)

    def upwards(self, target_id: str) -> Iterator[OwnedTarget]:
        """Yield a target, its parent and so on to the root; nothing where it is not known."""
        step = self.by_id.get(target_id)
        while step is not None:
            yield step
            step = self.by_id.get(step.parent_id)

    def in_order(self) -> list[OwnedTarget]:
        """Return the targets as a tree is read: each before what is below, accounts before OUs."""
        if self._ordered is None:
            for found in self._children.values():
                found.sort(
                    key=lambda one: (one.kind != ACCOUNT, one.name.casefold(), one.target_id)
                )
            ordered: list[OwnedTarget] = []
            waiting = list(reversed(self._children.get("", [])))
            while waiting:
                one = waiting.pop()
                ordered.append(one)
                waiting += reversed(self._children.get(one.target_id, []))
            self._ordered = ordered
        return self._ordered

    def below(self, target_id: str) -> Iterator[OwnedTarget]:
        """Yield a target and everything below it; nothing where it is not known."""
        waiting = [self.by_id[target_id]] if target_id in self.by_id else []
        while waiting:
            one = waiting.pop()
            yield one
            waiting += self._children.get(one.target_id, ())

    def accounts_below(self, target_id: str) -> list[str]:
        """Return the ids of the accounts at and below a target; none where it is not known."""
        return [one.target_id for one in self.below(target_id) if one.kind == ACCOUNT]


def target_tree(
    connection: Connection,
    *,
    as_of: datetime | None = None,
    target_ids: Collection[str] | None = None,
) -> OwnedTree:
    """Return the root, the OUs and the accounts, in three queries.

    `target_ids`: of accounts only these; None: all. All of them are kept for each state of an
    organization; then it takes one short query.
    """
    if target_ids is not None:
        return _read(connection, as_of, target_ids)
    key = (connection.pk, state_marks(_WHOLE, connection=connection, as_of=as_of))
    with _lock:
        known = _trees.get(key)
    if known is not None:
        return known
    found = _read(connection, as_of, None)
    with _lock:
        return _trees.setdefault(key, found)


_trees: Final[LRUCache[tuple[int, StateMarks], OwnedTree]] = LRUCache(maxsize=_KEPT)
_lock: Final = Lock()


def _read(
    connection: Connection, as_of: datetime | None, target_ids: Collection[str] | None
) -> OwnedTree:
    read = _read_above_accounts if target_ids is None else _above_accounts
    found = dict(read(connection, as_of))
    rows = accounts(_WHOLE, connection=connection, as_of=as_of)
    if target_ids is not None:
        rows = rows.filter(account_id__in=target_ids)
    for account_id, name, parent_id, tags, state in rows.values_list(
        "account_id", "name", "parent_id", "tags", "state"
    ):
        found[account_id] = OwnedTarget(account_id, ACCOUNT, name, parent_id, tags, state)
    return OwnedTree(found)


_above: Final[LRUCache[tuple[int, StateMarks], dict[str, OwnedTarget]]] = LRUCache(maxsize=_KEPT)


def _above_accounts(connection: Connection, as_of: datetime | None) -> dict[str, OwnedTarget]:
    """Return the root and the OUs, which are held for each state of their tables."""
    marks = state_marks(
        _WHOLE, connection=connection, as_of=as_of, tables=(Root, OrganizationalUnit)
    )
    key = (connection.pk, marks)
    with _lock:
        known = _above.get(key)
    if known is not None:
        return known
    found = _read_above_accounts(connection, as_of)
    with _lock:
        return _above.setdefault(key, found)


def _read_above_accounts(connection: Connection, as_of: datetime | None) -> dict[str, OwnedTarget]:
    found: dict[str, OwnedTarget] = {}
    for target_id, name, tags in (
        visible(Root.objects.as_of(as_of), _WHOLE)
        .filter(connection=connection)
        .values_list("target_id", "name", "tags")
    ):
        found[target_id] = OwnedTarget(target_id, ROOT, name, "", tags)
    units = organizational_units(_WHOLE, connection=connection, as_of=as_of).values_list(
        "target_id", "name", "parent_id", "tags", "path"
    )
    for target_id, name, parent_id, tags, _ in sorted(units, key=lambda unit: unit[4].count("/")):
        found[target_id] = OwnedTarget(target_id, ORGANIZATIONAL_UNIT, name, parent_id, tags)
    return found
