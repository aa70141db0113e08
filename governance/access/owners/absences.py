"""Who is away and who stands in for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from governance.access.owners.acting import ActingPerson
from governance.access.owners.models import Absence, DeputyTerm
from governance.audit import actions
from governance.audit.services import audit_record

LONGEST: Final = timedelta(days=366)


class CannotBeAbsent(ValueError):
    """An absence or a deputy cannot be had as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is away, person → until when, and who stands in, person → deputies now."""

    away_until: Mapping[int, datetime] = field(default_factory=dict)
    deputies: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def stand_ins(self, user_id: int) -> tuple[int, ...]:
        """Return the deputies of somebody who are here themselves."""
        return tuple(one for one in self.deputies.get(user_id, ()) if one not in self.away_until)


def attendance(user_ids: Collection[int], *, now: datetime) -> Attendance:
    """Return who of these people is away now, and their deputies, in two queries.

    Deputies who are away or deactivated do not stand in, and nobody stands in for a deputy.
    """
    if not user_ids:
        return Attendance()
    deputies: dict[int, list[int]] = {}
    for user_id, deputy_id in (
        DeputyTerm.objects.filter(
            user_id__in=user_ids, starts_at__lte=now, ends_at__gt=now, deputy__is_active=True
        )
        .order_by("pk")
        .values_list("user_id", "deputy_id")
    ):
        deputies.setdefault(user_id, []).append(deputy_id)
    concerned = {*user_ids, *(one for found in deputies.values() for one in found)}
    away: dict[int, datetime] = {}
    for user_id, ends_at in Absence.objects.filter(
        user_id__in=concerned, starts_at__lte=now, ends_at__gt=now
    ).values_list("user_id", "ends_at"):
        away[user_id] = max(ends_at, away.get(user_id, ends_at))
    return Attendance(away, {key: tuple(dict.fromkeys(found)) for key, found in deputies.items()})


def absences_of(user: User, *, now: datetime) -> QuerySet[Absence]:
    """Return a person's absences that have not ended."""
    return Absence.objects.filter(user=user, ends_at__gt=now).order_by("starts_at")


def deputies_of(user: User, *, now: datetime) -> QuerySet[DeputyTerm]:
    """Return a person's deputies whose time has not ended."""
    return (
        DeputyTerm.objects.filter(user=user, ends_at__gt=now)
        .select_related("deputy")
        .order_by("starts_at")
    )


def _check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise CannotBeAbsent("it must end after it starts")
    if ends_at <= now:
        raise CannotBeAbsent("it must end in the future")
    if ends_at - starts_at > LONGEST:
        raise CannotBeAbsent("it can last 366 days at most")


@transaction.atomic
def absence_note(
    *, by: ActingPerson, user: User, starts_at: datetime, ends_at: datetime, now: datetime
) -> Absence:
    """Note that somebody is away; their deputies count meanwhile.

    :raises CannotBeAbsent: a bad span.
    :raises MayNot: for somebody else without the right to manage owners.
    """
    _check_own(by, user)
    _check_span(starts_at, ends_at, now)
    row = Absence.objects.create(
        user=user, starts_at=starts_at, ends_at=ends_at, created_at=now, created_by=by.user
    )
    audit_record(
        actor=by.actor,
        action=actions.ABSENCE_NOTE,
        object_kind="person",
        object_id=str(user.pk),
        object_name=user.get_username(),
        after={"starts_at": starts_at, "ends_at": ends_at},
        now=now,
    )
    return row


@transaction.atomic
def absence_remove(*, by: ActingPerson, absence_id: int, now: datetime) -> None:
    """Take an absence back, or end it now.

    :raises Absence.DoesNotExist: there is none.
    """
    row = Absence.objects.select_for_update().select_related("user").get(pk=absence_id)
    _check_own(by, row.user)
    row.delete()
    audit_record(
        actor=by.actor,
        action=actions.ABSENCE_REMOVE,
        object_kind="person",
        object_id=str(row.user_id),
        object_name=row.user.get_username(),
        before={"starts_at": row.starts_at, "ends_at": row.ends_at},
        now=now,
    )


@transaction.atomic
def deputy_name(
    *,
    by: ActingPerson,
    user: User,
    deputy: User,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> DeputyTerm:
    """Name somebody's deputy for a time. They count only while the person is away.

    :raises CannotBeAbsent: a bad span, oneself, or somebody deactivated.
    :raises MayNot: for somebody else without the right to manage owners.
    """
    _check_own(by, user)
    _check_span(starts_at, ends_at, now)
    if deputy.pk == user.pk:
        raise CannotBeAbsent("choose someone else as deputy")
    if not deputy.is_active:
        raise CannotBeAbsent(f"{deputy.get_username()} is deactivated")
    if deputy.pk == by.user.pk:
        raise CannotBeAbsent("you cannot name yourself as someone's deputy")
    row = DeputyTerm.objects.create(
        user=user,
        deputy=deputy,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
        created_by=by.user,
    )
    audit_record(
        actor=by.actor,
        action=actions.DEPUTY_NAME,
        object_kind="person",
        object_id=str(user.pk),
        object_name=user.get_username(),
        after={"deputy": deputy.get_username(), "starts_at": starts_at, "ends_at": ends_at},
        now=now,
    )
    return row


@transaction.atomic
def deputy_remove(*, by: ActingPerson, term_id: int, now: datetime) -> None:
    """End a deputy's time now.

    :raises DeputyTerm.DoesNotExist: there is none.
    """
    row = DeputyTerm.objects.select_for_update().select_related("user", "deputy").get(pk=term_id)
    _check_own(by, row.user)
    row.delete()
    audit_record(
        actor=by.actor,
        action=actions.DEPUTY_REMOVE,
        object_kind="person",
        object_id=str(row.user_id),
        object_name=row.user.get_username(),
        before={"deputy": row.deputy.get_username(), "ends_at": row.ends_at},
        now=now,
    )


def _check_own(by: ActingPerson, user: User) -> None:
    if by.user.pk != user.pk:
        by.require_everywhere()
