"""Differences told by change: each change by itself, and what other policies leave of it.

Below a change of what allows there are as many different regions as there are different paths, and
together they have tens of thousands of boxes. The change itself has few. So what a target newly
lacks (or has) can be told as the change's boxes, less what other policies of the target deny. Of
each box the actions are found of which some request is left, proven by requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.comparison.descent import ComparedTrees, chain_changes
from policies.comparison.describer import DifferenceDescriber, SharedComparison
from policies.comparison.differences import (
    BoxConditions,
    Difference,
    PolicyChange,
    TargetComparison,
    UndecidedDifference,
)
from policies.comparison.passed_path import PassedPath
from policies.comparison.path_groups import PathGroups
from policies.comparison.reasons import Undecided
from policies.comparison.regions import (
    Region,
    RegionAlgebra,
    RequestBox,
    as_boxes,
    as_mapping,
    without_repeats,
)
from policies.comparison.sample_requests import SampleRequest, SampleRequests, SearchEnd
from policies.comparison.space import RESOURCE
from policies.comparison.witness import Proposal
from policies.compiled import CompiledStatement, PolicyLevel
from policies.targets import TargetTree

EXCEPT_DENIED: Final = "except requests that other policies deny"
_PROPOSALS_TRIED: Final = 8


@dataclass(frozen=True, slots=True)
class _Remainder:
    """What other policies leave of a change's box at one target.

    `groups`: the action groups of which a request is left, as `samples` show, each with the groups
    for which it passes; `open_groups`: those of which none was found; `empty`: those of which
    nothing is left. `reduced`: those of which not all is left, and maybe others.
    """

    groups: int
    samples: list[tuple[SampleRequest, int]]
    open_groups: int
    empty: int
    reduced: int


class ChangeDescriber:
    """Describes what targets newly lack and newly have, by change."""

    def __init__(
        self,
        algebra: RegionAlgebra,
        trees: ComparedTrees,
        affected: set[str],
        describer: DifferenceDescriber,
        statements: Iterable[CompiledStatement],
    ) -> None:
        for statement in statements:
            algebra.part(statement)  # A sample request decides all conditions there are by then.
        samples = SampleRequests(algebra, describer.proposals, describer.confirmation)
        self._trees = trees
        self._describer = describer
        self._lost, self._gained = (
            _ChangeDirection(algebra, *states, affected, describer, samples)
            for states in ((trees.before, trees.after), (trees.after, trees.before))
        )

    def comparison(self, target_id: str) -> SharedComparison | None:
        """Describe what one target, and all like it, lose and gain; None if nothing."""
        before, after = (tree.chain(target_id) for tree in (self._trees.before, self._trees.after))
        denied, open_denied = self._lost.described(target_id, before, after)
        allowed, open_allowed = self._gained.described(target_id, after, before)
        found = TargetComparison(tuple(denied), tuple(allowed), (*open_denied, *open_allowed))
        return self._describer.shared(found, before, after) if found else None


class _ChangeDirection:
    """One direction of a comparison: the requests that `kept`'s tree allows and `other`'s not."""

    def __init__(
        self,
        algebra: RegionAlgebra,
        kept: TargetTree,
        other: TargetTree,
        affected: set[str],
        describer: DifferenceDescriber,
        samples: SampleRequests,
    ) -> None:
        self._algebra = algebra
        self._kept = kept
        self._other = other
        self._affected = affected
        self._describer = describer
        self._samples = samples
        self._paths = PathGroups(algebra, kept)
        self._boxes: dict[str, tuple[RequestBox, ...]] = {}
        self._changes: dict[RequestBox, tuple[PolicyChange, ...]] = {}
        self._regions: dict[RequestBox, Region] = {}
        self._remainders: dict[tuple[str, int, int, int], _Remainder] = {}

    def described(
        self, target_id: str, passing: tuple[PolicyLevel, ...], stopping: tuple[PolicyLevel, ...]
    ) -> tuple[list[Difference], list[UndecidedDifference]]:
        """Describe what is left of each change at a target, and what of it is not proven."""
        differences: list[Difference] = []
        undecided: list[UndecidedDifference] = []
        levels = tuple(dict.fromkeys(passing))
        beyond = tuple(level for level in stopping if level not in passing)
        for box in self._change_boxes(target_id):
            left = self._remainder(box, target_id)
            open_groups = left.open_groups
            for change in self._changes_of(box):
                made = self._difference(change, left, passing, beyond)
                if made is not None:
                    differences.append(made)
                else:
                    open_groups |= left.groups & change.actions.groups
            if open_groups:
                region = self._algebra.restrict_all(self._region((open_groups, *box[1:])), levels)
                more, not_proven = self._describer.described(region, passing, stopping)
                differences += more
                undecided += not_proven
        return differences, undecided

    def _change_boxes(self, target_id: str) -> tuple[RequestBox, ...]:
        """Return what all changes on the way to a target say by themselves."""
        if target_id not in self._affected:
            return ()
        found = self._boxes.get(target_id)
        if found is None:
            kept, other = self._kept.by_id[target_id], self._other.by_id[target_id]
            boxes: list[RequestBox] = []
            if kept.parent_id != other.parent_id:
                was, becomes = self._kept.path(target_id), self._other.path(target_id)
                for step in chain_changes(was, becomes):
                    boxes += self._algebra.change(step.kept, step.other)
            else:
                if kept.parent_id is not None:
                    boxes += self._change_boxes(kept.parent_id)
                if kept.level is not other.level:
                    boxes += self._algebra.change(kept.level, other.level)
            found = tuple(without_repeats(as_boxes(as_mapping(boxes))))
            self._boxes[target_id] = found
        return found

    def _remainder(self, box: RequestBox, target_id: str) -> _Remainder:
        key = (target_id, *box)
        known = self._remainders.get(key)
        if known is not None:
            return known
        # Nothing passes at a target that does not pass at its parent, and much that does.
        above = self._above(box, target_id)
        left = box[0] & ~self._paths.denied(box, target_id)
        samples: list[tuple[SampleRequest, int]] = []
        if above is not None:
            left &= ~above.empty
            samples = self._passing((sample for sample, _ in above.samples), target_id, left, 0)
        found = _together(samples)
        if left & ~found:
            samples += self._passing(self._samples.of_box(box), target_id, left, found)
            found = _together(samples)
        to_find, open_groups = left & ~found, 0
        levels = tuple(dict.fromkeys(self._kept.chain(target_id))) if to_find else ()
        while to_find:
            group = to_find & -to_find
            searched = self._samples.search(box, group, levels)
            if isinstance(searched, SampleRequest):
                samples += self._passing((searched,), target_id, left, found)
                found = _together(samples)
            if not found & group and searched is not SearchEnd.NONE_THERE:
                open_groups |= group
            to_find &= ~(group | found)
        reduced = self._paths.reduced(box, target_id)
        made = _Remainder(found, samples, open_groups, box[0] & ~(found | open_groups), reduced)
        self._remainders[key] = made
        return made

    def _above(self, box: RequestBox, target_id: str) -> _Remainder | None:
        """Return what is left at the parent of a box with the same conditions, if it has one."""
        parent_id = self._kept.by_id[target_id].parent_id
        if parent_id is None or self._other.by_id[target_id].parent_id != parent_id:
            return None
        for other in self._change_boxes(parent_id):
            if other[1:] == box[1:]:
                return self._remainder(other, parent_id)
        return None

    def _passing(
        self, samples: Iterable[SampleRequest], target_id: str, left: int, found: int
    ) -> list[tuple[SampleRequest, int]]:
        """Return the requests that pass for some of the groups `left` that are not yet `found`."""
        passing: list[tuple[SampleRequest, int]] = []
        for sample in samples:
            if found == left:
                break
            passed = self._paths.passed(sample, target_id) & left
            if passed & ~found:
                found |= passed
                passing.append((sample, passed))
        return passing

    def _changes_of(self, box: RequestBox) -> tuple[PolicyChange, ...]:
        found = self._changes.get(box)
        if found is None:
            when = self._describer.when(box[1], box[2])
            actions = self._describer.actions(box[0])
            found = self._changes[box] = tuple(PolicyChange(some, when) for some in actions)
        return found

    def _difference(
        self,
        change: PolicyChange,
        left: _Remainder,
        passing: tuple[PolicyLevel, ...],
        beyond: tuple[PolicyLevel, ...],
    ) -> Difference | None:
        """Return what is left of a change, with a confirmed request; None without one."""
        groups = left.groups & change.actions.groups
        if not groups:
            return None
        describer = self._describer
        for sample, passed in left.samples:
            proposals: Sequence[Proposal] = (sample.proposal,)
            if not sample.group & passed & groups:
                if not passed & groups:
                    continue
                others = describer.proposals.of_box(passed & groups, *sample.leaf)
                proposals = [] if isinstance(others, Undecided) else others
            proposal = describer.confirmed(proposals[:_PROPOSALS_TRIED], passing, beyond)
            if proposal is not None:
                return self._told(change, left, groups, proposal, passing)
        return None

    def _told(
        self,
        change: PolicyChange,
        left: _Remainder,
        groups: int,
        proposal: Proposal,
        passing: tuple[PolicyLevel, ...],
    ) -> Difference:
        describer = self._describer
        (actions,) = describer.actions(groups)
        when, in_all = change.when, None
        if left.reduced & groups:
            path = PassedPath(passing, self._algebra.denies_only)
            when = BoxConditions(
                f"{when.words}, {EXCEPT_DENIED}", when.tests, path, phrases=when.phrases
            )
            if not when.tests:
                in_all = replace(actions, groups=groups & ~left.reduced)
        witness, account_id = self._of_one_caller(proposal).witness, describer.account_id
        made = Difference(
            actions, when, witness, account_id, describer.remark_on(proposal), change, in_all
        )
        if RESOURCE in self._algebra.space.names and account_id in witness.resource:
            others = [proposal, *(sample.proposal for sample, _ in left.samples)]
            describer.bind(made, [self._of_one_caller(one) for one in others])
        return made

    def _of_one_caller(self, proposal: Proposal) -> Proposal:
        """Return a request with one caller for the resources of all accounts, if need be.

        A change may treat callers of all accounts alike, and the levels above a target not.
        """
        callers = self._algebra.space.callers
        if callers is None or not callers.tells_accounts_apart():
            return proposal
        return replace(proposal, witness=replace(proposal.witness, is_own_caller=False))

    def _region(self, box: RequestBox) -> Region:
        return self._regions.setdefault(box, Region((box,)))


def _together(samples: Iterable[tuple[SampleRequest, int]]) -> int:
    found = 0
    for _, groups in samples:
        found |= groups
    return found
