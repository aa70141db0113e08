"""Makes groups and says who is in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from governance.access.models import RoleAssignment
from governance.access.owners.group_ownerships import group_decides_in_production, group_owns
from governance.access.owners.models import GrantProposal
from governance.access.owners.proposing import membership_propose, needs_second_person
from governance.access.role_assignments import (
    ensure_administrator,
    lock_administrators,
)
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


@dataclass(frozen=True, slots=True)
class GroupMembers:
    """A group, and who comes into it only once a second person has confirmed it."""

    group: Group
    proposals: tuple[GrantProposal, ...] = ()


class CannotChangeGroup(ValueError):
    """A group cannot be made or changed as asked; the message says why."""


@transaction.atomic
def group_create(*, actor: Actor, name: str, now: datetime) -> Group:
    """Create a group without members.

    :raises CannotChangeGroup: no name, or one that is taken.
    """
    group = Group(name=_checked_name(name))
    _save(group)
    _record(actor, actions.GROUP_CREATE, group, now=now)
    return group


@transaction.atomic
def group_rename(*, actor: Actor, group_id: int, name: str, now: datetime) -> Group:
    """Give a group another name.

    :raises CannotChangeGroup: no name, or one that is taken.
    """
    group = Group.objects.select_for_update().get(pk=group_id)
    before, group.name = group.name, _checked_name(name)
    if group.name != before:
        _save(group)
        was: dict[str, object] = {"name": before}
        _record(actor, actions.GROUP_CHANGE, group, before=was, after={"name": group.name}, now=now)
    return group


@transaction.atomic
def group_members_set(
    *, actor: Actor, group_id: int, user_ids: Iterable[int], now: datetime
) -> GroupMembers:
    """Have exactly these people and service accounts in a group.

    Where the group holds a role that a second person has to agree to, or owns something in
    production, whoever a person lets in is proposed, and comes in once somebody else has confirmed
    it. Who leaves leaves at once.

    :raises LastAdministrator: nobody would be an administrator of everything.
    """
    lock_administrators()
    group = Group.objects.select_for_update().get(pk=group_id)
    before = set(group.user_set.values_list("pk", flat=True))
    wanted = set(User.objects.filter(pk__in=user_ids).values_list("pk", flat=True))
    newcomers = wanted - before
    proposed: list[GrantProposal] = []
    if newcomers and actor.kind in ("person", "service account") and why_group_decides(group):
        proposed = [
            membership_propose(actor=actor, group=group, user=user, now=now)
            for user in User.objects.filter(pk__in=newcomers).order_by("pk")
        ]
        wanted -= newcomers
    if wanted == before:
        return GroupMembers(group, tuple(proposed))
    names = dict(User.objects.filter(pk__in=wanted | before).values_list("pk", "username"))
    group.user_set.set(wanted)
    ensure_administrator(now=now)
    _record(
        actor,
        actions.GROUP_CHANGE,
        group,
        before={"members": sorted(names[pk] for pk in before)},
        after={"members": sorted(names[pk] for pk in wanted)},
        now=now,
    )
    return GroupMembers(group, tuple(proposed))


def why_group_decides(group: Group) -> str:
    """Say why a second person has to agree to a new member of a group; empty: nobody has to."""
    roles = RoleAssignment.objects.filter(group=group).values_list("role", flat=True)
    deciding = sorted({role for role in roles if needs_second_person(role)})
    if deciding:
        return f"it holds the role {deciding[0]}"
    owned = group_decides_in_production(group)
    return f"it owns {owned}, which is production" if owned else ""


@transaction.atomic
def group_delete(*, actor: Actor, group_id: int, now: datetime) -> None:
    """Remove a group with the roles that it holds.

    :raises CannotChangeGroup: it owns something.
    :raises LastAdministrator: nobody would be an administrator of everything.
    """
    lock_administrators()
    group = Group.objects.select_for_update().get(pk=group_id)
    owned = group_owns(group)
    if owned:
        raise CannotChangeGroup(f"the group owns {owned}; give it another owner first")
    members = sorted(group.user_set.values_list("username", flat=True))
    before: dict[str, object] = {
        "members": members,
        "roles": sorted(RoleAssignment.objects.filter(group=group).values_list("role", flat=True)),
    }
    _record(actor, actions.GROUP_DELETE, group, before=before, now=now)
    group.delete()
    ensure_administrator(now=now)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise CannotChangeGroup("name the group")
    if len(name) > 150:
        raise CannotChangeGroup("a name has at most 150 characters")
    return name


def _save(group: Group) -> None:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise CannotChangeGroup(f"there is a group {group.name}") from None


def _record(
    actor: Actor,
    action: str,
    group: Group,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="group",
        object_id=str(group.pk),
        object_name=group.name,
        before=before,
        after=after,
        now=now,
    )
