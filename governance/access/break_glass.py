"""A local administrator for emergencies, and the news of its use."""

import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal

from governance.access.models import Profile, RoleAssignment
from governance.access.role_assignments import EVERYWHERE, role_assign
from governance.access.roles import Role
from governance.access.sessions.services import sessions_end
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record

# Sent inside the transaction that records a sign-in by such an account.
# Arguments: user, actor (`governance.audit.actors.Actor`), now.
break_glass_used = Signal()


@transaction.atomic
def break_glass(
    *, actor: Actor, username: str, ends_at: datetime, now: datetime
) -> tuple[User, str]:
    """Make, or open again, a local administrator of everything until a time.

    Returns the person and a new password, shown this once. It works without an identity provider
    and without a second factor; one that it had is kept.

    :raises ValueError: the name is that of somebody who is no break-glass account.
    :raises CannotAssignRole: the end is past.
    """
    user = User.objects.select_related("profile").filter(username=username).first()
    if user is None:
        user = User.objects.create(username=username, date_joined=now)
        Profile.objects.filter(user=user).update(break_glass=True)
    elif not user.profile.break_glass:
        raise ValueError(f"{username} is someone's own account; choose another name")
    password = secrets.token_urlsafe(24)
    user.is_active = True
    user.set_password(password)
    user.save()
    sessions_end(actor=actor, user=user, now=now)
    RoleAssignment.objects.filter(user=user).delete()
    role_assign(
        actor=actor, role=Role.ADMINISTRATOR, place=EVERYWHERE, user=user, ends_at=ends_at, now=now
    )
    audit_record(
        actor=actor,
        action=actions.PERSON_OPEN_BREAK_GLASS,
        object_kind="person",
        object_id=str(user.pk),
        object_name=username,
        after={"ends_at": ends_at.isoformat()},
        now=now,
    )
    return user, password


@transaction.atomic
def break_glass_signed_in(*, user: User, actor: Actor, now: datetime) -> None:
    """Record a sign-in by such an account, and tell whoever listens."""
    audit_record(
        actor=actor,
        action=actions.PERSON_USE_BREAK_GLASS,
        object_kind="person",
        object_id=str(user.pk),
        object_name=user.get_username(),
        after={"address": actor.address},
        now=now,
    )
    break_glass_used.send(sender=User, user=user, actor=actor, now=now)
