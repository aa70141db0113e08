"""Where sessions are kept: Django's table, with an end that comes even while they are used.

Whatever reads a session, a page or an endpoint, reads it here, so none can pass by the ends.
"""

from datetime import UTC, datetime
from typing import Any, Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from governance.access.actors import session_digest
from governance.access.models import Profile
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.selectors.ready_query import ReadyQuery

SIGNED_IN_AT: Final = "signed_in_at"
SEEN_AT: Final = "seen_at"
_USE_IS_NOTED_EVERY_SECONDS: Final = 60

# Asked for every page and every call of the API.
_SESSION: Final = ReadyQuery(
    lambda session_key, now: Session.objects.filter(session_key=session_key, expire_date__gt=now),
    session_key="a session's key",
    now=datetime.max.replace(tzinfo=UTC),
)


class SessionStore(db.SessionStore):
    """A session that ends `SESSION_SECONDS` after sign-in, and after `SESSION_IDLE_SECONDS` unused.

    `ended`: which end it was, `absolute` or `idle`; empty while the session goes on.
    `is_unattended`: this request is no use of it.
    """

    ended = ""
    is_unattended = False

    def load(self) -> dict[str, Any]:
        """Return what the session holds: nothing once it has ended. Notes use once a minute."""
        row = self._get_session_from_db()
        if row is None:
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        if SESSION_KEY not in data:
            return data
        now = timezone.now().timestamp()
        self.ended = ending(data, now=now)
        if self.ended:
            self._remove(row.session_key, data)
            return {}
        if not self.is_unattended and now - data.get(SEEN_AT, 0) >= _USE_IS_NOTED_EVERY_SECONDS:
            self._note_use(row, data, now=now)
        return data

    def _get_session_from_db(self) -> Any:
        found = _SESSION.objects(session_key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return next(iter(found), None)

    def _remove(self, session_key: str, data: dict[str, Any]) -> None:
        with transaction.atomic():
            self.delete(session_key)
            UserSession.objects.filter(session_key=session_key).delete()
            user = User.objects.filter(pk=data[SESSION_KEY]).first()
            audit_record(
                actor=Actor(kind="system", user_id=None, name="sessions"),
                action=actions.SESSION_END,
                object_kind="person",
                object_id=str(data[SESSION_KEY]),
                object_name=user.get_username() if user else "",
                after={"why": self.ended, "session": session_digest(session_key)},
                now=timezone.now(),
            )
        self._session_key = None

    def _note_use(self, row: Any, data: dict[str, Any], *, now: float) -> None:
        data.setdefault(SIGNED_IN_AT, now)
        data[SEEN_AT] = now
        # Only over what was read: a request at the same time may have stored more.
        self.model.objects.filter(pk=row.pk, session_data=row.session_data).update(
            session_data=self.encode(data)
        )
        at = datetime.fromtimestamp(now, tz=timezone.get_default_timezone())
        UserSession.objects.filter(session_key=row.session_key).update(last_seen_at=at)
        Profile.objects.filter(user_id=data[SESSION_KEY]).update(last_seen_at=at)


def ending(data: dict[str, Any], *, now: float) -> str:
    """Return which end a session has come to, empty: none. `now` in seconds since 1970."""
    if now - data.get(SIGNED_IN_AT, now) >= settings.SESSION_SECONDS:
        return "absolute"
    if now - data.get(SEEN_AT, now) >= settings.SESSION_IDLE_SECONDS:
        return "idle"
    return ""
