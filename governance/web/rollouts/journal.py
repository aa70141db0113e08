"""The journal of one step as lines: what was meant, each try, what AWS said, what was read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.changes.models import JournalEntry

_PHASE: Final = JournalEntry.Phase
_DONE: Final = frozenset({"done", "ok", "200", ""})


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line. `is_error`: AWS said no, or nothing."""

    label: str
    at: datetime
    words: str
    is_error: bool
    aws_request_id: str
    detail: dict[str, object]


def journal_lines(entries: Iterable[JournalEntry]) -> tuple[JournalLine, ...]:
    """Prepare the entries of one step, in the order in which they were written."""
    return tuple(
        JournalLine(
            label=_label(entry),
            at=entry.recorded_at,
            words=_words(entry),
            is_error=entry.phase == _PHASE.STOPPED
            or (entry.phase == _PHASE.ANSWER and entry.outcome not in _DONE),
            aws_request_id=entry.aws_request_id,
            detail=entry.detail,
        )
        for entry in entries
    )


def _label(entry: JournalEntry) -> str:
    if entry.phase == _PHASE.ANSWER:
        return f"Try {entry.attempt}"
    return entry.get_phase_display()


def _words(entry: JournalEntry) -> str:
    message = entry.detail.get("message", "")
    said = entry.outcome.replace("_", " ")
    return f"{said}: {message}" if said and message else str(message or said)
