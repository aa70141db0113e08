"""What the frame holds in the cache for a person, and when they last changed something.

Read once a request: all processes share it, so what somebody changes shows at once wherever their
next page is made.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_CHANGED_AT: Final = "changed_at"
_read: WeakKeyDictionary[HttpRequest, Mapping[str, Any]] = WeakKeyDictionary()


def held_for(request: HttpRequest) -> Mapping[str, Any]:
    """Return what is held for whoever sent the request; nothing where there is no cache."""
    found = _read.get(request)
    if found is None:
        found = _read[request] = _asked(request.user)
    return found


def _asked(user: Any) -> Mapping[str, Any]:
    if not isinstance(user, User) or not settings.FRAME_SECONDS:
        return {}
    try:
        return cache.get(_key(user)) or {}
    except RedisError as error:
        log.warning("the frame's figures cannot be read: %s", error)
        # Without the cache nobody knows whether this person has just changed something.
        return {_CHANGED_AT: time.time()}


def changed_at(request: HttpRequest) -> float:
    """Return when whoever sent the request last changed something, in seconds of the epoch.

    0.0: longer ago than anything is held.
    """
    found: float = held_for(request).get(_CHANGED_AT, 0.0)
    return found


def hold(request: HttpRequest, figures: Mapping[str, Any]) -> None:
    """Hold figures for whoever sent the request, for a few seconds."""
    user: Any = request.user
    _store(user, {**figures, _CHANGED_AT: changed_at(request)})


def forget(user: Any) -> None:
    """Hold nothing from before now for this person, who has changed something."""
    if isinstance(user, User) and settings.FRAME_SECONDS:
        _store(user, {_CHANGED_AT: time.time()})


def _store(user: User, held: Mapping[str, Any]) -> None:
    try:
        cache.set(_key(user), dict(held), settings.FRAME_SECONDS)
    except RedisError as error:
        log.warning("the frame's figures cannot be held: %s", error)


def _key(user: User) -> str:
    return f"frame:{user.pk}"
