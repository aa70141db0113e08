"""The one scale of severity, of drift and of findings: effect, then accounts, then environment.

What something does to permissions gives points, reach and environment move them:

| effect | points |
|---|---|
| anybody outside gets in, or a protection of the whole organization is gone | 6 |
| newly allows, or lets in what should be kept out | 4 |
| protects less than meant, newly denies, or cannot be decided | 2 |
| no permission changes | 0 |
| cosmetic: text differs, effect does not | always low |

Ten accounts or more: +1. Production, or not known, for any of them: +1. Sandbox, development or
test for all of them: -1. 6 and more is critical, 4 and 5 high, 2 and 3 medium, below that low.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

from governance.access.owners.environments import Environment
from governance.access.owners.labels import TargetLabel

MANY_ACCOUNTS: Final = 10


class EffectWeight(IntEnum):
    """What something does to permissions, in points."""

    COSMETIC = -10
    NONE = 0
    WEAKENS = 2
    OPENS = 4
    OPENS_TO_ALL = 6


WEIGHT_OF: Final[Mapping[str, EffectWeight]] = {
    "critical": EffectWeight.OPENS_TO_ALL,
    "high": EffectWeight.OPENS,
    "medium": EffectWeight.WEAKENS,
    "low": EffectWeight.NONE,
}
"""How bad a source calls what it found, as an effect."""
_TRIED_OUT: Final = frozenset({Environment.SANDBOX, Environment.DEVELOPMENT, Environment.TEST})
_LEAST_POINTS: Final = ((6, "critical"), (4, "high"), (2, "medium"))


def severity_of(weight: EffectWeight, *, accounts: int, labels: Iterable[TargetLabel] = ()) -> str:
    """Return `critical`, `high`, `medium` or `low` by the table above.

    `labels`: the environments it concerns; none: it has no place in the tree, which leaves the
    points as they are.
    """
    if weight is EffectWeight.COSMETIC:
        return "low"
    points = int(weight) + (accounts >= MANY_ACCOUNTS) + _environment_points(list(labels))
    return next((name for least, name in _LEAST_POINTS if points >= least), "low")


def _environment_points(labels: list[TargetLabel]) -> int:
    if any(one.value is None or one.protected for one in labels):
        return 1
    return -1 if labels and all(one.value in _TRIED_OUT for one in labels) else 0
