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
from policies.comparison.describer import DifferenceDescriber, SharedComparison, remark_on
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
from policies.comparison.sample_requests import SampleRequest, SampleRequests
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
    for which it passes; `open_groups`: those of which none was found. Of the others nothing is
    left. `reduced`: those of which not all is left, and maybe others.
    """

    groups: int
    samples: list[tuple[SampleRequest, int]]
    open_groups: int
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

    def described(
        self, target_id: str, passing: tuple[PolicyLevel, ...], stopping: tuple[PolicyLevel, ...]
    ) -> tuple[list[Difference], list[UndecidedDifference]]:
        """Describe what is left of each change at a target, and what of it is not proven."""
        differences: list[Difference] = []
        undecided: list[UndecidedDifference] = []
        levels = tuple(dict.fromkeys(passing))
        beyond = tuple(level for level in stopping if level not in passing)
        for box in self._change_boxes(target_id):
            left = self._remainder(box, target_id, levels)
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

    def _remainder(
        self, box: RequestBox, target_id: str, levels: tuple[PolicyLevel, ...]
    ) -> _Remainder:
        passed = self._paths.passed
        left = box[0] & ~self._paths.denied(box, target_id)
        found = 0
        samples: list[tuple[SampleRequest, int]] = []
        for sample in self._samples.of_box(box):
            if found == left:
                break
            passing = passed(sample, target_id) & left
            if passing & ~found:
                found |= passing
                samples.append((sample, passing))
        to_find, open_groups = left & ~found, 0
        while to_find:
            group = to_find & -to_find
            searched = self._samples.search(box, group, levels)
            if searched is not None:
                passing = passed(searched, target_id) & left
                found |= passing
                samples.append((searched, passing))
            to_find &= ~(group | found)
            open_groups |= group & ~found
        return _Remainder(found, samples, open_groups, self._paths.reduced(box, target_id))

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
            when = BoxConditions(f"{when.words}, {EXCEPT_DENIED}", when.tests, path)
            if not when.tests:
                in_all = replace(actions, groups=groups & ~left.reduced)
        witness, account_id = proposal.witness, describer.account_id
        made = Difference(actions, when, witness, account_id, remark_on(proposal), change, in_all)
        if RESOURCE in self._algebra.space.names and account_id in witness.resource:
            describer.bind(made, [proposal, *(sample.proposal for sample, _ in left.samples)])
        return made

    def _region(self, box: RequestBox) -> Region:
        return self._regions.setdefault(box, Region((box,)))
