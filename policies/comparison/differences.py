"""Regions → what a person reads: actions, when, and a request that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.action_groups import ActionGroups
from policies.comparison.confirmation import Confirmation
from policies.comparison.descent import Trees
from policies.comparison.reasons import Undecided
from policies.comparison.regions import Box, Region, RegionAlgebra
from policies.comparison.space import ACTION, RESOURCE, AtomTest, Space
from policies.comparison.witness import Proposal, Witness, WitnessMaker
from policies.comparison.wording import box_in_words
from policies.compiled import Compiler, PolicyLevel
from policies.language.conditions.values import ContextValue
from policies.language.policy_types import PolicyType
from policies.language.variables import Lookup

_PROPOSALS_TRIED: Final = 200
_ACTIONS_TRIED: Final = 4
NOT_IN_CATALOGUE: Final = "actions not in the catalogue"
NO_OWN_RESOURCE: Final = "only on resources of other types than these actions take"
UNUSUAL_CALLER: Final = (
    "only with context keys of the caller that AWS is not known to send together"
)


@dataclass(frozen=True, slots=True, eq=False)
class Actions:
    """Some action groups of one question: catalogue actions, or those outside the catalogue."""

    groups: int
    question: ActionGroups | None
    are_unlisted: bool
    """Whether actions that the catalogue does not have are meant, and no others."""

    @property
    def bits(self) -> int:
        """The catalogue actions as a set; none if `are_unlisted`."""
        return self.question.action_bits(self.groups) if self.question is not None else 0

    def names(self, catalogue: Catalogue) -> list[str]:
        """Return the actions' names; one text for those outside the catalogue."""
        return [NOT_IN_CATALOGUE] if self.are_unlisted else catalogue.actions(self.bits)


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """The requests of a box, apart from their action. `words`: `always` if all are meant."""

    words: str
    tests: tuple[AtomTest, ...]

    def includes(self, action: str, resource: str, lookup: Lookup) -> bool | None:
        """Whether a request is meant; None where policy variables decide.

        `action` in lower case; `lookup` gives context keys, those that the request implies too.
        """
        answer: bool | None = True
        for atom in self.tests:
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


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Actions that are newly denied, or newly allowed, in the requests that `when` tells.

    `witness` is confirmed by the evaluator, for the account `account_id`; the accounts that share
    this object have the same with their own id (`Witness.for_account`). `remark` says what makes
    the difference unlikely to matter, if something does.
    """

    actions: Actions
    when: When
    witness: Witness
    account_id: str
    remark: str | None

    @property
    def is_unconditional(self) -> bool:
        """Whether it concerns every request for these actions."""
        return not self.when.tests


@dataclass(frozen=True, slots=True, eq=False)
class UndecidedDifference:
    """Actions for which, in the requests that `when` tells, nothing is proven. Never unchanged."""

    actions: Actions
    when: When
    reason: Undecided


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
                whole |= difference.actions.bits
            else:
                part |= difference.actions.bits
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
        self._bound: dict[Difference, list[Proposal]] = {}
        self._whens: dict[tuple[int, int], When] = {}
        self._proposals: dict[tuple[int, int], dict[int, list[Proposal] | Undecided]] = {}
        self._likely_groups = 0
        if groups is not None:
            # Elsewhere a resource policy must allow too, so that SCPs alone decide nothing.
            resource_bound = compiler.catalogue.union(("kms:*", "sts:*"))
            self._likely_groups = ~groups.of_actions(resource_bound)
        self._made: dict[
            tuple[Region, tuple[PolicyLevel, ...], tuple[PolicyLevel, ...]],
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
        is_account = self._trees.before.by_id[target_id].is_account
        if is_account and target_id != self._account:
            return self._of_account(target_id, found, before, after)
        return found

    def _of_account(
        self,
        account_id: str,
        shared: TargetComparison,
        before: tuple[PolicyLevel, ...],
        after: tuple[PolicyLevel, ...],
    ) -> TargetComparison:
        """Return a comparison with requests of one account where another's would not do.

        Patterns on the principal treat all accounts of a question alike. A resource that names
        the account, and variables that stand for it, need not.
        """
        if not any(map(self._bound.__contains__, (*shared.newly_denied, *shared.newly_allowed))):
            return shared
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
                if proposals is not None:
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
        self, region: Region, passing: tuple[PolicyLevel, ...], stopping: tuple[PolicyLevel, ...]
    ) -> tuple[tuple[Difference, ...], tuple[UndecidedDifference, ...]]:
        key = (region, passing, stopping)
        found = self._made.get(key)
        if found is None:
            differences: list[Difference] = []
            undecided: list[UndecidedDifference] = []
            for groups, true, false in self._without_repeats(region.boxes):
                for actions in self._actions(groups):
                    made = self._box(actions, true, false, passing, stopping)
                    if isinstance(made, Difference):
                        differences.append(made)
                    else:
                        undecided.append(made)
            beyond = When("in requests beyond those that are listed", (_CANNOT_TELL,))
            undecided += [
                UndecidedDifference(actions, beyond, Undecided.BOX_LIMIT)
                for actions in self._actions(region.cut)
            ]
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

    def _actions(self, groups: int) -> Iterator[Actions]:
        """Yield action groups of the catalogue, and those outside it, each if there are any."""
        question = self._groups
        unlisted = groups if question is None else groups & question.unlisted_groups
        if groups & ~unlisted:
            yield Actions(groups & ~unlisted, question, False)
        if unlisted:
            yield Actions(unlisted, question, True)

    def _box(
        self,
        actions: Actions,
        true: int,
        false: int,
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
    ) -> Difference | UndecidedDifference:
        when = self._when(true, false)
        proposals = self._proposed(actions.groups, true, false)
        if isinstance(proposals, Undecided):
            return UndecidedDifference(actions, when, proposals)
        made = self._difference(proposals, actions, when, passing, stopping, self._account)
        if made is None:
            return UndecidedDifference(actions, when, self._why_not(true, false))
        if self._names_account(made.witness, true, false):
            self._bound[made] = proposals
        return made

    def _difference(
        self,
        proposals: Iterable[Proposal],
        actions: Actions,
        when: When,
        passing: tuple[PolicyLevel, ...],
        stopping: tuple[PolicyLevel, ...],
        account_id: str,
    ) -> Difference | None:
        """Return the difference with the first request that is confirmed, None without one."""
        passes = self._confirmation.passes
        for proposal in proposals:
            witness = proposal.witness
            if passes(passing, witness) and passes(stopping, witness) is False:
                return Difference(actions, when, witness, account_id, _remark(proposal))
        return None

    def _names_account(self, witness: Witness, true: int, false: int) -> bool:
        """Whether a box may hold a request and not the same one of another account."""
        names = [self._space.names[at] for at in self._space.used(true, false)]
        if any(isinstance(name, tuple) for name in names):
            return True
        if (true | false) & self._space.account_bits:
            return True
        return RESOURCE in names and self._account in witness.resource

    def _when(self, true: int, false: int) -> When:
        key = (true, false)
        found = self._whens.get(key)
        if found is None:
            words = box_in_words(self._space, true, false)
            found = self._whens[key] = When(words, self._space.tests(true, false))
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
        for bit, index in islice(self._groups.one_of_each(likely), _ACTIONS_TRIED):
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
