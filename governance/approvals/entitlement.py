"""Who may agree where: by a right at the place, by the role Security, by a group."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from governance.access.grants import counting
from governance.access.models import Profile, RoleAssignment
from governance.access.owners.absences import attendance
from governance.access.owners.targets import OwnedTree
from governance.access.rights import TABLE, RightReach
from governance.access.roles import Role
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class RightHolders:
    """Active people who hold something in an organization, by the place where they hold it.

    `whole`: for all of it. `at`: a root, OU or account, with all below → people.
    """

    whole: frozenset[int] = frozenset()
    at: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def over(self, tree: OwnedTree, target_id: str) -> frozenset[int]:
        """Return who holds it at a target; one that is not known, for all of the organization."""
        found = self.whole
        if self.at:
            for step in tree.upwards(target_id):
                found |= self.at.get(step.target_id, frozenset())
        return found

    def places(self, tree: OwnedTree, target_id: str) -> tuple[str, ...]:
        """Return the places above a target that matter; equal ones have the same holders."""
        if not self.at:
            return ()
        return tuple(
            step.target_id for step in tree.upwards(target_id) if step.target_id in self.at
        )


def right_holders(
    connection: Connection, right: str, *, now: datetime | None = None
) -> RightHolders:
    """Return the people who hold a right in an organization, in three queries."""
    holders = TABLE[right]
    found = _holders(connection, holders.roles, now)
    if holders.reach is RightReach.ANYWHERE:
        return found
    return RightHolders(found.whole)


def security_people(connection: Connection, *, now: datetime | None = None) -> RightHolders:
    """Return the people who have the role Security, in three queries."""
    return _holders(connection, frozenset({Role.SECURITY}), now)


def _holders(connection: Connection, roles: Collection[Role], now: datetime | None) -> RightHolders:
    rows = list(
        RoleAssignment.objects.filter(
            counting(now or timezone.now()),
            Q(connection__isnull=True) | Q(connection=connection),
            role__in=roles,
        ).values_list("user_id", "group_id", "target_id")
    )
    members = group_members({group_id for _, group_id, _ in rows if group_id is not None})
    by_place: dict[str, set[int]] = {}
    for user_id, group_id, target_id in rows:
        people = {user_id} if group_id is None else members.get(group_id, frozenset())
        by_place.setdefault(target_id, set()).update(people)
    named = {user_id for people in by_place.values() for user_id in people}
    # A superuser is an administrator of everything.
    administrators = Q(is_superuser=True) if Role.ADMINISTRATOR in roles else Q(pk__in=())
    known = dict(
        User.objects.filter(Q(pk__in=named) | administrators, is_active=True)
        .exclude(profile__kind=Profile.Kind.SERVICE_ACCOUNT)
        .values_list("pk", "is_superuser")
    )
    whole = by_place.pop("", set()) & set(known)
    if Role.ADMINISTRATOR in roles:
        whole |= {user_id for user_id, is_superuser in known.items() if is_superuser}
    return RightHolders(
        frozenset(whole),
        {place: frozenset(people & set(known)) for place, people in by_place.items()},
    )


def group_members(group_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the active people of groups, by group; programs are none."""
    found: dict[int, set[int]] = {}
    if group_ids:
        for user_id, group_id in (
            User.groups.through.objects.filter(group_id__in=group_ids, user__is_active=True)
            .exclude(user__profile__kind=Profile.Kind.SERVICE_ACCOUNT)
            .values_list("user_id", "group_id")
        ):
            found.setdefault(group_id, set()).add(user_id)
    return {group_id: frozenset(people) for group_id, people in found.items()}


def present_members(
    group_ids: Collection[int], *, excluded: Collection[int] = (), now: datetime
) -> dict[int, frozenset[int]]:
    """Return who stands for groups now: members who are here, and deputies of those away.

    Nobody stands in for who is excluded.
    """
    members = group_members(group_ids)
    present = attendance({one for people in members.values() for one in people}, now=now)
    found: dict[int, frozenset[int]] = {}
    for group_id, people in members.items():
        here = {one for one in people if one not in present.away_until}
        away = people - here - set(excluded)
        here.update(one for absent in away for one in present.stand_ins(absent))
        found[group_id] = frozenset(here)
    return found


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """Return what people are called on screen, by id."""
    return {
        user.pk: user.get_full_name() or user.get_username()
        for user in User.objects.filter(pk__in=user_ids)
    }
