"""The one scale of severity: effect, then accounts, then environment.

What a finding does to permissions gives points, reach and environment move them:

| effect | points |
|---|---|
| anybody outside gets in, or a protection of the whole organization is gone | 6 |
| newly allows, or lets in what should be kept out | 4 |
| protects less than meant, newly denies, or cannot be decided | 2 |
| no permission changes | 0 |
| cosmetic: text differs, effect does not | always low |

Ten accounts or more: +1. Production, or not known: +1. Sandbox, development, test: -1.
6 and more is critical, 4 and 5 high, 2 and 3 medium, below that low.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from governance.access.owners.environments import Environment
from governance.access.owners.labels import TargetLabel
from governance.inbox.models import InboxItem

Severity = InboxItem.InboxSeverity

MANY_ACCOUNTS: Final = 10


class EffectWeight(IntEnum):
    """What a finding does to permissions, in points."""

    COSMETIC = -10
    NONE = 0
    WEAKENS = 2
    OPENS = 4
    OPENS_TO_ALL = 6


# How bad a source calls what it found, as an effect.
WEIGHT_OF: Final[Mapping[str, EffectWeight]] = {
    "critical": EffectWeight.OPENS_TO_ALL,
    "high": EffectWeight.OPENS,
    "medium": EffectWeight.WEAKENS,
    "low": EffectWeight.NONE,
}
_TRIED_OUT: Final = frozenset({Environment.SANDBOX, Environment.DEVELOPMENT, Environment.TEST})
_LEAST_POINTS: Final = (
    (6, Severity.CRITICAL),
    (4, Severity.HIGH),
    (2, Severity.MEDIUM),
)


def severity_of(weight: EffectWeight, *, accounts: int, label: TargetLabel | None) -> str:
    """Return the severity by the table above.

    `label`: the environment of the place; None: the finding has no place in the tree, which
    leaves the points as they are.
    """
    if weight is EffectWeight.COSMETIC:
        return Severity.LOW
    points = int(weight) + (accounts >= MANY_ACCOUNTS) + _environment_points(label)
    return next((each for least, each in _LEAST_POINTS if points >= least), Severity.LOW)


def _environment_points(label: TargetLabel | None) -> int:
    if label is None:
        return 0
    if label.value is None or label.protected:
        return 1
    return -1 if label.value in _TRIED_OUT else 0


def due_at(severity: str, since: datetime, days: Mapping[str, int]) -> datetime:
    """Return until when a finding should be put right. `days`: by severity."""
    return since + timedelta(days=days[severity])
