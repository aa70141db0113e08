"""What pages say of an organization beside what they list, a few seconds old at most.

How fresh, how well known, how many, owned by whom: nearly every page asks this, and it seldom
changes. So one process reads it once for all who see the same part, and holds it for
`FRAME_SECONDS`. Whoever has changed something since is read to again (`frame_cache`), so that one's
own changes show at once. Rights are never held.
"""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest

from governance.web.parts.frame_cache import changed_at
from inventory.models import Connection
from inventory.viewing import Viewer

Fact = TypeVar("Fact")

_HELD: Final = 2048
_facts: Final[LRUCache[Hashable, tuple[float, Any]]] = LRUCache(maxsize=_HELD)
_lock: Final = Lock()


def recent_fact(
    request: HttpRequest,
    viewer: Viewer,
    connection: Connection,
    question: Hashable,
    read: Callable[[], Fact],
) -> Fact:
    """Return what `read` finds, or what it found a few seconds ago for who sees the same.

    `question`: what is asked, with everything that the answer depends on beside the viewer and the
    organization. The answer is shared, so nobody may change it.
    """
    seconds = settings.FRAME_SECONDS
    if not seconds:
        return read()
    asked = (
        *(connection.pk, connection.schedule_minutes, connection.enabled),
        *(viewer.sees_inventory, viewer.limits, question),
    )
    now = time.time()
    with _lock:
        read_at, found = _facts.get(asked, (0.0, None))
    if now - seconds < read_at <= now and read_at > changed_at(request):
        return found  # type: ignore[no-any-return]
    fresh = read()
    with _lock:
        _facts[asked] = (now, fresh)
    return fresh
