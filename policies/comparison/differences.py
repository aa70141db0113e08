"""Regions → what a person reads: actions, when, and a request that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.action_groups import ActionGroups
from policies.comparison.confirmation import Confirmation
from policies.comparison.descent import Trees
from policies.comparison.reasons import Undecided
from policies.comparison.regions import Box, Region, RegionAlgebra
from policies.comparison.space import ACTION, RESOURCE, AtomTest, Space
from policies.comparison.witness import Proposal, Witness, WitnessMaker
from policies.comparison.wording import ALWAYS, box_in_words
from policies.compiled import Compiler, Level
from policies.language.conditions.values import ContextValue
from policies.language.policy_types import PolicyType
from policies.language.variables import Lookup

_PROPOSALS_TRIED: Final = 64
NOT_IN_CATALOGUE: Final = "actions not in the catalogue"
NO_OWN_RESOURCE: Final = "only on resources of other types than these actions take"


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Actions that are newly denied, or newly allowed, in the requests that `when` tells.

    `action_bits`: catalogue actions. `patterns`: for actions outside the catalogue their names
    or patterns, and then there are no bits. `when` is `always` where every request is meant.
    `witness` is confirmed by the evaluator, for the account `account_id`. `remark` says what
    makes the difference unlikely to matter, if something does.
    """

    action_bits: int
    unlisted: bool
    when: str
    witness: Witness
    account_id: str
    remark: str | None
    tests: tuple[AtomTest, ...] = ()

    def includes(self, action: str, resource: str, lookup: Lookup) -> bool | None:
        """Whether a request for one of its actions is meant; None where variables decide.

        `action` in lower case; `lookup` gives context keys, those that the request implies too.
        """
        return _includes(self.tests, action, resource, lookup)

    @property
    def is_unconditional(self) -> bool:
        """Whether it concerns every request for these actions."""
        return self.when == ALWAYS

    def actions(self, catalogue: Catalogue) -> list[str]:
        """Return the actions' names; one text for those outside the catalogue."""
        return [NOT_IN_CATALOGUE] if self.unlisted else catalogue.actions(self.action_bits)


@dataclass(frozen=True, slots=True, eq=False)
class UndecidedDifference:
    """Actions for which, in the requests that `when` tells, nothing is proven. Never unchanged."""

    action_bits: int
    unlisted: bool
    when: str
    reason: Undecided
    tests: tuple[AtomTest, ...] = ()

    def includes(self, action: str, resource: str, lookup: Lookup) -> bool | None:
        """Whether a request for one of its actions is meant; None where variables decide."""
        return _includes(self.tests, action, resource, lookup)

    def actions(self, catalogue: Catalogue) -> list[str]:
        """Return the actions' names; one text for those outside the catalogue."""
        return [NOT_IN_CATALOGUE] if self.unlisted else catalogue.actions(self.action_bits)


def _includes(tests: Iterable[AtomTest], action: str, resource: str, lookup: Lookup) -> bool | None:
    answer: bool | None = True
    for atom in tests:
        if atom.name == RESOURCE:
            value: ContextValue = resource
        else:
            value = action if atom.name == ACTION else lookup(atom.name)
        found = atom.test(value)
        if found is None:
            answer = None
        elif found is not atom.holds:
            return False
    return answer


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """What changes for one target. All empty: proven unchanged."""

    newly_denied: tuple[Difference, ...] = ()
    newly_allowed: tuple[Difference, ...] = ()
    undecided: tuple[UndecidedDifference, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.newly_denied or self.newly_allowed or self.undecided)

    def with_more(self, other: TargetComparison) -> TargetComparison:
        """Return the differences of both."""
        if not self:
            return other
        return TargetComparison(
            self.newly_denied + other.newly_denied,
            self.newly_allowed + other.newly_allowed,
            self.undecided + other.undecided,
        )

    @property
    def changed_in_condition(self) -> int:
        """The catalogue actions that change in some requests only."""
        whole = part = 0
        for difference in (*self.newly_denied, *self.newly_allowed):
            if difference.is_unconditional:
                whole |= difference.action_bits
            else:
                part |= difference.action_bits
        return part & ~whole


class Describer:
    """Turns the regions of one question into differences, each equal one once."""

    def __init__(
        self,
        algebra: RegionAlgebra,
        groups: ActionGroups | None,
        trees: Trees,
        compiler: Compiler,
        policy_type: PolicyType,
    ) -> None:
        self._algebra = algebra
        self._space: Space = algebra.space
        self._groups = groups
        self._trees = trees
        self._maker = WitnessMaker(algebra.space)
        self._confirmation = Confirmation(compiler, policy_type)
        self._account = algebra.space.domains.account_id or ""
        self._words: dict[tuple[int, int], str] = {}
        self._proposals: dict[Box, list[Proposal] | Undecided] = {}
        self._made: dict[
            tuple[Region, tuple[Level, ...], tuple[Level, ...]],
            tuple[tuple[Difference, ...], tuple[UndecidedDifference, ...]],
        ] = {}
        self._whole: dict[tuple[object, ...], TargetComparison] = {}

    def comparison(self, target_id: str, lost: Region, gained: Region) -> TargetComparison:
        """Describe what one target loses and gains."""
        before = self._trees.before.chain(target_id)
        after = self._trees.after.chain(target_id)
        key = (lost, gained, before, after)
        found = self._whole.get(key)
        if found is None:
            denied, open_denied = self._described(lost, before, after)
            allowed, open_allowed = self._described(gained, after, before)
            found = TargetComparison(denied, allowed, open_denied + open_allowed)
            self._whole[key] = found
        return found

    def _described(
        self, region: Region, passing: tuple[Level, ...], stopping: tuple[Level, ...]
    ) -> tuple[tuple[Difference, ...], tuple[UndecidedDifference, ...]]:
        key = (region, passing, stopping)
        found = self._made.get(key)
        if found is None:
            differences: list[Difference] = []
            undecided: list[UndecidedDifference] = []
            for box in self._without_repeats(region.boxes):
                made = self._box(box, passing, stopping)
                if isinstance(made, Difference):
                    differences.append(made)
                else:
                    undecided.append(made)
            if region.cut:
                undecided.append(
                    UndecidedDifference(
                        self._action_bits(region.cut),
                        self._groups is None,
                        "in requests beyond those that are listed",
                        Undecided.BOX_LIMIT,
                    )
                )
            found = self._made[key] = (tuple(differences), tuple(undecided))
        return found

    def _without_repeats(self, boxes: Iterable[Box]) -> Iterator[Box]:
        """Leave out of each box the actions for which a wider box was there before."""
        widest = sorted(boxes, key=lambda box: (box[1] | box[2]).bit_count())
        kept: list[Box] = []
        for groups, true, false in widest:
            rest = groups
            for other, other_true, other_false in kept:
                if other & rest and not other_true & ~true and not other_false & ~false:
                    rest &= ~other
            if rest:
                kept.append((rest, true, false))
        return iter(kept)

    def _action_bits(self, groups: int) -> int:
        return self._groups.action_bits(groups) if self._groups is not None else 0

    def _box(
        self, box: Box, passing: tuple[Level, ...], stopping: tuple[Level, ...]
    ) -> Difference | UndecidedDifference:
        groups, true, false = box
        bits = self._action_bits(groups)
        unlisted = self._groups is None
        when = self._when(true, false)
        tests = self._space.tests(true, false)
        proposals = self._proposed(box, bits)
        if isinstance(proposals, Undecided):
            return UndecidedDifference(bits, unlisted, when, proposals, tests)
        for proposal in proposals:
            passes = self._confirmation.passes
            if passes(passing, proposal.witness) and (passes(stopping, proposal.witness) is False):
                return Difference(
                    bits,
                    unlisted,
                    when,
                    proposal.witness,
                    self._account,
                    None if proposal.own_resource else NO_OWN_RESOURCE,
                    tests,
                )
        return UndecidedDifference(bits, unlisted, when, self._why_not(true, false), tests)

    def _when(self, true: int, false: int) -> str:
        key = (true, false)
        found = self._words.get(key)
        if found is None:
            found = self._words[key] = box_in_words(self._space, true, false)
        return found

    def _proposed(self, box: Box, bits: int) -> list[Proposal] | Undecided:
        found = self._proposals.get(box)
        if found is None:
            made = self._maker.proposals(bits, box[1], box[2])
            found = made if isinstance(made, Undecided) else list(islice(made, _PROPOSALS_TRIED))
            self._proposals[box] = found
        return found

    def _why_not(self, true: int, false: int) -> Undecided:
        """Return why no request was confirmed."""
        for at in self._space.used(true, false):
            value = self._space.value(at, true, false)
            if isinstance(value, Undecided):
                return value
        return Undecided.NOT_CONFIRMED
