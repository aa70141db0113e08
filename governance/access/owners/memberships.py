"""Lets somebody into a group that decides, once a second person has confirmed it."""

from datetime import datetime

from django.contrib.auth.models import Group, User

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


class CannotEnterGroup(ValueError):
    """Somebody cannot come into a group; the message says why."""


def membership_begin(*, actor: Actor, group: Group, user: User, now: datetime) -> None:
    """Put a person into a group and record it; within a transaction.

    :raises CannotEnterGroup: they are deactivated.
    """
    if not user.is_active:
        raise CannotEnterGroup(f"{user.get_username()} is deactivated")
    before = sorted(group.user_set.values_list("username", flat=True))
    group.user_set.add(user)
    audit_record(
        actor=actor,
        action=actions.GROUP_CHANGE,
        object_kind="group",
        object_id=str(group.pk),
        object_name=group.name,
        before={"members": before},
        after={"members": sorted({*before, user.get_username()})},
        now=now,
    )
