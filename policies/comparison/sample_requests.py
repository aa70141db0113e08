"""Requests that show for many action groups, and for many paths, that something is left of a box.

One request decides each condition of a question, so whether a level lets it pass is a matter of
ints. A new one is searched only where none of those found before passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final

from policies.comparison.box_proposals import BoxProposals
from policies.comparison.callers import PRINCIPAL_ARN
from policies.comparison.confirmation import Confirmation
from policies.comparison.reasons import Undecided
from policies.comparison.regions import RegionAlgebra, RequestBox, StatementPart
from policies.comparison.space import ACTION, CALLER, RESOURCE
from policies.comparison.statement_box import AtomTest, StatementBox
from policies.comparison.witness import Proposal, Witness
from policies.compiled import PolicyLevel
from policies.language.conditions.values import ABSENT, ContextValue

_MOST_STEPS: Final = 2_000
_PROPOSALS_TRIED: Final = 8

_OF_PRINCIPALS: Final = (PRINCIPAL_ARN, CALLER)

_Alternative = tuple[int, int, tuple[int, ...]]
"""Atoms that hold and that do not, and the dimensions they lie in."""

_Step = tuple[_Alternative, ...]


class SearchEnd(Enum):
    """How a search ended without a request: there is none, proven, or that is not known."""

    NONE_THERE = "none there"
    NOT_FOUND = "not found"


class SampleRequest:
    """A request for an action of `group`. `leaf`: a box of requests that all pass as it does.

    `true` and `false`: the atoms that hold for it and that do not; of others it is not known.
    """

    __slots__ = ("false", "group", "leaf", "proposal", "true")

    def __init__(
        self, proposal: Proposal, group: int, leaf: tuple[int, int], true: int, false: int
    ) -> None:
        self.proposal = proposal
        self.group = group
        self.leaf = leaf
        self.true = true
        self.false = false

    def lies_in(self, box: RequestBox) -> bool:
        """Whether it is known to lie in a box, apart from its action group."""
        return not (box[1] & ~self.true or box[2] & ~self.false)


class SampleRequests:
    """The requests of one question, found as they are needed."""

    def __init__(
        self, algebra: RegionAlgebra, proposals: BoxProposals, confirmation: Confirmation
    ) -> None:
        self._algebra = algebra
        self._proposals = proposals
        self._confirmation = confirmation
        self._atoms: dict[str, list[tuple[int, AtomTest]]] | None = None
        self._truths_of: dict[tuple[str, ContextValue], tuple[int, int]] = {}
        self._found: list[SampleRequest] = []
        self._in_box: dict[tuple[int, int], list[SampleRequest]] = {}
        self._ends: dict[tuple[int, int, frozenset[_Step]], SearchEnd] = {}
        self._ways: dict[StatementBox, _Step] = {}
        self._tried = 0
        self._is_exhaustive = True

    def of_box(self, box: RequestBox) -> Sequence[SampleRequest]:
        """Return the requests found so far that lie in a box, whatever their action."""
        key = box[1:]
        found = self._in_box.get(key)
        if found is None:
            found = self._in_box[key] = [one for one in self._found if one.lies_in(box)]
        return found

    def search(
        self, box: RequestBox, group: int, levels: Sequence[PolicyLevel]
    ) -> SampleRequest | SearchEnd:
        """Return a request of a box for one action group that all levels let pass.

        It passes for as many other groups as are easily had, too.
        """
        steps = dict.fromkeys(self._steps_through(group, levels))
        key = (box[1], box[2], frozenset(steps))
        known = self._ends.get(key)
        if known is not None:
            return known
        self._tried, self._is_exhaustive = 0, True
        leaf = self._leaf(box[1], box[2], sorted(steps, key=len))
        if leaf is None:
            end = SearchEnd.NONE_THERE if self._is_exhaustive else SearchEnd.NOT_FOUND
            self._ends[key] = end
            return end
        sample = self._sample(group, self._widened(leaf, levels))
        if sample is None or not sample.lies_in(box):
            return SearchEnd.NOT_FOUND
        self._found.append(sample)
        for (true, false), others in self._in_box.items():
            if sample.lies_in((0, true, false)):
                others.append(sample)
        return sample

    def _steps_through(self, group: int, levels: Sequence[PolicyLevel]) -> Iterator[_Step]:
        """Yield what a request must do to pass: one of the alternatives of each step."""
        for level in levels:
            allows, denies = self._algebra.level_parts(level)
            if allows is not None:
                covering = [part.box for part in allows if part.groups & group]
                yield tuple((box.true, box.false, box.dimensions) for box in covering)
            for part in denies:
                if part.groups & group:
                    yield self._outside(part)

    def _leaf(self, true: int, false: int, steps: Sequence[_Step]) -> tuple[int, int] | None:
        """Return a box that takes one alternative of each step, None if none was found."""
        self._tried += 1
        if self._tried > _MOST_STEPS:
            self._is_exhaustive = False
            return None
        to_do = [step for step in steps if not _is_taken(true, false, step)]
        if not to_do:
            return true, false
        for alternative in to_do[0]:
            narrowed = self._narrowed(true, false, alternative)
            if narrowed is not None:
                leaf = self._leaf(*narrowed, to_do[1:])
                if leaf is not None:
                    return leaf
        return None

    def _widened(self, leaf: tuple[int, int], levels: Sequence[PolicyLevel]) -> tuple[int, int]:
        """Return a part of a box that lies outside of further denies of the levels."""
        for level in levels:
            for part in self._algebra.level_parts(level)[1]:
                step = self._outside(part)
                if not _is_taken(*leaf, step):
                    ways = (self._narrowed(*leaf, alternative) for alternative in step)
                    leaf = next((way for way in ways if way is not None), leaf)
        return leaf

    def _narrowed(self, true: int, false: int, alternative: _Alternative) -> tuple[int, int] | None:
        """Return a box with one more thing decided; None if nothing is known to be left of it."""
        holds, fails, dimensions = alternative
        true, false = true | holds, false | fails
        if true & false:
            return None
        for at in dimensions:
            value = self._algebra.space.value(at, true, false)
            if value is None:
                return None
            if isinstance(value, Undecided):
                self._is_exhaustive = False
                return None
        return true, false

    def _outside(self, part: StatementPart) -> _Step:
        """Return the ways to lie outside a statement: one of its literals does not hold."""
        found = self._ways.get(part.box)
        if found is None:
            names = self._algebra.space.names
            # Sets of principals take the longest to tell from empty ones.
            found = self._ways[part.box] = tuple(
                (0, atom.bit, (atom.dimension,)) if atom.holds else (atom.bit, 0, (atom.dimension,))
                for atom in sorted(
                    part.box.atoms, key=lambda atom: names[atom.dimension] in _OF_PRINCIPALS
                )
            )
        return found

    def _sample(self, group: int, leaf: tuple[int, int]) -> SampleRequest | None:
        proposals = self._proposals.of_box(group, *leaf)
        if isinstance(proposals, Undecided):
            return None
        for proposal in proposals[:_PROPOSALS_TRIED]:
            context = self._confirmation.context(proposal.witness)
            if context is not None:
                truths = self._truths(proposal.witness, context)
                return SampleRequest(proposal, group, leaf, *truths)
        return None

    def _truths(self, witness: Witness, context: Mapping[str, ContextValue]) -> tuple[int, int]:
        if self._atoms is None:
            self._atoms = {}
            for bit, atom in self._algebra.space.atoms():
                self._atoms.setdefault(atom.name, []).append((bit, atom))
        true = false = 0
        for name in self._atoms:
            if name == RESOURCE:
                value: ContextValue = witness.resource
            else:
                value = witness.action.lower() if name == ACTION else context.get(name, ABSENT)
            of_value = self._truths_of.get((name, value))
            if of_value is None:
                of_value = self._truths_of[name, value] = self._truths_at(name, value)
            true |= of_value[0]
            false |= of_value[1]
        return true, false

    def _truths_at(self, name: str, value: ContextValue) -> tuple[int, int]:
        true = false = 0
        for bit, atom in (self._atoms or {})[name]:
            holds = atom.test(value)
            if holds is True:
                true |= bit
            elif holds is False:
                false |= bit
        return true, false


def _is_taken(true: int, false: int, step: _Step) -> bool:
    """Whether a box takes one of a step's alternatives."""
    return any(not (holds & ~true or fails & ~false) for holds, fails, _ in step)
