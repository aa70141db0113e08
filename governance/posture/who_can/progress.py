"""How far a long question is: who is told, and what waits for it in another process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.cache import caches

from inventory.models import Connection
from inventory.viewing import Viewer, visible_key

_SECONDS: Final = 60

Progress = Callable[[str, int], None]
"""Called with what is in progress, and how many of a hundred parts of all are done."""


def no_progress(_words: str, _percent: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class ReportedProgress:
    """What is being done, in words, and how many of a hundred parts are done."""

    words: str
    percent: int


def progress_reporter(viewer: Viewer, connection: Connection) -> Progress:
    """Return what keeps the progress of questions about what a viewer sees of an organization."""

    key = _key(viewer, connection)

    def tell(words: str, percent: int) -> None:
        caches["optional"].set(key, (words, percent), timeout=_SECONDS)

    return tell


def progress_of(viewer: Viewer, connection: Connection) -> ReportedProgress | None:
    """Return how far the newest question about it is; None where none goes on."""
    found = caches["optional"].get(_key(viewer, connection))
    return ReportedProgress(*found) if found else None


def _key(viewer: Viewer, connection: Connection) -> str:
    return f"who-can-progress-{connection.pk}-{visible_key(viewer, connection)}"
