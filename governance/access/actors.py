"""From a request or a command to whoever acts, as the audit log records it."""

import hashlib

from django.contrib.auth.models import AbstractUser, User
from django.http import HttpRequest
from rest_framework.request import Request

from governance.access.client_address import client_address
from governance.access.models import ApiToken
from governance.audit.actors import Actor, ActorKind


def actor_of(request: HttpRequest | Request) -> Actor:
    """Return who sent a request of a page or of the API, with its token or session.

    Somebody who is not signed in is a person without an id, named "anonymous".
    """
    token = request.auth if isinstance(request, Request) else None
    user = request.user
    key = getattr(request, "session", None) and request.session.session_key
    known = isinstance(user, AbstractUser)
    return Actor(
        kind=_kind(user),
        user_id=user.pk if known else None,
        name=user.get_username() if known else "anonymous",
        token_id=token.pk if isinstance(token, ApiToken) else None,
        session="" if token or not key else session_digest(key),
        address=client_address(request),
        request_id=str(getattr(request, "request_id", "")),
    )


def user_actor(user: User) -> Actor:
    """Return a person who acts by no request, such as one whose job a worker does."""
    return Actor(kind=_kind(user), user_id=user.pk, name=user.get_username())


def user_of(actor: Actor) -> User | None:
    """Return the person or service account that acts, None for a command or the system.

    :raises User.DoesNotExist: it is gone.
    """
    return None if actor.user_id is None else User.objects.get(pk=actor.user_id)


def command_actor(name: str) -> Actor:
    """Return a command of `manage.py`, run by somebody on the machine itself."""
    return Actor(kind="command", user_id=None, name=name)


def system_actor(name: str) -> Actor:
    """Return a part of Orgwarden that acts by itself, such as a scheduled task."""
    return Actor(kind="system", user_id=None, name=name)


def session_digest(session_key: str) -> str:
    """Return 16 hex digits that tell a session without letting anybody use it."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:16]


def _kind(user: object) -> ActorKind:
    profile = getattr(user, "profile", None)
    return "service account" if getattr(profile, "kind", "") == "service account" else "person"
