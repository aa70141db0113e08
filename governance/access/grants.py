"""What a person's role assignments give them, read once for a request."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, cast

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.access.models import RoleAssignment
from governance.access.rights import TABLE, RightReach
from governance.access.roles import Role
from inventory.selectors.ready_query import ReadyQuery
from inventory.viewing import Place

_CACHED_AS: Final = "_orgwarden_grants"


@dataclass(frozen=True)
class Grant:
    """A role at a place that counts now. `assignment_id`: None for a superuser, who has no row.

    `connection_id` of None: everywhere. `group_name`: the group it comes through, or empty.
    """

    assignment_id: int | None
    role: str
    connection_id: int | None = None
    target_id: str = ""
    group_name: str = ""

    @cached_property
    def reach(self) -> RightReach:
        """How wide the role is held."""
        if self.connection_id is None:
            return RightReach.EVERYWHERE
        return RightReach.ANYWHERE if self.target_id else RightReach.ORGANIZATION

    @property
    def place(self) -> Place | None:
        """Where it is held; None: everywhere."""
        if self.connection_id is None:
            return None
        return Place(self.connection_id, self.target_id)

    def gives(self, right: str) -> bool:
        """Return whether the right comes with it, at its place."""
        holders = TABLE.get(right)
        if holders is None or self.role not in holders.roles:
            return False
        if holders.reach is RightReach.EVERYWHERE:
            return self.reach is RightReach.EVERYWHERE
        return holders.reach is RightReach.ANYWHERE or self.reach is not RightReach.ANYWHERE


def counting(now: datetime) -> Q:
    """Return the condition on assignments that count at a time."""
    return (
        Q(created_at__lte=now)
        & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))
        & (Q(needs_confirmation=False) | Q(confirmed_at__isnull=False))
    )


def assignments_of(user: User) -> "QuerySet[RoleAssignment]":
    """Return the assignments of a person and of the groups they are in, counting or not."""
    return _assignments_of(user.pk)


def _assignments_of(user_id: int) -> "QuerySet[RoleAssignment]":
    of_groups = User.groups.through.objects.filter(user_id=user_id).values("group_id")
    return RoleAssignment.objects.filter(Q(user_id=user_id) | Q(group_id__in=of_groups))


# Asked for every page and every call of the API.
_COUNTING: Final = ReadyQuery(
    lambda user_id, now: (
        _assignments_of(user_id)
        .filter(counting(now))
        .order_by("pk")
        .values_list("pk", "role", "connection_id", "target_id", "group__name")
    ),
    user_id=-1,
    now=datetime.max.replace(tzinfo=UTC),
)


def grants_of(user: User) -> tuple[Grant, ...]:
    """Return what counts now of a person's roles; none for who is switched off.

    One query for each object of the person, so one a request. A superuser is an administrator
    everywhere.
    """
    cached = cast(tuple[Grant, ...] | None, getattr(user, _CACHED_AS, None))
    if cached is not None:
        return cached
    found: tuple[Grant, ...] = ()
    if user.is_active:
        found = tuple(
            Grant(row[0], row[1], row[2], row[3], row[4] or "")
            for row in _COUNTING.rows(user_id=user.pk, now=timezone.now())
        )
        if user.is_superuser:
            found = (Grant(None, Role.ADMINISTRATOR), *found)
    setattr(user, _CACHED_AS, found)
    return found


def forget_grants(user: User) -> None:
    """Have the next question about this person's rights read the assignments again."""
    for name in (_CACHED_AS, "_orgwarden_viewers"):
        if hasattr(user, name):
            delattr(user, name)
