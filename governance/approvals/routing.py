"""From targets to the people who own them, climbing the tree where they cannot or do not act."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.access import rights
from governance.access.owners.parties import Party
from governance.access.owners.reading import OwnersState, owners_state
from governance.access.owners.selectors import EntitledPerson, deciders
from governance.access.owners.standing import StandingOwner
from governance.access.owners.targets import ACCOUNT, ROOT, OwnedTarget, OwnedTree
from governance.approvals.entitlement import (
    RightHolders,
    present_members,
    right_holders,
    security_people,
)
from inventory.models import Connection

# Accounts are read one by one up to so many; beyond, the tree of all of them is at hand already.
_FEW = 200


@dataclass(frozen=True, slots=True)
class OwnerLevel:
    """Owners who count for a target, from where they stand: at it, or further up.

    `step_id`: the target whose owners these are; `stands_at`: where they stand.
    """

    step_id: str
    stands_at: OwnedTarget
    owners: tuple[StandingOwner, ...]


@dataclass(frozen=True, slots=True)
class OwnerRoute:
    """Who decides about a target: the nearest owners first, then those above them, to the root.

    `levels`: empty where nobody who counts owns it. `named`: who is shown as owner all the same.
    """

    target: OwnedTarget | None
    levels: tuple[OwnerLevel, ...]
    named: tuple[StandingOwner, ...] = ()

    @property
    def parties(self) -> tuple[Party, ...]:
        """The owners who decide in the first place."""
        if not self.levels:
            return ()
        found = {owner.party.key: owner.party for owner in self.levels[0].owners}
        return tuple(found[key] for key in sorted(found))


class ApprovalRoutes:
    """Who may agree to what changes at some targets, read at one time in a fixed number of queries.

    `target_ids`: OUs and accounts; one that the inventory does not have counts as the root.
    `excluded`: ids of people who took part, for whom nobody stands in either. `right`: what
    somebody has to hold at a target to agree.
    """

    def __init__(
        self,
        connection: Connection,
        target_ids: Collection[str],
        *,
        group_ids: Collection[int],
        now: datetime,
        excluded: Collection[int] = (),
        right: str = rights.REVIEW_CHANGE,
    ) -> None:
        asked = None if len(target_ids) > _FEW else set(target_ids)
        self.now = now
        self.state: OwnersState = owners_state(connection, target_ids=asked)
        self.reviewers: RightHolders = right_holders(connection, right, now=now)
        self.security: RightHolders = security_people(connection, now=now)
        self.members = present_members(group_ids, excluded=excluded, now=now)
        self._root_id = next(
            (one.target_id for one in self.tree.by_id.values() if one.kind == ROOT), ""
        )
        self._over: dict[tuple[int, tuple[str, ...]], frozenset[int]] = {}
        self._routes = {target_id: self._route(target_id) for target_id in target_ids}
        self._people = self._deciders()

    @property
    def tree(self) -> OwnedTree:
        """The targets."""
        return self.state.tree

    def route(self, target_id: str) -> OwnerRoute:
        """Return who decides about one of the targets asked for."""
        return self._routes[target_id]

    def place(self, target_id: str) -> str:
        """Return the target that stands for one: itself, or the root for what is not known."""
        return target_id if target_id in self.tree.by_id else self._root_id

    def is_account(self, target_id: str) -> bool:
        """Whether a target is an account."""
        target = self.tree.by_id.get(target_id)
        return target is not None and target.kind == ACCOUNT

    def may_review(self, target_id: str) -> frozenset[int]:
        """Return who holds the right to review at a target."""
        return self._holders(self.reviewers, target_id)

    def are_security(self, target_id: str) -> frozenset[int]:
        """Return who has the role Security at a target."""
        return self._holders(self.security, target_id)

    def _holders(self, holders: RightHolders, target_id: str) -> frozenset[int]:
        key = (id(holders), holders.places(self.tree, target_id))
        if key not in self._over:
            self._over[key] = holders.over(self.tree, target_id)
        return self._over[key]

    def people(self, level: OwnerLevel) -> Mapping[int, EntitledPerson]:
        """Return who may decide at a level now: owners who are here, deputies of those away."""
        return self._people[_standing_key(level)]

    def owner_people(
        self, target_id: str, *, count: int, excluded: Collection[int], climbed: int
    ) -> tuple[frozenset[int], int]:
        """Return the people entitled by ownership, and how many levels above the nearest helped.

        The owners above join where fewer than `count` are left below; `climbed` levels at least.
        Deputies of people who are excluded do not count: they would agree in their name.
        """
        may = self.may_review(target_id).difference(excluded)
        found: frozenset[int] = frozenset()
        for height, level in enumerate(self.route(target_id).levels):
            if height > climbed and len(found) >= count:
                return found, height - 1
            people = self.people(level).values()
            found |= may.intersection(one.user_id for one in people if one.counts_without(excluded))
        return found, max(len(self.route(target_id).levels) - 1, 0)

    def _route(self, target_id: str) -> OwnerRoute:
        step_id = self.place(target_id)
        levels: list[OwnerLevel] = []
        first = self.state.owners.at(step_id)
        while step_id:
            found = self.state.owners.at(step_id)
            if found is None or found.entitled_at is None:
                break
            levels.append(OwnerLevel(step_id, found.entitled_at, found.entitled))
            step_id = found.entitled_at.parent_id
        named = () if first is None else first.owners
        return OwnerRoute(self.tree.by_id.get(target_id), tuple(levels), named)

    def _deciders(self) -> dict[tuple[str, int], Mapping[int, EntitledPerson]]:
        steps: dict[tuple[str, int], str] = {}
        for level in _levels(self._routes.values()):
            steps.setdefault(_standing_key(level), level.step_id)
        found = deciders(self.state, set(steps.values()), now=self.now)
        return {key: found[step_id] for key, step_id in steps.items()}


def _levels(routes: Iterable[OwnerRoute]) -> Iterable[OwnerLevel]:
    return (level for route in routes for level in route.levels)


def _standing_key(level: OwnerLevel) -> tuple[str, int]:
    # Who counts at a place differs between production and the rest, so by the very tuple.
    return level.stands_at.target_id, id(level.owners)
