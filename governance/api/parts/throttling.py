"""How many requests a person or token may send a minute."""

import time
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from governance.api.parts.permissions import token_of

_WINDOW_SECONDS: Final = 60
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestThrottle(BaseThrottle):
    """Counts the requests of each token, or of each signed-in person, minute by minute.

    Reads and writes are counted apart. Settings: `API_READS_A_MINUTE`, `API_WRITES_A_MINUTE`.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request and say whether it may pass."""
        token = token_of(request)
        who = f"token:{token.pk}" if token else f"user:{request.user.pk}"
        reads = request.method in _SAFE
        limit = settings.API_READS_A_MINUTE if reads else settings.API_WRITES_A_MINUTE
        now = self.clock()
        window = int(now // _WINDOW_SECONDS)
        key = f"api:requests:{'reads' if reads else 'writes'}:{who}:{window}"
        self._wait_seconds = (window + 1) * _WINDOW_SECONDS - now
        return self._count(key) <= limit

    def _count(self, key: str) -> int:
        if cache.add(key, 1, timeout=2 * _WINDOW_SECONDS):
            return 1
        try:
            return int(cache.incr(key))
        except ValueError:
            # Emptied in between, so this is the first again.
            cache.set(key, 1, timeout=2 * _WINDOW_SECONDS)
            return 1

    def wait(self) -> float:
        """Return the seconds until the next minute begins."""
        return self._wait_seconds

    def clock(self) -> float:
        """Return the time in seconds, the same for all servers."""
        return time.time()
