"""The trees of two states in one: each root, OU and changed account beside what it became."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Q

from governance.posture.state.process_cache import ProcessCache
from governance.snapshots.comparing import Compared, ComparisonKey
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import DifferenceGroup, DifferenceKind
from inventory.models import Account, Connection, Policy, PolicyAttachment
from inventory.policy_types import DEFAULT_POLICY_IDS
from inventory.selectors.hierarchy import accounts
from inventory.selectors.snapshots import held_at_either
from inventory.viewing import Viewer

ACCOUNT: Final = PolicyAttachment.TargetType.ACCOUNT.value
_MOVED: Final = (DifferenceKind.ACCOUNT_MOVED, DifferenceKind.ORGANIZATIONAL_UNIT_MOVED)


@dataclass(frozen=True, slots=True)
class NodeState:
    """A root, OU or account at one of the times. `accounts`: at any depth below.

    `policies`: attached right here, by type, the default ones left out.
    """

    name: str
    parent_id: str
    accounts: int
    policies: Counter[str]


@dataclass(slots=True)
class AlignedNode:
    """One row: what was at this place before, what is there after; None where nothing is.

    What moved stands at both places, with `elsewhere`: below the new one is what lies below it.
    `differences`: of the node itself. `edited`: policies attached here whose text changed; an
    account that has nothing else is not told apart for it.
    `changed_below`: nodes that differ at any depth. `accounts_unchanged`: directly here.
    """

    target_id: str
    kind: str
    depth: int
    before: NodeState | None
    after: NodeState | None
    differences: tuple[SnapshotDifference, ...] = ()
    edited: tuple[SnapshotDifference, ...] = ()
    elsewhere: bool = False
    children: list["AlignedNode"] = field(default_factory=list)
    changed_below: int = 0
    accounts_unchanged: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether the node itself differs."""
        return bool(self.differences or self.edited)

    @property
    def state(self) -> NodeState:
        """The later of its states."""
        found = self.after or self.before
        if found is None:
            raise ValueError(f"{self.target_id} is in neither state")
        return found

    def units(self) -> Iterator["AlignedNode"]:
        """Yield all OUs below, at any depth."""
        for child in self.children:
            if child.kind != ACCOUNT:
                yield child
                yield from child.units()


def aligned_tree(
    viewer: Viewer, *, connection: Connection, compared: Compared
) -> AlignedNode | None:
    """Put the trees of two states in one; None where neither has a root.

    Accounts that do not differ are only counted: read them with `unchanged_accounts`. Equal states
    share one tree in this process: never change it.
    """
    found = _trees.get(compared.key, lambda: (_align(_read(viewer, connection, compared)),))
    return found[0]


_trees: Final[ProcessCache[ComparisonKey, tuple[AlignedNode | None]]] = ProcessCache(most=24)


def _align(reading: "_StatePair") -> AlignedNode | None:
    root_id = next(
        (
            target_id
            for side in reversed(reading.placed)
            for target_id, (_, parent) in side.items()
            if not parent
        ),
        None,
    )
    if root_id is None:
        return None
    return _Aligner(reading).node(root_id, "", 0)


def changed_account_ids(compared: Compared) -> frozenset[str]:
    """Return the accounts of which themselves something differs, what is attached included."""
    found = set()
    for one in compared.found.differences:
        if one.group is DifferenceGroup.ACCOUNTS:
            found.add(one.subject_id)
        elif one.target_id.isdecimal():
            found.add(one.target_id)
    return frozenset(found)


def _edited_at(
    viewer: Viewer, connection: Connection, compared: Compared, account_ids: frozenset[str]
) -> Mapping[str, tuple[SnapshotDifference, ...]]:
    """Return the changed texts of policies by OU, root or one of some accounts that has them."""
    changed = {
        one.subject_id: one
        for one in compared.found.differences
        if one.kind is DifferenceKind.POLICY_CHANGED
    }
    if not changed:
        return {}
    rows = held_at_either(
        viewer,
        PolicyAttachment,
        connection=connection,
        before=compared.after.at,
        after=compared.after.at,
    ).filter(~Q(target_type=ACCOUNT) | Q(target_id__in=account_ids), policy_id__in=list(changed))
    found: dict[str, list[SnapshotDifference]] = {}
    for target_id, policy_id in rows.values_list("target_id", "policy_id"):
        found.setdefault(target_id, []).append(changed[policy_id])
    return {
        target_id: tuple(sorted(edits, key=lambda one: one.order))
        for target_id, edits in found.items()
    }


def unchanged_accounts(
    viewer: Viewer, *, connection: Connection, compared: Compared
) -> "Iterable[Account]":
    """Return the accounts of the later state of which nothing differs, to filter further."""
    rows = accounts(viewer, connection=connection, as_of=compared.after.as_of)
    return rows.exclude(account_id__in=list(changed_account_ids(compared)))


_Placed = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _StatePair:
    """What both states hold, before and after. `placed`: id → name, parent, of OUs, the root and
    changed accounts. `counts`: parent → accounts directly in it.
    """

    placed: tuple[_Placed, _Placed]
    counts: tuple[Counter[str], Counter[str]]
    policies: tuple[dict[str, Counter[str]], dict[str, Counter[str]]]
    of_node: Mapping[str, tuple[SnapshotDifference, ...]]
    edited: Mapping[str, tuple[SnapshotDifference, ...]]


def _read(viewer: Viewer, connection: Connection, compared: Compared) -> _StatePair:
    changed = changed_account_ids(compared)
    places = tuple(
        {
            target_id: (placed.name, placed.parent_id)
            for target_id, placed in (
                *side.units.items(),
                *((one, side.accounts[one]) for one in changed if one in side.accounts),
            )
        }
        for side in compared.sides
    )
    counts = tuple(
        Counter(
            dict(
                accounts(viewer, connection=connection, as_of=moment.as_of)
                .order_by()
                .values_list("parent_id")
                .annotate(number=Count("pk"))
            )
        )
        for moment in (compared.before, compared.after)
    )
    return _StatePair(
        placed=(places[0], places[1]),
        counts=(counts[0], counts[1]),
        policies=_policies(viewer, connection, compared, changed),
        of_node=_of_node(compared),
        edited=_edited_at(viewer, connection, compared, changed),
    )


def _policies(
    viewer: Viewer, connection: Connection, compared: Compared, changed: frozenset[str]
) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Count by type the policies attached at each OU, at the root and at changed accounts."""
    moments = (compared.before.at, compared.after.at)
    named, rows = (
        held_at_either(viewer, model, connection=connection, before=moments[0], after=moments[1])
        for model in (Policy, PolicyAttachment)
    )
    types = dict(named.values_list("policy_id", "type"))
    of_units = rows.exclude(target_type=ACCOUNT)
    of_accounts = rows.filter(target_id__in=list(changed))
    found: tuple[dict[str, Counter[str]], dict[str, Counter[str]]] = ({}, {})
    columns = ("target_id", "policy_id", "seen_from", "seen_until")
    for query in (of_units, of_accounts):
        for target_id, policy_id, seen_from, seen_until in query.values_list(*columns):
            if policy_id in DEFAULT_POLICY_IDS or policy_id not in types:
                continue
            for side, moment in enumerate(moments):
                if seen_from <= moment and (seen_until is None or seen_until > moment):
                    found[side].setdefault(target_id, Counter())[types[policy_id]] += 1
    return found


def _of_node(compared: Compared) -> dict[str, tuple[SnapshotDifference, ...]]:
    found: dict[str, list[SnapshotDifference]] = {}
    for one in compared.found.differences:
        if one.consequence:
            continue
        if one.group in (DifferenceGroup.ACCOUNTS, DifferenceGroup.ORGANIZATIONAL_UNITS):
            found.setdefault(one.subject_id, []).append(one)
        elif one.target_id:
            found.setdefault(one.target_id, []).append(one)
        elif one.kind in (
            DifferenceKind.ROOT_RENAMED,
            DifferenceKind.ROOT_TAGS_CHANGED,
            DifferenceKind.POLICY_TYPE_ENABLED,
            DifferenceKind.POLICY_TYPE_DISABLED,
            DifferenceKind.POLICY_TYPE_CHANGED,
        ):
            for root_id in one.places:
                found.setdefault(root_id, []).append(one)
    return {target_id: tuple(differences) for target_id, differences in found.items()}


class _Aligner:
    """Builds the one tree of both."""

    def __init__(self, reading: _StatePair) -> None:
        self._reading = reading
        below: dict[str, dict[str, None]] = {}
        for side in reading.placed:
            for target_id, (_, parent_id) in side.items():
                if parent_id:
                    below.setdefault(parent_id, {})[target_id] = None
        self._below = below
        self._totals = tuple(
            self._total(side, placed) for side, placed in zip((0, 1), reading.placed, strict=True)
        )

    def node(self, target_id: str, parent_id: str, depth: int) -> AlignedNode:
        """Return what stands at a place, with what is below it."""
        reading = self._reading
        before, after = (self._state(side, target_id, parent_id) for side in (0, 1))
        elsewhere = after is None and target_id in reading.placed[1]
        node = AlignedNode(
            target_id=target_id,
            kind=_kind(target_id),
            depth=depth,
            before=before,
            after=after,
            differences=reading.of_node.get(target_id, ()),
            edited=reading.edited.get(target_id, ()),
            elsewhere=elsewhere or (before is None and target_id in reading.placed[0]),
        )
        if elsewhere:
            # It is told in full where it is now; here only that it moved away.
            node.differences = tuple(one for one in node.differences if one.kind in _MOVED)
            node.edited = ()
            return node
        node.children = sorted(
            (self.node(child, target_id, depth + 1) for child in self._below.get(target_id, ())),
            key=lambda child: (child.kind == ACCOUNT, child.state.name.casefold()),
        )
        node.changed_below = sum(child.changed_below + child.is_changed for child in node.children)
        shown = sum(child.kind == ACCOUNT and child.after is not None for child in node.children)
        node.accounts_unchanged = reading.counts[1][target_id] - shown
        return node

    def _state(self, side: int, target_id: str, parent_id: str) -> NodeState | None:
        found = self._reading.placed[side].get(target_id)
        if found is None or found[1] != parent_id:
            return None
        return NodeState(
            name=found[0],
            parent_id=parent_id,
            accounts=self._totals[side][target_id],
            policies=self._reading.policies[side].get(target_id, Counter()),
        )

    def _total(self, side: int, placed: _Placed) -> Counter[str]:
        """Count the accounts at any depth below each node of one state."""
        totals: Counter[str] = Counter()
        for parent_id, number in self._reading.counts[side].items():
            step: str | None = parent_id
            while step and step in placed:
                totals[step] += number
                step = placed[step][1]
        return totals


def _kind(target_id: str) -> str:
    kinds = PolicyAttachment.TargetType
    if target_id.isdecimal():
        return ACCOUNT
    return (kinds.ROOT if target_id.startswith("r-") else kinds.ORGANIZATIONAL_UNIT).value
