"""Two states of an organization read and compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.posture.state.process_cache import ProcessCache
from governance.snapshots.differ import differences_of
from governance.snapshots.differences import FoundDifferences
from governance.snapshots.gaps import SnapshotGap, WhichSide, gaps_of, was_read
from governance.snapshots.moments import Moment
from governance.snapshots.sides import Placed, PolicyName, SnapshotSide
from inventory.models import (
    Account,
    Connection,
    DelegatedAdministrator,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    ResourcePolicy,
    Root,
)
from inventory.models.versions import Version
from inventory.selectors.history import VersionChange, changes
from inventory.selectors.resource_policies import BUCKETS_COLLECTOR
from inventory.selectors.snapshots import held_at_either, organization_readings
from inventory.selectors.state_marks import StateMarks, accounts_ever_complete, state_marks
from inventory.selectors.versioned_tables import ORGANIZATION_TABLES
from inventory.viewing import Viewer

_KEPT: Final = 24
# What two states are compared by: all of the organization, and the resources of its accounts.
_TABLES: Final[tuple[type[Version], ...]] = (*ORGANIZATION_TABLES, ResourcePolicy)


@dataclass(frozen=True)
class Compared:
    """Two states side by side. `found`: what differs. `gaps`: what was not read of either.

    `sides`: both states as far as the differences need them, with every OU and the root.
    `key` is equal for equal pairs of states.
    """

    key: "ComparisonKey"
    before: Moment
    after: Moment
    found: FoundDifferences
    sides: tuple[SnapshotSide, SnapshotSide]
    gaps: tuple[SnapshotGap, ...]


ComparisonKey = tuple[int, StateMarks, StateMarks, frozenset[str]]
_found: Final[
    ProcessCache[ComparisonKey, tuple[FoundDifferences, tuple[SnapshotSide, SnapshotSide]]]
] = ProcessCache(most=_KEPT)


def compare_snapshots(
    viewer: Viewer, *, connection: Connection, before: Moment, after: Moment
) -> Compared:
    """Compare an organization at two times, `before` not after `after`.

    Equal states share one answer in this process. Things whose collector had never been complete
    by `before` are not told as added: see `FoundDifferences.first_read`.
    """
    readings_before = organization_readings(viewer, connection=connection, as_of=before.as_of)
    readings_after = organization_readings(viewer, connection=connection, as_of=after.as_of)
    accounts_read = accounts_ever_complete(
        viewer, connection=connection, collector=BUCKETS_COLLECTOR, as_of=before.at
    )
    read = frozenset(name for name in readings_before if was_read(readings_before, name))
    key = (
        connection.pk,
        state_marks(viewer, connection=connection, as_of=before.at, tables=_TABLES),
        state_marks(viewer, connection=connection, as_of=after.at, tables=_TABLES),
        read | accounts_read,
    )
    found, sides = _found.get(
        key, lambda: _find(viewer, connection, before.at, after.at, read, accounts_read)
    )
    gaps = (
        *gaps_of(WhichSide.BEFORE, readings_before),
        *gaps_of(WhichSide.AFTER, readings_after),
    )
    return Compared(key, before, after, found, sides, gaps)


def _find(
    viewer: Viewer,
    connection: Connection,
    before: datetime,
    after: datetime,
    read: frozenset[str],
    accounts_read: frozenset[str],
) -> tuple[FoundDifferences, tuple[SnapshotSide, SnapshotSide]]:
    changed = list(
        changes(
            viewer,
            connection=connection,
            after=before,
            until=after,
            models=_TABLES,
        )
    )
    sides = _SnapshotReader(viewer, connection, before, after).sides(changed)
    found = differences_of(
        changed, *sides, read_before=read.__contains__, accounts_read=accounts_read
    )
    return found, sides


class _SnapshotReader:
    """Reads what the differences need to know of both states, each table once."""

    def __init__(
        self, viewer: Viewer, connection: Connection, before: datetime, after: datetime
    ) -> None:
        self._viewer = viewer
        self._connection = connection
        self._moments = (before, after)

    def sides(self, changed: Sequence[VersionChange]) -> tuple[SnapshotSide, SnapshotSide]:
        """Return both states as far as some changes touch them."""
        policy_ids = {change.key[0] for change in changed if change.model is Policy}
        attached = self._attached(policy_ids)
        targets = {
            *(change.key[1] for change in changed if change.model is PolicyAttachment),
            *(change.key[0] for change in changed if change.model is DelegatedAdministrator),
            *(change.key[0] for change in changed if change.model in (Account, ResourcePolicy)),
            *(target_id for side in attached for found in side.values() for target_id in found),
        }
        units = self._units()
        accounts = self._accounts(targets)
        policies = self._policies(
            {change.key[0] for change in changed if change.model is PolicyAttachment}
        )
        before, after = (
            SnapshotSide(units[side], accounts[side], policies[side], attached[side])
            for side in (0, 1)
        )
        return before, after

    def _held(
        self, model: type[Version], *columns: str, **where: Any
    ) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Return columns of the rows that held at the one time, and of those at the other."""
        before, after = self._moments
        rows = held_at_either(
            self._viewer, model, connection=self._connection, before=before, after=after
        )
        found: tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]] = ([], [])
        for row in rows.filter(**where).values_list(*columns, "seen_from", "seen_until"):
            *values, seen_from, seen_until = row
            for side, moment in enumerate(self._moments):
                if seen_from <= moment and (seen_until is None or seen_until > moment):
                    found[side].append(tuple(values))
        return found

    def _units(self) -> list[dict[str, Placed]]:
        roots = self._held(Root, "target_id", "name")
        units = self._held(OrganizationalUnit, "target_id", "name", "parent_id")
        return [
            {target_id: Placed(name, "") for target_id, name in roots[side]}
            | {target_id: Placed(name, parent_id) for target_id, name, parent_id in units[side]}
            for side in (0, 1)
        ]

    def _accounts(self, targets: Iterable[str]) -> list[dict[str, Placed]]:
        account_ids = [target_id for target_id in targets if target_id.isdecimal()]
        if not account_ids:
            return [{}, {}]
        columns = ("account_id", "name", "parent_id")
        return [
            {account_id: Placed(name, parent_id) for account_id, name, parent_id in rows}
            for rows in self._held(Account, *columns, account_id__in=account_ids)
        ]

    def _policies(self, policy_ids: Iterable[str]) -> list[dict[str, PolicyName]]:
        wanted = list(policy_ids)
        if not wanted:
            return [{}, {}]
        columns = ("policy_id", "name", "type", "aws_managed")
        return [
            {policy_id: PolicyName(name, kind, managed) for policy_id, name, kind, managed in rows}
            for rows in self._held(Policy, *columns, policy_id__in=wanted)
        ]

    def _attached(self, policy_ids: Iterable[str]) -> list[dict[str, tuple[str, ...]]]:
        wanted = list(policy_ids)
        if not wanted:
            return [{}, {}]
        sides = []
        for rows in self._held(PolicyAttachment, "policy_id", "target_id", policy_id__in=wanted):
            targets: dict[str, list[str]] = {}
            for policy_id, target_id in rows:
                targets.setdefault(policy_id, []).append(target_id)
            sides.append({policy_id: tuple(found) for policy_id, found in targets.items()})
        return sides
