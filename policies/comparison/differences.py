"""What a person reads of a comparison: actions, when, and a request that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.action_groups import ActionGroups
from policies.comparison.passed_path import PassedPath
from policies.comparison.reasons import Undecided
from policies.comparison.space import ACTION, RESOURCE
from policies.comparison.statement_box import AtomTest
from policies.comparison.witness import Witness
from policies.language.conditions.values import ContextValue
from policies.language.variables import Lookup

NOT_IN_CATALOGUE: Final = "actions not in the catalogue"


@dataclass(frozen=True, slots=True, eq=False)
class ComparedActions:
    """Some action groups of one question: catalogue actions, or those outside the catalogue."""

    groups: int
    question: ActionGroups | None
    are_unlisted: bool
    """Whether actions that the catalogue does not have are meant, and no others."""

    @property
    def bits(self) -> int:
        """The catalogue actions as a set; none if `are_unlisted`."""
        if self.question is None or self.are_unlisted:
            return 0
        return self.question.action_bits(self.groups)

    def united(self, other: ComparedActions) -> ComparedActions:
        """Return the actions of both, which are of one question."""
        return replace(self, groups=self.groups | other.groups)

    def names(self, catalogue: Catalogue) -> list[str]:
        """Return the actions' names; one text for those outside the catalogue."""
        return [NOT_IN_CATALOGUE] if self.are_unlisted else catalogue.actions(self.bits)


@dataclass(frozen=True, slots=True, eq=False)
class BoxConditions:
    """The requests of a box, apart from their action. `words`: `always` if all are meant.

    `path`: only those that its levels let pass; None if that does not matter. `phrases`: what
    `words` says, each condition by itself.
    """

    words: str
    tests: tuple[AtomTest, ...]
    path: PassedPath | None = None
    phrases: tuple[str, ...] = ()

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
        if self.path is not None:
            passes = self.path.passes(action, resource, lookup)
            return passes if passes is not True else answer
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class PolicyChange:
    """What changed policies say by themselves, whatever other policies deny: one of its boxes."""

    actions: ComparedActions
    when: BoxConditions


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Actions that are newly denied, or newly allowed, in the requests that `when` describes.

    `witness` is confirmed by the evaluator, for the account `account_id`; the accounts that share
    this object have the same with their own id (`Witness.for_account`). `remark` says what makes
    the difference unlikely to matter, if something does.

    `change`: where differences are told by change, the change of which other policies leave this,
    for some requests of each of `actions`; `in_all`: the groups of those of which they leave all.
    """

    actions: ComparedActions
    when: BoxConditions
    witness: Witness
    account_id: str
    remark: str | None
    change: PolicyChange | None = None
    in_all: ComparedActions | None = None

    @property
    def unconditional_bits(self) -> int:
        """The catalogue actions that it concerns in every request."""
        if self.in_all is not None:
            return self.in_all.bits
        return 0 if self.when.tests or self.when.path is not None else self.actions.bits


@dataclass(frozen=True, slots=True, eq=False)
class UndecidedDifference:
    """Actions for which nothing is proven in the requests that `when` describes."""

    actions: ComparedActions
    when: BoxConditions
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
            whole |= difference.unconditional_bits
            part |= difference.actions.bits
        return part & ~whole
