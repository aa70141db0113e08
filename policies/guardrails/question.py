"""One guardrail asked of accounts that nothing tells apart: what gets past their policies.

The guarded requests are boxes: guarded actions, on guarded resources, by principals that are not
excepted, where of each `unless` block some condition does not hold. Each level of policies keeps
what it lets pass of them. Nothing left proves that the guardrail holds; a request of what is left,
which the evaluator confirms, is the counterexample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice, product
from typing import Final

from policies.comparison.action_groups import ActionGroups
from policies.comparison.reasons import Undecided
from policies.comparison.regions import EMPTY, Region, RegionAlgebra, RequestBox, without_repeats
from policies.comparison.space import RESOURCE, Space
from policies.comparison.witness import Proposal
from policies.comparison.wording import box_phrases, in_words
from policies.compiled import PolicyLevel
from policies.guardrails.answers import (
    NOTHING_PASSES,
    Confirm,
    GuardAnswer,
    GuardedBoxes,
    Levels,
    WholeLevels,
)
from policies.guardrails.guarded_requests import GuardedRequests
from policies.guardrails.guardrail import GuardrailOutcome

_ACTIONS_TRIED: Final = 24
_FAILURES_REMEMBERED: Final = 24


class GuardQuestion:
    """Asks of one kind of callers, in one space, what passes the levels of one chain after another.

    `guarded_groups`: the action groups that are guarded. `confirm`: what the evaluator says of a
    request and the levels of SCPs and RCPs. `rules`: a level that denies what AWS never permits.
    """

    def __init__(
        self,
        space: Space,
        groups: ActionGroups,
        guarded: GuardedBoxes,
        guarded_groups: int,
        requests: GuardedRequests,
        confirm: Confirm,
        *,
        rules: PolicyLevel | None,
        most_boxes: int,
    ) -> None:
        self._space = space
        self._groups = groups
        self._requests = requests
        self._confirm = confirm
        self._algebra = RegionAlgebra(
            space, groups.groups_of, groups.all_groups, most_boxes=most_boxes
        )
        self._boxes_of = guarded
        everything = Region(tuple(self._boxes(guarded, guarded_groups)))
        self._guarded = everything
        if rules is not None and everything:
            self._guarded = self._algebra.restrict(everything, rules)
        # Of other services a resource's own policy must allow, too.
        self._likely = ~groups.of_actions(space.catalogue.union(("kms:*", "sts:*")))
        self._touched_by_rules = 0
        self._touched: dict[PolicyLevel, int] = {}
        if rules is not None:
            self._touched_by_rules = self._touched_by(rules)
        self._regions: dict[Levels, Region] = {(): self._guarded}
        self._failures: list[GuardAnswer] = []
        self._answers: dict[Levels, GuardAnswer] = {}
        self._made: dict[tuple[str, int, int], GuardAnswer] = {}
        self._phrases: dict[tuple[int, int], list[str]] = {}

    def _boxes(self, guarded: GuardedBoxes, groups: int) -> Iterator[RequestBox]:
        if not groups:
            return
        true = false = 0
        if guarded.resources is not None:
            box = self._space.box(guarded.resources)
            true, false = box.true, box.false
        found: dict[tuple[int, int], None] = {}
        for chosen in product(*guarded.one_fails):
            holds, fails = true, false
            for condition in (*guarded.fails, *chosen):
                atom = self._space.condition_atom(condition)
                if atom.holds:
                    fails |= atom.bit
                else:
                    holds |= atom.bit
            if self._space.is_possible(holds, fails):
                found[holds, fails] = None
        yield from without_repeats((groups, *key) for key in found)

    def answer(self, levels: Levels, whole: WholeLevels) -> GuardAnswer:
        """Return what passes all levels. `whole`: all of the policies that they were made of."""
        found = self._answers.get(levels)
        if found is None:
            found = self._answers[levels] = self._answer(tuple(dict.fromkeys(levels)), whole)
        return found

    def _answer(self, levels: Levels, whole: WholeLevels) -> GuardAnswer:
        if self._known_region(levels) is EMPTY:
            return NOTHING_PASSES
        free = self._guarded.groups & ~self._touched_by_rules
        for level in levels:
            free &= ~self._touched_by(level)
            if not free:
                break
        if free:
            # No level says anything about these actions: what is guarded of them passes as it is.
            likely = free & self._likely or free
            one = likely & -likely
            boxes = tuple(
                (one, true, false) for groups, true, false in self._guarded.boxes if groups & one
            )
            found = self._shown(Region(boxes), whole)
            if found.outcome is GuardrailOutcome.FAILS:
                return found
        known = self._known_failure(whole)
        if known is not None:
            return known
        found = self._shown(self._region(levels), whole)
        if found.outcome is GuardrailOutcome.FAILS and found.remark is None:
            self._failures.insert(0, found)
            del self._failures[_FAILURES_REMEMBERED:]
        return found

    def _known_region(self, levels: Levels) -> Region | None:
        """Return what is known to pass some levels, None if nothing is known of it.

        What does not pass the first levels does not pass all.
        """
        for end in range(len(levels) + 1):
            region = self._regions.get(levels[:end])
            if region is None or region is EMPTY:
                return region
        return region

    def _known_failure(self, whole: WholeLevels) -> GuardAnswer | None:
        """Return an answer found before whose request passes these levels, too."""
        for at, known in enumerate(self._failures):
            if known.witness is not None and self._confirm(known.witness, self._boxes_of, *whole):
                if at:
                    self._failures.insert(0, self._failures.pop(at))
                return known
        return None

    def _touched_by(self, level: PolicyLevel) -> int:
        """Return the action groups of which a level does not let every request pass."""
        found = self._touched.get(level)
        if found is None:
            allows, denies = self._algebra.level_parts(level)
            found = 0
            if allows is not None:
                found = self._groups.all_groups
                for part in allows:
                    if not part.box.atoms:
                        found &= ~part.groups
            for part in denies:
                found |= part.groups
            self._touched[level] = found
        return found

    def _region(self, levels: Levels) -> Region:
        known = len(levels)
        while levels[:known] not in self._regions:
            known -= 1
        region = self._regions[levels[:known]]
        for end in range(known, len(levels)):
            region = self._algebra.restrict(region, levels[end]) if region else EMPTY
            self._regions[levels[: end + 1]] = region
        return region

    def _shown(self, region: Region, whole: WholeLevels) -> GuardAnswer:
        """Return the first request of a region that is confirmed, or why none is."""
        unusual: GuardAnswer | None = None
        undecided: GuardAnswer | None = None
        for box in without_repeats(region.boxes):
            found = self._of_box(box, whole)
            if found.outcome is GuardrailOutcome.FAILS:
                if found.remark is None:
                    return found
                unusual = unusual or found
            elif found.outcome is GuardrailOutcome.UNDECIDED:
                undecided = undecided or found
        if unusual is not None:
            return unusual
        if undecided is None and region.cut:
            undecided = GuardAnswer(GuardrailOutcome.UNDECIDED, reason=Undecided.BOX_LIMIT)
        return undecided or NOTHING_PASSES

    def _of_box(self, box: RequestBox, whole: WholeLevels) -> GuardAnswer:
        groups, true, false = box
        is_about_resources = self._is_about_resources(true | false)
        each = chain(
            self._groups.one_of_each(groups & self._likely),
            self._groups.one_of_each(groups & ~self._likely),
        )
        reason: Undecided | None = None
        for _, index in each if is_about_resources else islice(each, _ACTIONS_TRIED):
            if not isinstance(index, int):
                continue
            proposals = self._requests.of_action(index, true, false)
            if isinstance(proposals, Undecided):
                reason = proposals
                continue
            found = self._confirmed(proposals, whole)
            if found is not None:
                return GuardAnswer(
                    GuardrailOutcome.FAILS,
                    witness=found.witness,
                    words=partial(self._when, true, false),
                    remark=_remark(found),
                )
            if proposals:
                reason = reason or Undecided.NOT_CONFIRMED
        if reason is None:
            # No action of the box takes a resource of it: no such request is made.
            return NOTHING_PASSES
        return GuardAnswer(
            GuardrailOutcome.UNDECIDED,
            words=partial(self._when, true, false),
            reason=reason,
            keys=self._space.keys_of(true, false),
        )

    def _when(self, true: int, false: int) -> str:
        """Return a box in words. That its principals are of the partition goes without saying."""
        unsaid = self._boxes_of.unsaid
        if unsaid is not None:
            false &= ~self._space.condition_atom(unsaid).bit
        return in_words(box_phrases(self._space, true, false, self._phrases))

    def _confirmed(self, proposals: Sequence[Proposal], whole: WholeLevels) -> Proposal | None:
        unusual: Proposal | None = None
        for proposal in proposals:
            if self._confirm(proposal.witness, self._boxes_of, *whole):
                if not proposal.unusual_caller:
                    return proposal
                unusual = unusual or proposal
        return unusual

    def _is_about_resources(self, bits: int) -> bool:
        names, masks = self._space.names, self._space.masks
        return RESOURCE in names and bool(bits & masks[names.index(RESOURCE)])


def _remark(proposal: Proposal) -> str | None:
    if proposal.unusual_caller:
        return "only with context keys of the caller that AWS is not known to send together"
    return None
