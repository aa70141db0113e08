"""The ways in which principals may do an action: the decision, and what it rests on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies.evaluation.judge import OpenGap
from policies.evaluation.verdict import Decision, DecisionOutcome


class Standing(StrEnum):
    """What is known of those who are not denied.

    ALWAYS: allowed in every request. CONDITIONAL: some conditions, of the request or the resource,
    decide. UNKNOWN: policies that are not known decide.
    """

    ALWAYS = "always"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"


STANDINGS: Final = tuple(Standing)
NOBODY: Final = -1
"""In the place of a way: denied."""


@dataclass(frozen=True, slots=True)
class Way:
    """How some principals may do an action. `row`: one of them.

    `action` is one of those that the same statements cover. `gaps`: what is not known and can
    turn the decision.
    """

    action: str
    decision: Decision
    gaps: tuple[OpenGap, ...]
    row: int

    @property
    def standing(self) -> Standing:
        """What it comes to."""
        if self.decision.decision is DecisionOutcome.ALLOWED:
            return Standing.ALWAYS
        if self.gaps or not self.decision.unknown_keys:
            return Standing.UNKNOWN
        return Standing.CONDITIONAL


@dataclass(frozen=True, slots=True)
class WaysTogether:
    """How some principals may do some of the actions asked for; `parts`: actions with their way.

    Of a question about one action there is one part.
    """

    parts: tuple[tuple[tuple[str, ...], Way], ...]

    @property
    def standing(self) -> Standing:
        """The best of them."""
        return min((way.standing for _, way in self.parts), key=STANDINGS.index)

    def actions(self, standing: Standing) -> tuple[str, ...]:
        """Return the actions of one standing."""
        return tuple(
            action for actions, way in self.parts if way.standing is standing for action in actions
        )
