"""Turns regions into differences, each with a request that the evaluator confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from policies.comparison.action_groups import ActionGroups
from policies.comparison.callers import SOURCE_ARN
from policies.comparison.confirmation import Confirmation
from policies.comparison.descent import ComparedTrees
from policies.comparison.differences import (
    BoxConditions,
    ComparedActions,
    Difference,
    TargetComparison,
    UndecidedDifference,
)
from policies.comparison.reasons import Undecided
from policies.comparison.regions import Region, RegionAlgebra, RequestBox
from policies.comparison.space import RESOURCE, AtomTest, Space
from policies.comparison.witness import Proposal, Witness
from policies.comparison.witness_maker import WitnessMaker
from policies.comparison.wording import box_in_words
from policies.compiled import Compiler, PolicyLevel
from policies.language.conditions.values import ContextValue
from policies.language.policy_types import PolicyType

_PROPOSALS_TRIED: Final = 200
_ACTIONS_TRIED: Final = 4
NO_OWN_RESOURCE: Final = "only on resources of other types than these actions take"
UNUSUAL_CALLER: Final = (
    "only with context keys of the caller that AWS is not known to send together"
)


@dataclass(frozen=True, slots=True)
class SharedComparison:
    """What changes for targets with these chains of levels.

    `names_account`: some request that shows it names the account, so that another account needs
    requests of its own.
    """

    comparison: TargetComparison
    before: tuple[PolicyLevel, ...]
    after: tuple[PolicyLevel, ...]
    names_account: bool


class DifferenceDescriber:
    """Turns the regions of one question into differences, each equal one once."""

    def __init__(
        self,
        algebra: RegionAlgebra,
        groups: ActionGroups | None,
        trees: ComparedTrees,
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
        self._bound: dict[Difference, Sequence[Proposal]] = {}
        # Of those bound: every account has the same request, but for the caller's own account.
        self._alike: set[Difference] = set()
        self._phrases: dict[tuple[int, int], list[str]] = {}
        self._whens: dict[tuple[int, int], BoxConditions] = {}
        self._actions_of: dict[int, tuple[ComparedActions, ...]] = {}
        self._descriptions: dict[tuple[ComparedActions, int, int], _BoxDescription] = {}
        self._proposals: dict[tuple[int, int], dict[int, list[Proposal] | Undecided]] = {}
        self._likely_groups = self._shown_groups = 0
        if groups is not None:
            # Elsewhere a resource policy must allow too, so that SCPs alone decide nothing.
            resource_bound = compiler.catalogue.union(("kms:*", "sts:*"))
            self._likely_groups = ~groups.of_actions(resource_bound)
        self._made: dict[
            tuple[Region, tuple[PolicyLevel, ...], tuple[PolicyLevel, ...]],
            tuple[tuple[Difference, ...], tuple[UndecidedDifference, ...]],
        ] = {}
        self._whole: dict[tuple[object, ...], SharedComparison] = {}

    def comparison(self, target_id: str, lost: Region, gained: Region) -> SharedComparison:
        """Describe what one target, and all like it, lose and gain."""
        before = self._trees.before.chain(target_id)
        after = self._trees.after.chain(target_id)
        key = (lost, gained, before, after)
        found = self._whole.get(key)
        if found is None:
            denied, open_denied = self._described(lost, before, after)
            allowed, open_allowed = self._described(gained, after, before)
            found = self._whole[key] = SharedComparison(
                TargetComparison(denied, allowed, open_denied + open_allowed),
                before,
                after,
                any(map(self._bound.__contains__, (*denied, *allowed))),
            )
        return found

    def of_target(self, target_id: str, found: SharedComparison) -> TargetComparison:
        """Return a comparison with requests of one account where another's would not do.

        Patterns on the principal treat all accounts of a question alike. A resource that names
        the account, and variables that stand for it, need not.
        """
        is_account = self._trees.before.by_id[target_id].is_account
        if found.names_account and is_account and target_id != self._account:
            return self._of_account(target_id, found)
        return found.comparison

    def _of_account(self, account_id: str, like: SharedComparison) -> TargetComparison:
        shared, before, after = like.comparison, like.before, like.after
        undecided = list(shared.undecided)
        own: list[tuple[Difference, ...]] = []
        for differences, passing, stopping in (
            (shared.newly_denied, before, after),
            (shared.newly_allowed, after, before),
        ):
            kept: list[Difference] = []
            for difference in differences:
                proposals = self._bound.get(difference)
                found = difference
                is_shared = difference in self._alike and account_id not in (
                    difference.witness.principal
                )
                if proposals is not None and not is_shared:
                    made = self._difference(
                        chain.from_iterable(
                            proposal.of_account(self._account, account_id) for proposal in proposals
                        ),
                        difference.actions,
                        difference.when,
                        passing,
                        stopping,
                        account_id,
                    )
                    if made is None:
                        undecided.append(
                            UndecidedDifference(
                                difference.actions, difference.when, Undecided.NOT_CONFIRMED
                            )
                        )
                        continue
                    found = made
                kept.append(found)
            own.append(tuple(kept))
        return TargetComparison(own[0], own[1], tuple(undecided))

    def _described(
        self,
        region: Region,
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
    ) -> tuple[tuple[Difference, ...], tuple[UndecidedDifference, ...]]:
        if not region:
            return (), ()
        key = (region, passing, stopping)
        found = self._made.get(key)
        if found is None:
            differences: list[Difference] = []
            undecided: list[UndecidedDifference] = []
            beyond = tuple(level for level in stopping if level not in passing)
            for groups, true, false in self._without_repeats(region.boxes):
                for actions in self._actions(groups):
                    made = self._shown(self._description_of(actions, true, false), passing, beyond)
                    if isinstance(made, Difference):
                        differences.append(made)
                    else:
                        undecided.append(made)
            more = BoxConditions("in requests beyond those that are listed", (_CANNOT_TELL,))
            undecided += [
                UndecidedDifference(actions, more, Undecided.BOX_LIMIT)
                for actions in self._actions(region.cut)
            ]
            found = self._made[key] = (tuple(differences), tuple(undecided))
        return found

    def _without_repeats(self, boxes: Iterable[RequestBox]) -> Iterator[RequestBox]:
        """Leave out of each box the actions for which a wider box was there before."""
        widest = sorted(boxes, key=lambda box: (box[1] | box[2]).bit_count())
        kept: list[RequestBox] = []
        for groups, true, false in widest:
            rest = groups
            for other, other_true, other_false in kept:
                if other & rest and not other_true & ~true and not other_false & ~false:
                    rest &= ~other
            if rest:
                kept.append((rest, true, false))
        return iter(kept)

    def _actions(self, groups: int) -> tuple[ComparedActions, ...]:
        """Return action groups of the catalogue, and those outside it, each if there are any."""
        found = self._actions_of.get(groups)
        if found is None:
            question = self._groups
            unlisted = groups if question is None else groups & question.unlisted_groups
            made: list[ComparedActions] = []
            if groups & ~unlisted:
                made.append(ComparedActions(groups & ~unlisted, question, False))
            if unlisted:
                made.append(ComparedActions(unlisted, question, True))
            found = self._actions_of[groups] = tuple(made)
        return found

    def _shown(
        self,
        box: _BoxDescription,
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
    ) -> Difference | UndecidedDifference:
        """Return a box's difference with the first of its requests that is confirmed.

        `stopping`: the levels of the stopping chain that the passing one has not.
        """
        passes = self._confirmation.passes
        for proposal in box.proposals:
            witness = proposal.witness
            if passes(passing, witness) and passes(stopping, witness) is False:
                made = box.differences.get(witness)
                if made is None:
                    made = _difference_of(box.actions, box.when, proposal, self._account)
                    box.differences[witness] = made
                    if self._names_account(witness, box.true, box.false):
                        self._bound[made] = box.proposals
                        if self._treats_accounts_alike(witness, box.true, box.false):
                            self._alike.add(made)
                return made
        if box.undecided is None:
            reason = box.reason or self._why_not(box.true, box.false)
            box.undecided = UndecidedDifference(box.actions, box.when, reason)
        return box.undecided

    def _description_of(self, actions: ComparedActions, true: int, false: int) -> _BoxDescription:
        """Return the description of a box, one object for every chain that has it."""
        key = (actions, true, false)
        found = self._descriptions.get(key)
        if found is None:
            found = self._descriptions[key] = _BoxDescription(
                actions, true, false, self._when(true, false)
            )
            proposals = self._proposed(actions.groups, true, false)
            if isinstance(proposals, Undecided):
                found.reason = proposals
            else:
                found.proposals = proposals
        return found

    def _difference(
        self,
        proposals: Iterable[Proposal],
        actions: ComparedActions,
        when: BoxConditions,
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
        account_id: str,
    ) -> Difference | None:
        """Return the difference with the first request that is confirmed, None without one."""
        passes = self._confirmation.passes
        for proposal in proposals:
            witness = proposal.witness
            if passes(passing, witness) and passes(stopping, witness) is False:
                return _difference_of(actions, when, proposal, account_id)
        return None

    def _names_account(self, witness: Witness, true: int, false: int) -> bool:
        """Whether a box may hold a request and not the same one of another account."""
        names = [self._space.names[at] for at in self._space.used(true, false)]
        if any(isinstance(name, tuple) for name in names):
            return True
        if (true | false) & self._space.account_bits:
            return True
        return RESOURCE in names and self._account in witness.resource

    def _treats_accounts_alike(self, witness: Witness, true: int, false: int) -> bool:
        """Whether a box names the account only in keys by which `AccountGroups` groups accounts.

        Every statement then treats the same request of another account of the group alike, so
        that one confirmed request stands for all.
        """
        names = [self._space.names[at] for at in self._space.used(true, false)]
        return (
            not any(isinstance(name, tuple) or name == RESOURCE for name in names)
            and SOURCE_ARN not in witness.context
        )

    def _when(self, true: int, false: int) -> BoxConditions:
        key = (true, false)
        found = self._whens.get(key)
        if found is None:
            words = box_in_words(self._space, true, false, self._phrases)
            found = self._whens[key] = BoxConditions(words, self._space.tests(true, false))
        return found

    def _proposed(self, groups: int, true: int, false: int) -> list[Proposal] | Undecided:
        """Return requests for one action of a box, the same for as many boxes as possible."""
        known = self._proposals.setdefault((true, false), {})
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

    def _why_not(self, true: int, false: int) -> Undecided:
        """Return why no request was confirmed."""
        for at in self._space.used(true, false):
            value = self._space.value(at, true, false)
            if isinstance(value, Undecided):
                return value
        return Undecided.NOT_CONFIRMED


class _BoxDescription:
    """A box in words, with requests that may show it, or the reason why there are none.

    `differences`: those found so far, by the request that shows them.
    """

    __slots__ = (
        "actions", "differences", "false", "proposals", "reason", "true", "undecided", "when",
    )  # fmt: skip

    def __init__(
        self, actions: ComparedActions, true: int, false: int, when: BoxConditions
    ) -> None:
        self.actions = actions
        self.true = true
        self.false = false
        self.when = when
        self.proposals: Sequence[Proposal] = ()
        self.reason: Undecided | None = None
        self.differences: dict[Witness, Difference] = {}
        self.undecided: UndecidedDifference | None = None


def _difference_of(
    actions: ComparedActions, when: BoxConditions, proposal: Proposal, account_id: str
) -> Difference:
    return Difference(actions, when, proposal.witness, account_id, _remark(proposal))


def _has_own_resource(proposals: list[Proposal]) -> bool:
    return bool(proposals) and proposals[0].own_resource


def _remark(proposal: Proposal) -> str | None:
    remarks = [] if proposal.own_resource else [NO_OWN_RESOURCE]
    if proposal.unusual_caller:
        remarks.append(UNUSUAL_CALLER)
    return "; ".join(remarks) or None


def _nothing_known(_: ContextValue) -> bool | None:
    return None


_CANNOT_TELL: Final = AtomTest("", _nothing_known, True)
