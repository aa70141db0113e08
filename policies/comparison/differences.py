"""What a person reads of a comparison: actions, when, and a request that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.action_groups import ActionGroups
from policies.comparison.reasons import Undecided
from policies.comparison.space import ACTION, RESOURCE, AtomTest
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
        return self.question.action_bits(self.groups) if self.question is not None else 0

    def names(self, catalogue: Catalogue) -> list[str]:
        """Return the actions' names; one text for those outside the catalogue."""
        return [NOT_IN_CATALOGUE] if self.are_unlisted else catalogue.actions(self.bits)


@dataclass(frozen=True, slots=True, eq=False)
class BoxConditions:
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
    """Actions that are newly denied, or newly allowed, in the requests that `when` describes.

    `witness` is confirmed by the evaluator, for the account `account_id`; the accounts that share
    this object have the same with their own id (`Witness.for_account`). `remark` says what makes
    the difference unlikely to matter, if something does.
    """

    actions: ComparedActions
    when: BoxConditions
    witness: Witness
    account_id: str
    remark: str | None

    @property
    def is_unconditional(self) -> bool:
        """Whether it concerns every request for these actions."""
        return not self.when.tests


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
            if difference.is_unconditional:
                whole |= difference.actions.bits
            else:
                part |= difference.actions.bits
        return part & ~whole
