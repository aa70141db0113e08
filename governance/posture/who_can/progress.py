"""How far a long question is: who is told, and what waits for it in another process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache

from inventory.models import Connection

_SECONDS: Final = 60

Progress = Callable[[str, int], None]
"""Told what is being done, in words, and how many of a hundred parts of all are done."""


def no_progress(_words: str, _percent: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class ReportedProgress:
    """What is being done, in words, and how many of a hundred parts are done."""

    words: str
    percent: int


def progress_reporter(connection: Connection) -> Progress:
    """Return what keeps the progress of questions about an organization."""

    def tell(words: str, percent: int) -> None:
        cache.set(_key(connection), (words, percent), timeout=_SECONDS)

    return tell


def progress_of(connection: Connection) -> ReportedProgress | None:
    """Return how far the newest question about an organization is; None where none goes on."""
    found = cache.get(_key(connection))
    return ReportedProgress(*found) if found else None


def _key(connection: Connection) -> str:
    return f"who-can-progress-{connection.pk}"
