"""What happens when somebody signs in, out, or fails to, by whatever way."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest
from django.utils import timezone

from governance.access.models import Profile
from governance.access.sessions.store import SEEN_AT, SIGNED_IN_AT


def connect() -> None:
    """Listen to Django's and allauth's signals."""
    user_logged_in.connect(_begin_session, dispatch_uid="access.begin_session")
    user_logged_out.connect(_forget_session, dispatch_uid="access.forget_session")


def _begin_session(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """Note since when the session is, from where, and that the person was seen."""
    now = timezone.now()
    Profile.objects.filter(user=user).update(last_seen_at=now)
    if request is None or not hasattr(request, "session"):
        return
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now.timestamp()


def _forget_session(*, request: HttpRequest | None, user: User | None, **_: Any) -> None:
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        UserSession.objects.filter(session_key=session.session_key).delete()
