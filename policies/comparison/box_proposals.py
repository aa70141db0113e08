"""Requests that may show what a box holds, the same for as many boxes as possible."""

from __future__ import annotations

from itertools import chain, islice
from typing import Final

from policies.comparison.action_groups import ActionGroups
from policies.comparison.reasons import Undecided
from policies.comparison.space import Space
from policies.comparison.witness import Proposal
from policies.comparison.witness_maker import WitnessMaker
from policies.evaluation.aws_rules import bits_never_permitted

_PROPOSALS_TRIED: Final = 200
_ACTIONS_TRIED: Final = 4


class BoxProposals:
    """Proposes requests for the boxes of one space. `groups`: None where actions are names."""

    def __init__(self, space: Space, groups: ActionGroups | None) -> None:
        self._groups = groups
        self._maker = WitnessMaker(space)
        self._known: dict[tuple[int, int], dict[int, list[Proposal] | Undecided]] = {}
        self._likely_groups = self._shown_groups = 0
        if groups is not None:
            # Of these a resource policy must allow too, or AWS permits some requests to nobody.
            unlikely = space.catalogue.union(("kms:*", "sts:*"))
            unlikely |= bits_never_permitted(space.catalogue)
            self._likely_groups = ~groups.of_actions(unlikely)

    def of_box(self, groups: int, true: int, false: int) -> list[Proposal] | Undecided:
        """Return requests for one action of a box, the likeliest first, or why there are none."""
        known = self._known.setdefault((true, false), {})
        if self._groups is None:
            return self._made_for(known, 1, None, true, false)
        for bit, found in known.items():
            if groups & bit and not isinstance(found, Undecided) and _has_own_resource(found):
                return found
        likely = groups & self._likely_groups or groups
        first: list[Proposal] | Undecided | None = None
        # The evaluator knows the actions of other boxes' requests already.
        again = islice(self._groups.one_of_each(likely & self._shown_groups), 1)
        fresh = islice(self._groups.one_of_each(likely), _ACTIONS_TRIED)
        for bit, index in chain(again, fresh):
            self._shown_groups |= bit
            found = self._made_for(known, bit, index, true, false)
            if isinstance(found, Undecided) or _has_own_resource(found):
                return found
            first = first or found
        return first or []

    def _made_for(
        self,
        known: dict[int, list[Proposal] | Undecided],
        bit: int,
        action: int | str | None,
        true: int,
        false: int,
    ) -> list[Proposal] | Undecided:
        found = known.get(bit)
        if found is None:
            made = self._maker.proposals(action, true, false)
            found = made if isinstance(made, Undecided) else list(islice(made, _PROPOSALS_TRIED))
            known[bit] = found
        return found


def _has_own_resource(proposals: list[Proposal]) -> bool:
    return bool(proposals) and proposals[0].own_resource
