"""Decisions where some policies are not known, bounded by what these could say at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from policies.evaluation.layers import Decider
from policies.evaluation.verdict import Decision, DecisionOutcome


class OpenPlace(Protocol):
    """A policy that applies to a request and whose content is not known."""

    @property
    def decider(self) -> Decider:
        """What kind of policy it is."""
        ...


G = TypeVar("G", bound=OpenPlace)
Decided = Callable[[Callable[[G], bool]], Decision]


def decide_under_gaps(
    known: Decision, gaps: Sequence[G], decided: Decided[G]
) -> tuple[Decision, tuple[G, ...]]:
    """Decide by the extremes of all gaps; return also the gaps that can turn the decision.

    `known`: what the known policies alone decide. `decided` takes a test of gaps: those for which
    it is true deny the most they could, all others allow the most they could.
    """
    if not gaps:
        return known, ()
    best = decided(lambda _: False)
    if best.is_denied:
        return best, ()
    least = decided(lambda _: True)
    if least.decision is DecisionOutcome.ALLOWED:
        return (known if known.decision is DecisionOutcome.ALLOWED else least), ()
    turning = tuple(
        gap
        for gap in gaps
        if decided(lambda one, gap=gap: one is gap).is_denied  # type: ignore[misc]
    )
    if best.decision is DecisionOutcome.UNKNOWN and not turning:
        return best, ()
    deciders = dict.fromkeys((*best.decided_by, *(gap.decider for gap in turning)))
    if best.decision is not DecisionOutcome.UNKNOWN:
        deciders = dict.fromkeys(gap.decider for gap in turning)
    ordered = tuple(decider for decider in Decider if decider in deciders)
    return Decision(DecisionOutcome.UNKNOWN, ordered, best.unknown_keys), turning
