"""Turns regions into differences, each with a request that the evaluator confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from policies.comparison.action_groups import ActionGroups
from policies.comparison.box_proposals import BoxProposals
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
from policies.comparison.regions import Region, RegionAlgebra, without_repeats
from policies.comparison.space import RESOURCE, Space
from policies.comparison.statement_box import AtomTest
from policies.comparison.witness import Proposal, Witness
from policies.comparison.wording import box_phrases, in_words
from policies.compiled import Compiler, PolicyLevel
from policies.language.conditions.values import ContextValue
from policies.language.policy_types import PolicyType

NO_OWN_RESOURCE: Final = "only on resources of other types than these actions take"
UNUSUAL_CALLER: Final = (
    "only with context keys of the caller that AWS is not known to send together"
)
NEVER_PERMITTED: Final = "AWS never permits the request that shows it"


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
        self.confirmation = Confirmation(compiler, policy_type)
        self.account_id = algebra.space.domains.account_id or ""
        self._bound: dict[Difference, Sequence[Proposal]] = {}
        # Of those bound: every account has the same request, but for the caller's own account.
        self._alike: set[Difference] = set()
        self._phrases: dict[tuple[int, int], list[str]] = {}
        self._whens: dict[tuple[int, int], BoxConditions] = {}
        self._actions_of: dict[int, tuple[ComparedActions, ...]] = {}
        self._descriptions: dict[tuple[ComparedActions, int, int], _BoxDescription] = {}
        self.proposals = BoxProposals(algebra.space, groups)
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
            denied, open_denied = self.described(lost, before, after)
            allowed, open_allowed = self.described(gained, after, before)
            found = self._whole[key] = self.shared(
                TargetComparison(denied, allowed, open_denied + open_allowed), before, after
            )
        return found

    def shared(
        self,
        comparison: TargetComparison,
        before: tuple[PolicyLevel, ...],
        after: tuple[PolicyLevel, ...],
    ) -> SharedComparison:
        """Return what changes for all targets with these chains."""
        differences = (*comparison.newly_denied, *comparison.newly_allowed)
        names_account = any(map(self._bound.__contains__, differences))
        return SharedComparison(comparison, before, after, names_account)

    def bind(self, difference: Difference, proposals: Sequence[Proposal]) -> None:
        """Have other accounts look for a request of their own among some, like a difference's."""
        self._bound[difference] = proposals

    def of_target(self, target_id: str, found: SharedComparison) -> TargetComparison:
        """Return a comparison with requests of one account where another's would not do.

        Patterns on the principal treat all accounts of a question alike. A resource that names
        the account, and variables that stand for it, need not.
        """
        is_account = self._trees.before.by_id[target_id].is_account
        if found.names_account and is_account and target_id != self.account_id:
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
                    made = self.confirmed(
                        chain.from_iterable(
                            proposal.of_account(self.account_id, account_id)
                            for proposal in proposals
                        ),
                        passing,
                        stopping,
                    )
                    if made is None:
                        undecided.append(
                            UndecidedDifference(
                                difference.actions, difference.when, Undecided.NOT_CONFIRMED
                            )
                        )
                        continue
                    found = replace(
                        difference,
                        witness=made.witness,
                        account_id=account_id,
                        remark=self.remark_on(made),
                    )
                kept.append(found)
            own.append(tuple(kept))
        return TargetComparison(own[0], own[1], tuple(undecided))

    def described(
        self,
        region: Region,
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
    ) -> tuple[tuple[Difference, ...], tuple[UndecidedDifference, ...]]:
        """Describe a region box by box, and what of it is not proven.

        `passing`: the levels of the chain that allows it; `stopping`: of the other.
        """
        if not region:
            return (), ()
        key = (region, passing, stopping)
        found = self._made.get(key)
        if found is None:
            differences: list[Difference] = []
            undecided: list[UndecidedDifference] = []
            beyond = tuple(level for level in stopping if level not in passing)
            for groups, true, false in without_repeats(region.boxes):
                for actions in self.actions(groups):
                    made = self._shown(self._description_of(actions, true, false), passing, beyond)
                    if isinstance(made, Difference):
                        differences.append(made)
                    else:
                        undecided.append(made)
            more = BoxConditions("in requests beyond those that are listed", (_CANNOT_TELL,))
            undecided += [
                UndecidedDifference(actions, more, Undecided.BOX_LIMIT)
                for actions in self.actions(region.cut)
            ]
            found = self._made[key] = (tuple(differences), tuple(undecided))
        return found

    def actions(self, groups: int) -> tuple[ComparedActions, ...]:
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
        proposal = self.confirmed(box.proposals, passing, stopping)
        if proposal is not None:
            witness = proposal.witness
            made = box.differences.get(witness)
            if made is None:
                made = Difference(
                    box.actions, box.when, witness, self.account_id, self.remark_on(proposal)
                )
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
                actions, true, false, self.when(true, false)
            )
            proposals = self.proposals.of_box(actions.groups, true, false)
            if isinstance(proposals, Undecided):
                found.reason = proposals
            else:
                found.proposals = proposals
        return found

    def confirmed(
        self,
        proposals: Iterable[Proposal],
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
    ) -> Proposal | None:
        """Return the first request that one chain lets pass and the other does not.

        One that AWS never permits only where none of the others does.
        """
        passes = self.confirmation.passes
        found: Proposal | None = None
        for proposal in proposals:
            witness = proposal.witness
            if passes(passing, witness) and passes(stopping, witness) is False:
                if self.confirmation.is_permitted(witness):
                    return proposal
                found = found or proposal
        return found

    def remark_on(self, proposal: Proposal) -> str | None:
        """Return what makes a request unlikely to matter, if something does."""
        remarks = [] if proposal.own_resource else [NO_OWN_RESOURCE]
        if proposal.unusual_caller:
            remarks.append(UNUSUAL_CALLER)
        if not self.confirmation.is_permitted(proposal.witness):
            remarks.append(NEVER_PERMITTED)
        return "; ".join(remarks) or None

    def _names_account(self, witness: Witness, true: int, false: int) -> bool:
        """Whether a box may hold a request and not the same one of another account."""
        names = [self._space.names[at] for at in self._space.used(true, false)]
        if any(isinstance(name, tuple) for name in names):
            return True
        if (true | false) & self._space.account_bits:
            return True
        return RESOURCE in names and self.account_id in witness.resource

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

    def when(self, true: int, false: int) -> BoxConditions:
        """Return the requests of a box, apart from its actions."""
        key = (true, false)
        found = self._whens.get(key)
        if found is None:
            phrases = box_phrases(self._space, true, false, self._phrases)
            tests = self._space.tests(true, false)
            found = self._whens[key] = BoxConditions(in_words(phrases), tests, phrases=phrases)
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


def _nothing_known(_: ContextValue) -> bool | None:
    return None


_CANNOT_TELL: Final = AtomTest("", _nothing_known, True)
