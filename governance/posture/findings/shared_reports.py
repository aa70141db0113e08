"""What one process found, kept in the cache for all others: it takes ten seconds to find."""

import hashlib
import logging
from collections.abc import Iterable
from typing import Final

from django.core.cache import cache
from django.db import connection as database
from redis.exceptions import RedisError

from governance.posture.findings.finding import Answer
from governance.posture.findings.thresholds import USUAL
from policies import load_catalogue

log = logging.getLogger(__name__)

# A run an hour makes a report an hour; older ones are found again where somebody looks back.
_SECONDS: Final = 3 * 3600
# To be raised when the classes of a report change.
_FORMAT: Final = 2


def report_name(*marks: object) -> str:
    """Return the name of what was found in one state of one organization.

    `marks`: what tells that state from others, equal in every process. The database is part of
    the name, since several may share a cache.
    """
    told = repr((_FORMAT, _database(), USUAL, load_catalogue().version, _in_order(marks)))
    return f"structure-findings:{hashlib.sha256(told.encode()).hexdigest()}"


def _database() -> tuple[str, str, str]:
    told = database.settings_dict
    return str(told["HOST"]), str(told["PORT"]), str(told["NAME"])


def _in_order(marks: object) -> object:
    """Return marks with their sets sorted: a set is told in another order by each process."""
    if isinstance(marks, frozenset):
        return sorted(marks)
    if isinstance(marks, tuple):
        return [_in_order(one) for one in marks]
    return marks


def kept_answers(name: str) -> tuple[Answer, ...] | None:
    """Return what is kept; None where nothing is, or the cache cannot be reached."""
    try:
        found: tuple[Answer, ...] | None = cache.get(name)
    except RedisError as error:
        log.warning("the cache cannot be read: %s", error)
        return None
    return found


def is_kept(name: str) -> bool:
    """Whether it is kept, without reading it."""
    return bool(cache.has_key(name))


def keep_answers(names: Iterable[str], answers: Iterable[Answer]) -> None:
    """Keep what was found by each of its names; without a cache the next process finds it again."""
    found = tuple(answers)
    try:
        for name in set(names):
            cache.set(name, found, timeout=_SECONDS)
    except RedisError as error:
        log.warning("the cache cannot be written: %s", error)
