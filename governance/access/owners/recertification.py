"""Looks at owners and roles again after a time: they are still right, or they are ended."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from governance.access import rights
from governance.access.models import RoleAssignment
from governance.access.owners.acting import ActingPerson
from governance.access.owners.models import Ownership, RoleRecertification, TagConfirmation
from governance.access.owners.parties import party_key
from governance.audit import actions
from governance.audit.services import audit_record
from inventory.models import Connection


class CannotRecertify(ValueError):
    """It cannot be recertified as asked; the message says why."""


@transaction.atomic
def owners_recertify(
    *,
    by: ActingPerson,
    connection: Connection,
    ownership_ids: Collection[int] = (),
    confirmation_ids: Collection[int] = (),
    now: datetime,
) -> int:
    """Say that owners are still right, all of them or none; the time begins again.

    :raises CannotRecertify: one of them was ended meanwhile.
    :raises MayNot: without the right to manage owners at each target.
    """
    rows: list[Ownership | TagConfirmation] = []
    for model, ids in ((Ownership, ownership_ids), (TagConfirmation, confirmation_ids)):
        found = list(
            model.objects.as_of(None)
            .select_for_update(of=("self",))
            .select_related("user", "group")
            .filter(connection=connection, pk__in=ids)
        )
        if len(found) != len(set(ids)):
            raise CannotRecertify("one of the owners was changed meanwhile; look again")
        rows += found
    for row in rows:
        by.require(rights.MANAGE_OWNERS, connection, row.target_id)
        row.recertified_at, row.recertified_by = now, by.user
        row.save(update_fields=["recertified_at", "recertified_by"])
        audit_record(
            actor=by.actor,
            action=actions.OWNER_RECERTIFY,
            object_kind="owners",
            object_id=row.target_id,
            connection_id=connection.pk,
            target_id=row.target_id,
            after={"owner": str(row.user or row.group), "kind": party_key(row).kind.value},
            now=now,
        )
    return len(rows)


def overdue_roles(*, now: datetime) -> "QuerySet[RoleAssignment]":
    """Return the role assignments that nobody has looked at for too long, the oldest first.

    `looked_at`: when they were given, confirmed or last recertified. Roles from claims are left
    out, since each sign-in renews them.
    """
    until = now - timedelta(days=settings.OWNERS_RECERTIFY_DAYS)
    return (
        RoleAssignment.objects.exclude(source=RoleAssignment.Source.CLAIM)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
        .annotate(
            looked_at=Greatest(
                "created_at",
                Coalesce("confirmed_at", "created_at"),
                Coalesce("recertification__recertified_at", "created_at"),
            )
        )
        .filter(looked_at__lte=until)
        .select_related("user", "group", "connection")
        .order_by("looked_at", "pk")
    )


@transaction.atomic
def roles_recertify(*, by: ActingPerson, assignment_ids: Collection[int], now: datetime) -> int:
    """Say that roles are still right, all of them or none; the time begins again.

    :raises CannotRecertify: one was ended meanwhile, or is one's own.
    :raises MayNot: without the right to manage roles at each place.
    """
    rows = list(
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "group", "connection")
        .filter(pk__in=assignment_ids)
    )
    if len(rows) != len(set(assignment_ids)):
        raise CannotRecertify("one of the roles was changed meanwhile; look again")
    mine = set(by.user.groups.values_list("pk", flat=True))
    for row in rows:
        by.require(rights.MANAGE_ROLES, row.connection, row.target_id)
        if row.user_id == by.user.pk or row.group_id in mine:
            raise CannotRecertify("one of the roles is your own; someone else looks at it")
        RoleRecertification.objects.update_or_create(
            assignment=row, defaults={"recertified_at": now, "recertified_by": by.user}
        )
        audit_record(
            actor=by.actor,
            action=actions.ROLE_RECERTIFY,
            object_kind="role assignment",
            object_id=str(row.pk),
            object_name=row.role,
            connection_id=row.connection_id,
            target_id=row.target_id,
            after={"of": str(row.user or row.group)},
            now=now,
        )
    return len(rows)
