"""What was found out about a guard, and the sentence that says what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies.comparison.reasons import Undecided
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Condition


class GuardTrap(StrEnum):
    """Why a guard does not hold."""

    FOR_ALL_VALUES = "for_all_values"
    IF_EXISTS = "if_exists"
    ABSENCE = "absence"
    PRESENCE = "presence"
    NEGATED = "negated"
    EVERYTHING = "everything"
    OPEN_ENDED = "open_ended"
    NEVER_SENT = "never_sent"
    SAYS_NOT_WHO = "says_not_who"
    TOO_WIDE = "too_wide"
    UNKNOWN_OPERATOR = "unknown_operator"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What the engine found out about one guard.

    `trap`: why it does not hold; None: it holds. `found`: an admitted value outside of what the
    guard is for. `names`, `noun`: what it names. `others`: what lies outside, in the plural.
    """

    trap: GuardTrap | None
    found: ContextValue | Undecided | None = None
    names: tuple[str, ...] = ()
    noun: str = "value"
    others: str = "others"
    reason: str = ""
    is_empty: bool = False
    is_never_sent: bool = False

    @property
    def holds(self) -> bool:
        """Whether all that is admitted lies within what the guard is for."""
        return self.trap is None


def leaves_open(condition: Condition, verdict: GuardVerdict) -> str:
    """Return one sentence: what a guard still admits."""
    key, operator, trap = condition.key, condition.written_operator, verdict.trap
    if verdict.is_never_sent:
        return f"Nothing: these requests never carry {key}, so the condition is never met."
    if verdict.is_empty:
        return f"Nothing: no value that {key} can have meets the condition."
    if trap is None:
        return verdict.reason or f"Only the {_listed(verdict.noun, verdict.names)}."
    others = f"{verdict.others[:1].upper()}{verdict.others[1:]}"
    return _SENTENCES[trap].format(
        key=key,
        operator=operator,
        reason=verdict.reason,
        others=others,
        example=_example(verdict.found),
    )


_SENTENCES: Final[dict[GuardTrap, str]] = {
    GuardTrap.FOR_ALL_VALUES: (
        "Requests without {key}: ForAllValues is true when the key is absent."
    ),
    GuardTrap.IF_EXISTS: "Requests without {key}: IfExists is true when the key is absent.",
    GuardTrap.ABSENCE: "Requests without {key}: the condition asks that the key is absent.",
    GuardTrap.PRESENCE: ("Any value of {key}: the condition only asks that the key is present."),
    GuardTrap.NEGATED: "Everyone but the values listed{example}.",
    GuardTrap.EVERYTHING: "Every value of {key}.",
    GuardTrap.OPEN_ENDED: "{others}{example}.",
    GuardTrap.NEVER_SENT: (
        "Every request: these requests never carry {key}, and {operator} is true without it."
    ),
    GuardTrap.SAYS_NOT_WHO: "{reason}",
    GuardTrap.TOO_WIDE: "{reason}",
    GuardTrap.UNKNOWN_OPERATOR: "Unknown: AWS has no condition operator {operator}.",
    GuardTrap.UNDECIDED: "Undecided: {reason}.",
}


def _listed(noun: str, names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3])
    rest = len(names) - 3
    plural = "" if len(names) == 1 else "s"
    return f"{noun}{plural} {shown}" + (f" and {rest:,} more" if rest > 0 else "")


def _example(found: ContextValue | Undecided | None) -> str:
    if found is ABSENT:
        return ", and requests without the key"
    value = found[0] if isinstance(found, tuple) and found else found
    return f", such as {value}" if isinstance(value, str) and value else ""
