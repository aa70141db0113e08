"""Requests that show for many action groups, and for many paths, that something is left of a box.

One request decides each condition of a question, so whether a level lets it pass is a matter of
ints. A new one is searched only where none of those found before passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies.comparison.box_proposals import BoxProposals
from policies.comparison.confirmation import Confirmation
from policies.comparison.reasons import Undecided
from policies.comparison.regions import RegionAlgebra, RequestBox, StatementPart
from policies.comparison.space import ACTION, RESOURCE, AtomTest
from policies.comparison.witness import Proposal, Witness
from policies.compiled import PolicyLevel
from policies.language.conditions.values import ABSENT, ContextValue

_MOST_STEPS: Final = 2_000
_PROPOSALS_TRIED: Final = 8

_Alternative = tuple[int, int, tuple[int, ...]]
"""Atoms that hold and that do not, and the dimensions they lie in."""


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
        self._atoms: list[tuple[int, AtomTest]] | None = None
        self._found: list[SampleRequest] = []
        self._in_box: dict[tuple[int, int], list[SampleRequest]] = {}
        self._vain: set[tuple[object, ...]] = set()
        self._steps = 0

    def of_box(self, box: RequestBox) -> Sequence[SampleRequest]:
        """Return the requests found so far that lie in a box, whatever their action."""
        key = box[1:]
        found = self._in_box.get(key)
        if found is None:
            found = self._in_box[key] = [one for one in self._found if one.lies_in(box)]
        return found

    def search(
        self, box: RequestBox, group: int, levels: Sequence[PolicyLevel]
    ) -> SampleRequest | None:
        """Return a request of a box for one action group that all levels let pass.

        None: none was found; there may be one all the same.
        """
        steps = self._steps_through(group, levels)
        key = (group, box[1], box[2], frozenset(steps))
        if key in self._vain:
            return None
        self._steps = 0
        for leaf in self._leaves(box[1], box[2], sorted(dict.fromkeys(steps), key=len)):
            sample = self._sample(group, leaf)
            if sample is not None and sample.lies_in(box):
                self._found.append(sample)
                for (true, false), known in self._in_box.items():
                    if sample.lies_in((0, true, false)):
                        known.append(sample)
                return sample
            break
        self._vain.add(key)
        return None

    def _steps_through(
        self, group: int, levels: Sequence[PolicyLevel]
    ) -> list[tuple[_Alternative, ...]]:
        """Return what a request must do to pass: one of the alternatives of each step."""
        steps: list[tuple[_Alternative, ...]] = []
        for level in levels:
            allows, denies = self._algebra.level_parts(level)
            if allows is not None:
                covering = [part.box for part in allows if part.groups & group]
                steps.append(tuple((box.true, box.false, box.dimensions) for box in covering))
            steps += [_outside(part) for part in denies if part.groups & group]
        return steps

    def _leaves(
        self, true: int, false: int, steps: list[tuple[_Alternative, ...]]
    ) -> Iterator[tuple[int, int]]:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return
        to_do = [
            step
            for step in steps
            if not any(not (holds & ~true or fails & ~false) for holds, fails, _ in step)
        ]
        if not to_do:
            yield true, false
            return
        value = self._algebra.space.value
        for holds, fails, dimensions in to_do[0]:
            more_true, more_false = true | holds, false | fails
            if more_true & more_false:
                continue
            values = (value(at, more_true, more_false) for at in dimensions)
            if any(found is None or isinstance(found, Undecided) for found in values):
                continue
            yield from self._leaves(more_true, more_false, to_do[1:])

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
            self._atoms = list(self._algebra.space.atoms())
        true = false = 0
        values: dict[str, ContextValue] = {
            RESOURCE: witness.resource,
            ACTION: witness.action.lower(),
        }
        for bit, atom in self._atoms:
            value = values.get(atom.name)
            if value is None:
                value = context.get(atom.name, ABSENT)
            holds = atom.test(value)
            if holds is True:
                true |= bit
            elif holds is False:
                false |= bit
        return true, false


def _outside(part: StatementPart) -> tuple[_Alternative, ...]:
    """Return the ways to lie outside a statement: one of its literals does not hold."""
    return tuple(
        (0, atom.bit, (atom.dimension,)) if atom.holds else (atom.bit, 0, (atom.dimension,))
        for atom in part.box.atoms
    )
