"""Gives roles to people and groups, and takes them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.access.grants import assignments_of, counting
from governance.access.models import RoleAssignment
from governance.access.owners.proposing import needs_second_person, role_propose
from governance.access.owners.proposing import withdraw as withdraw_proposal
from governance.access.roles import Role
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Account, Connection, OrganizationalUnit, Root


class CannotAssignRole(ValueError):
    """A role cannot be given as asked; the message says why."""


class CannotWithdrawRole(ValueError):
    """A role cannot be taken back; the message says why."""


class LastAdministrator(CannotWithdrawRole):
    """Nobody would be an administrator everywhere any more."""


class OwnLastRight(CannotWithdrawRole):
    """The person would take their own last role from themselves."""


@dataclass(frozen=True, slots=True)
class RolePlace:
    """Where a role is to be held. No `connection`: everywhere; no `target_id`: all of it."""

    connection: Connection | None = None
    target_id: str = ""


EVERYWHERE: Final = RolePlace()


@transaction.atomic
def role_assign(
    *,
    actor: Actor,
    role: str,
    place: RolePlace,
    user: User | None = None,
    group: Group | None = None,
    ends_at: datetime | None = None,
    source: str = RoleAssignment.Source.BY_HAND,
    needs_confirmation: bool = False,
    now: datetime,
) -> RoleAssignment:
    """Give a person or a group a role at a place; the root of an organization is all of it.

    With `needs_confirmation`, and always where a person gives a role that needs a second one, it
    counts only once somebody else has confirmed it.

    :raises CannotAssignRole: no such role or place, nobody or two to give it to, somebody who is
        switched off, an end that is past, or they hold it there already.
    """
    if (user is None) == (group is None):
        raise CannotAssignRole("choose either a person or a group")
    if user is not None and not user.is_active:
        raise CannotAssignRole(f"{user.get_username()} is deactivated")
    if role not in Role.values:
        raise CannotAssignRole(f"there is no role {role!r}; choose {', '.join(Role.values)}")
    if ends_at is not None and ends_at <= now:
        raise CannotAssignRole("the end has to lie in the future")
    target_id = checked_target(place)
    # Commands run where the database can be changed anyway; claims are the provider's word.
    by_person = actor.kind in ("person", "service account")
    if by_person and source == RoleAssignment.Source.BY_HAND:
        needs_confirmation = needs_confirmation or needs_second_person(role)
    row = RoleAssignment(
        user=user,
        group=group,
        role=role,
        connection=place.connection,
        target_id=target_id,
        source=source,
        granted_by_id=actor.user_id,
        created_at=now,
        ends_at=ends_at,
        needs_confirmation=needs_confirmation,
    )
    _drop_ended(row, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise CannotAssignRole(f"{holder_name(row)} already holds the role {role} there") from None
    _record(actor, actions.ROLE_ASSIGN, row, now=now, after=described(row))
    if row.needs_confirmation:
        role_propose(actor=actor, assignment=row, now=now)
    return row


@transaction.atomic
def role_withdraw(*, actor: Actor, assignment_id: int, now: datetime) -> None:
    """Take a role back.

    :raises CannotWithdrawRole: there is no such assignment.
    :raises LastAdministrator: no active person would be an administrator everywhere.
    :raises OwnLastRight: it is the last role of whoever asks.
    """
    row = (
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "group", "connection")
        .filter(pk=assignment_id)
        .first()
    )
    if row is None:
        raise CannotWithdrawRole("there is no such role assignment")
    lock_administrators()
    had_own = _holds_any(actor.user_id, now)
    withdraw_proposal(now=now, role_assignment=row)
    take_back(row, actor=actor, now=now)
    if row.role == Role.ADMINISTRATOR and row.connection_id is None:
        ensure_administrator(now=now)
    if had_own and not _holds_any(actor.user_id, now):
        raise OwnLastRight("this is your own last role; ask another administrator to withdraw it")


def take_back(row: RoleAssignment, *, actor: Actor, now: datetime) -> None:
    """Delete an assignment and record it, unchecked, within a transaction."""
    before, withdrawn_id = described(row), row.pk
    row.delete()
    row.pk = withdrawn_id
    _record(actor, actions.ROLE_WITHDRAW, row, now=now, before=before)


def lock_administrators() -> None:
    """Have two people who take roles back at once do so one after the other.

    For whatever may leave nobody to administer: call it before, `ensure_administrator` after.
    """
    list(
        RoleAssignment.objects.select_for_update()
        .filter(role=Role.ADMINISTRATOR, connection__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def ensure_administrator(*, now: datetime) -> None:
    """Check that somebody active is an administrator everywhere, in the transaction of a change.

    :raises LastAdministrator: nobody is.
    """
    if not administrators(now=now).exists():
        raise LastAdministrator(
            "nobody would be an administrator of everything; make someone else one first"
        )


def administrators(*, now: datetime) -> "QuerySet[User]":
    """Return the active people who administer everything, by a role of their own or of a group."""
    assigned = RoleAssignment.objects.filter(
        counting(now), role=Role.ADMINISTRATOR, connection__isnull=True
    )
    of_groups = User.groups.through.objects.filter(
        user_id=OuterRef("pk"), group_id__in=assigned.values("group_id")
    )
    return User.objects.filter(is_active=True).filter(
        Q(is_superuser=True) | Q(pk__in=assigned.values("user_id")) | Exists(of_groups)
    )


def holder_name(row: RoleAssignment) -> str:
    """Return the name of the person or group that holds a role."""
    if row.user is not None:
        return row.user.get_username()
    return row.group.name if row.group is not None else ""


def described(row: RoleAssignment) -> dict[str, object]:
    """Return an assignment as the audit log keeps it."""
    return {
        "person": row.user.get_username() if row.user is not None else None,
        "group": row.group.name if row.group is not None else None,
        "role": row.role,
        "organization": row.connection.slug if row.connection is not None else None,
        "target_id": row.target_id,
        "source": row.source,
        "ends_at": row.ends_at.isoformat() if row.ends_at is not None else None,
        "needs_confirmation": row.needs_confirmation,
    }


def checked_target(place: RolePlace) -> str:
    """Return the id to store for a place; of the root, none."""
    connection, target_id = place.connection, place.target_id.strip()
    if connection is None:
        if target_id:
            raise CannotAssignRole("choose the organization that the OU or account is in")
        return ""
    if not target_id:
        return ""
    known = {"connection": connection, "seen_until__isnull": True}
    if Root.objects.filter(target_id=target_id, **known).exists():
        return ""
    if (
        OrganizationalUnit.objects.filter(target_id=target_id, **known).exists()
        or Account.objects.filter(account_id=target_id, **known).exists()
    ):
        return target_id
    raise CannotAssignRole(f"{connection.name} has no OU or account {target_id}")


def _drop_ended(row: RoleAssignment, now: datetime) -> None:
    """Make way where the same role was held there before and has ended."""
    RoleAssignment.objects.filter(
        user=row.user,
        group=row.group,
        role=row.role,
        connection=row.connection,
        target_id=row.target_id,
        source=row.source,
        ends_at__lte=now,
    ).delete()


def _holds_any(user_id: int | None, now: datetime) -> bool:
    user = None if user_id is None else User.objects.filter(pk=user_id).first()
    if user is None:
        return False
    return user.is_superuser or assignments_of(user).filter(counting(now)).exists()


def _record(
    actor: Actor,
    action: str,
    row: RoleAssignment,
    *,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="role assignment",
        object_id=str(row.pk),
        object_name=f"{row.role} of {holder_name(row)}",
        connection_id=row.connection_id,
        target_id=row.target_id,
        before=before,
        after=after,
        now=now,
    )
