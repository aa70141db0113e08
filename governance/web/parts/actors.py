"""Who made a logged call, from where and by what, as screens show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from governance.drift.explaining import actor_words
from inventory.cloudtrail.origin import SURFACE_LABELS, CallSurface


@dataclass(frozen=True, slots=True)
class LoggedActor:
    """Who did it. `lines`: what else the event says, label and value."""

    who: str
    at: datetime | None
    lines: tuple[tuple[str, str], ...]


def actor_of(explained_by: Mapping[str, Any]) -> LoggedActor:
    """Return a stored explanation as screens show it."""
    surface = str(explained_by.get("surface") or "")
    lines = (
        ("Call", str(explained_by.get("call") or "")),
        ("Principal", str(explained_by.get("principal") or "")),
        ("From", str(explained_by.get("address") or "")),
        ("By", SURFACE_LABELS[CallSurface(surface)] if surface else ""),
        ("Session of", str(explained_by.get("issuer") or "")),
        ("Event", str(explained_by.get("event_id") or "")),
    )
    return LoggedActor(
        actor_words(explained_by),
        parse_datetime(str(explained_by.get("at") or "")) if explained_by.get("at") else None,
        tuple((label, value) for label, value in lines if value),
    )
