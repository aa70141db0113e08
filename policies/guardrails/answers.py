"""What is found for accounts that nothing tells apart, before it is put in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from policies.comparison.reasons import Undecided
from policies.comparison.witness import Witness
from policies.compiled import CompiledCondition, CompiledStatement, PolicyLevel
from policies.guardrails.domains import GuardedCallers
from policies.guardrails.guardrail import GuardrailOutcome
from policies.language.variables import Lookup

Levels = tuple[PolicyLevel, ...]


class BindingLevels(NamedTuple):
    """The levels that bind an account's principals, and others on its resources; root first.

    They hold only what concerns one guardrail.
    """

    scps: Levels
    rcps_of_own: Levels
    rcps_of_others: Levels


UNBOUND = BindingLevels((), (), ())


class WholeLevels(NamedTuple):
    """Everything that binds an account and its resources, root first."""

    scps: Levels
    rcps: Levels


@dataclass(frozen=True, slots=True, eq=False)
class GuardedBoxes:
    """What is guarded, as pieces: a statement of the resources, and conditions that must not hold.

    `fails`: none of these may hold. `one_fails`: of each of these blocks one must not hold.
    `unsaid`: one of `fails` that is left out of sentences.
    """

    resources: CompiledStatement | None
    fails: tuple[CompiledCondition, ...]
    one_fails: tuple[tuple[CompiledCondition, ...], ...]
    unsaid: CompiledCondition | None = None

    def hold(self, resource: str, lookup: Lookup) -> bool:
        """Whether a request is guarded, by what the evaluator says of each condition."""
        if self.resources is not None and self.resources.covers_resource(resource, lookup) is False:
            return False
        if any(condition.holds(lookup) for condition in self.fails):
            return False
        return all(
            any(condition.holds(lookup) is False for condition in block) for block in self.one_fails
        )


Confirm = Callable[[Witness, GuardedBoxes, Levels, Levels], bool]
"""Whether a request is guarded, and the evaluator lets it past levels of SCPs and of RCPs."""


@dataclass(frozen=True, slots=True, eq=False)
class GuardAnswer:
    """What is found for one chain of levels.

    `words`: says in words which requests `witness` is one of; see `when`. `remark`: what makes it
    unlikely, if something does. `reason` and `keys` (lower case) say why it is undecided.
    `needs_no_permission`: no policy can deny the action.
    """

    outcome: GuardrailOutcome
    witness: Witness | None = None
    words: Callable[[], str] | None = None
    remark: str | None = None
    reason: Undecided | None = None
    keys: tuple[str, ...] = ()
    needs_no_permission: bool = False

    @property
    def when(self) -> str:
        """In words, the requests of which `witness` is one; worded when it is read."""
        return self.words() if self.words is not None else ""


NOTHING_PASSES = GuardAnswer(GuardrailOutcome.HOLDS)


@dataclass(frozen=True, slots=True, eq=False)
class AccountAnswer:
    """The answer for an account and all that are like it. `account_id`: the one that was asked.

    `callers`: whose requests it is about; None where it is about all that were asked about.
    """

    account_id: str
    answer: GuardAnswer
    callers: GuardedCallers | None
    asked: tuple[GuardedCallers, ...]

    @property
    def outcome(self) -> GuardrailOutcome:
        """What is proven."""
        return self.answer.outcome
