"""How a thing changed over time, version by version, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.models.versions import Version
from inventory.selectors.history import VersionChange


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """What one run saw differ. `values`: field, before and after, as text."""

    at: datetime
    words: str
    values: tuple[tuple[str, str, str], ...]


def steps(versions: Sequence[Version], *, noun: str) -> list[ChangeStep]:
    """Describe versions, the newest first; the oldest is when the thing was first seen."""
    described = []
    for number, version in enumerate(versions):
        older = versions[number + 1] if number + 1 < len(versions) else None
        if version.seen_until is not None and number == 0:
            described.append(ChangeStep(version.seen_until, f"The {noun} was gone", ()))
        if older is None:
            described.append(ChangeStep(version.seen_from, f"The {noun} was first seen", ()))
            continue
        change = VersionChange(type(version), (), older, version)
        described.append(
            ChangeStep(
                version.seen_from,
                "Changed: " + ", ".join(_field_words(name) for name in change.changed_fields),
                tuple(
                    (
                        _field_words(name),
                        _text(getattr(older, name)),
                        _text(getattr(version, name)),
                    )
                    for name in change.changed_fields
                ),
            )
        )
    return described


def _field_words(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={inner}" for key, inner in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)
