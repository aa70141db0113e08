"""Reads of who holds which role where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet

from governance.access.grants import Grant
from governance.access.models import RoleAssignment
from governance.access.rights import TABLE
from governance.access.viewers import why_may
from inventory.models import Account, Connection, OrganizationalUnit
from inventory.viewing import Viewer, at_visible_places

PlaceKey = tuple[int | None, str]


def role_assignments(viewer: Viewer) -> "QuerySet[RoleAssignment]":
    """Return the assignments at places that the viewer sees wholly, ended ones too.

    `viewer`: of the right to see roles (`viewer_with`). Assignments everywhere, and for all of an
    organization, are shown to who sees as much.
    """
    rows = RoleAssignment.objects.select_related("user", "group", "connection", "granted_by")
    seen = at_visible_places(viewer)
    return rows if seen is None else rows.filter(seen)


def state_of(row: RoleAssignment, now: datetime) -> str:
    """Return `holds`, `ended`, or `waiting` for a second person."""
    if row.ends_at is not None and row.ends_at <= now:
        return "ended"
    if row.needs_confirmation and row.confirmed_at is None:
        return "waiting"
    return "holds"


def place_names(places: Iterable[PlaceKey]) -> dict[PlaceKey, str]:
    """Return what OUs and accounts are called by connection and id, by their newest version."""
    wanted = [(connection_id, target_id) for connection_id, target_id in places if target_id]
    ids = {target_id for _, target_id in wanted}
    found: dict[PlaceKey, str] = {}
    for rows in (
        OrganizationalUnit.objects.filter(target_id__in=ids).values_list(
            "connection_id", "target_id", "name"
        ),
        Account.objects.filter(account_id__in=ids).values_list(
            "connection_id", "account_id", "name"
        ),
    ):
        for connection_id, target_id, name in rows.order_by("seen_from"):
            found[connection_id, target_id] = name
    return found


@dataclass(frozen=True, slots=True)
class RightHeld:
    """A right, and the grants that give it at the place that was asked for; none: it is lacked."""

    right: str
    grants: tuple[Grant, ...]


def rights_held(user: User, connection: Connection | None, target_id: str) -> list[RightHeld]:
    """Return every right with what gives it to a person at a place, or everywhere."""
    return [RightHeld(right, why_may(user, right, connection, target_id)) for right in TABLE]
