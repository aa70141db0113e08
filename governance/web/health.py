"""Whether this server can answer: for load balancers and for the demo."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from redis.exceptions import RedisError

from governance.collection.health import collection_health
from governance.web.parts.rights_view import Opening, RightsView

logger = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _valkey() -> None:
    cache.get("health")


_CHECKS: dict[str, tuple[Callable[[], None], tuple[type[Exception], ...]]] = {
    "database": (_database, (DatabaseError,)),
    "valkey": (_valkey, (RedisError, OSError)),
}


class Readiness(RightsView):
    """Say whether collecting goes on: 200 when beat, workers and queue are well, else 503."""

    required_right = Opening.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Answer with the state of each, without details that outsiders should not read."""
        try:
            problems = set(collection_health(now=timezone.now()).problems)
        except (DatabaseError, RedisError, OSError):
            logger.exception("readiness: the state of collecting cannot be read")
            problems = {"beat", "queue", "workers"}
        states = {
            name: "not well" if name in problems else "ok" for name in ("beat", "queue", "workers")
        }
        response = JsonResponse(states, status=503 if problems else 200)
        response.headers["Cache-Control"] = "no-store"
        return response


class Health(RightsView):
    """Try the database and Valkey: 200 when both answer, else 503 that names which does not."""

    required_right = Opening.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Answer with the state of each, without details that outsiders should not read."""
        states = {}
        for name, (check, errors) in _CHECKS.items():
            try:
                check()
                states[name] = "ok"
            except errors:
                logger.exception("health: %s does not answer", name)
                states[name] = "does not answer"
        well = all(state == "ok" for state in states.values())
        response = JsonResponse(states, status=200 if well else 503)
        response.headers["Cache-Control"] = "no-store"
        return response
