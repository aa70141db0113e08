"""One request under two states at once: what changes for it, whatever its unknown keys hold.

The two decisions are made together for each way in which the unknown keys can meet the conditions
of both states, so a condition that both have answers alike in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policies.evaluation.program import Program, Ternary
from policies.evaluation.unknowns import OpenPredicate, decide_every_way
from policies.evaluation.verdict import Decision, DecisionOutcome
from policies.language.conditions.values import ContextValue


class ReplayEffect(StrEnum):
    """What a change does to a recorded use. MAYBE: it depends on what was not recorded."""

    REVOKED = "revoked"
    GAINED = "gained"
    MAYBE = "maybe"
    UNCHANGED = "unchanged"


class JointDecision(NamedTuple):
    """The effect, and in lower case the keys on which it depends if it is MAYBE.

    `ways` are what was decided in each way, by which equal dependence is recognised.
    """

    effect: ReplayEffect
    keys: tuple[str, ...]
    ways: object = None


UNCHANGED = JointDecision(ReplayEffect.UNCHANGED, ())


@dataclass(frozen=True, slots=True)
class DerivedKeys:
    """Context keys that follow from caller and resource; `apart`: those that the change changes."""

    before: Mapping[str, ContextValue]
    after: Mapping[str, ContextValue]
    apart: frozenset[str]


class SideRequest(NamedTuple):
    """A request as one of the two states meets it. `context`: every key that the program reads."""

    program: Program
    context: Mapping[str, ContextValue]


def decide_jointly(
    before: SideRequest, after: SideRequest, resource: str, apart: frozenset[str]
) -> JointDecision:
    """Return what changes for a request.

    `apart`: keys that may hold one thing before and another after, where they are not known.
    """
    old = before.program.decide(resource, before.context)
    new = after.program.decide(resource, after.context)
    if _is_definite(old) and _is_definite(new):
        return JointDecision(_effect(old, new), ())
    old_answers, old_open = before.program.open_answers(resource, before.context)
    new_answers, new_open = after.program.open_answers(resource, after.context)
    joint = _JointPredicates(apart)
    old_places = joint.places(old_open, "before")
    new_places = joint.places(new_open, "after")

    def combine(answers: Sequence[Ternary]) -> ReplayEffect:
        for predicate, place in old_places:
            old_answers[predicate] = answers[place]
        for predicate, place in new_places:
            new_answers[predicate] = answers[place]
        was, becomes = before.program.combine(old_answers), after.program.combine(new_answers)
        return _effect(was, becomes)

    every = decide_every_way(combine, [None] * len(joint.predicates), joint.predicates)
    if every is None:
        keys = sorted({key for item in joint.predicates for key in item.unknown_keys})
        return JointDecision(ReplayEffect.MAYBE, tuple(keys))
    effects = set(every.decided.values())
    if len(effects) == 1:
        return JointDecision(effects.pop(), ())
    ways = tuple((choice.keys, choice.ways) for choice in every.choices)
    decided = tuple(every.decided.values())
    return JointDecision(
        ReplayEffect.MAYBE, every.deciding_keys(lambda effect: effect), (ways, decided)
    )


def _is_definite(decision: Decision) -> bool:
    return decision.decision is not DecisionOutcome.UNKNOWN or decision.is_denied


def _effect(before: Decision, after: Decision) -> ReplayEffect:
    if before.is_denied is after.is_denied:
        return ReplayEffect.UNCHANGED
    return ReplayEffect.GAINED if before.is_denied else ReplayEffect.REVOKED


class _JointPredicates:
    """The open predicates of both states; those that mean the same are one."""

    def __init__(self, apart: frozenset[str]) -> None:
        self.predicates: list[OpenPredicate] = []
        self._apart = apart
        self._places: dict[object, int] = {}

    def places(self, opened: Sequence[OpenPredicate], side: str) -> list[tuple[int, int]]:
        """Return each predicate of a state with its place among those of both."""
        return [(item.predicate, self._place(item, side)) for item in opened]

    def _place(self, item: OpenPredicate, side: str) -> int:
        by_itself = not self._apart.isdisjoint(item.unknown_keys)
        meaning = (side, item.meaning) if by_itself else item.meaning
        place = self._places.get(meaning)
        if place is None:
            place = self._places[meaning] = len(self.predicates)
            condition = None if by_itself else item.condition
            self.predicates.append(OpenPredicate(place, item.unknown_keys, condition, meaning))
        return place
