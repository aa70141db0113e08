"""The sessions of a person: their list, and ending them."""

from collections.abc import Sequence
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from governance.access.actors import session_digest
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


class NoSuchSession(LookupError):
    """The person has no such session, or it has ended."""


def sessions_of(user: User, *, now: datetime) -> Sequence[UserSession]:
    """Return the sessions that go on, the last used first."""
    going_on = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    found = UserSession.objects.filter(Exists(going_on), user=user)
    return list(found.order_by("-last_seen_at", "-pk"))


def idle_at(session: UserSession, *, now: datetime) -> bool:
    """Return whether a session that is still written down has been unused for too long."""
    return bool((now - session.last_seen_at).total_seconds() >= settings.SESSION_IDLE_SECONDS)


@transaction.atomic
def session_end(*, actor: Actor, user: User, session_id: int, now: datetime) -> None:
    """End one session of a person at once.

    :raises NoSuchSession: the person has none with this id.
    """
    found = UserSession.objects.filter(user=user, pk=session_id).first()
    if found is None:
        raise NoSuchSession
    _end(actor, user, [found], now=now)


@transaction.atomic
def sessions_end(
    *, actor: Actor, user: User, but_session_key: str | None = None, now: datetime
) -> int:
    """End all sessions of a person, but one where it is named; return how many."""
    found = list(UserSession.objects.filter(user=user).exclude(session_key=but_session_key or ""))
    _end(actor, user, found, now=now)
    return len(found)


def _end(actor: Actor, user: User, sessions: Sequence[UserSession], *, now: datetime) -> None:
    for session in sessions:
        session.end()
        audit_record(
            actor=actor,
            action=actions.SESSION_END,
            object_kind="person",
            object_id=str(user.pk),
            object_name=user.get_username(),
            after={
                "session": session_digest(session.session_key),
                "address": session.ip,
                "browser": session.user_agent,
            },
            now=now,
        )
