"""What a change newly denies and newly allows, equal differences of many accounts told as one.

Every difference comes from `policies.comparison` with a request that the evaluator confirmed.
Accounts of which it cannot be told are told as unknown, never as unchanged.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from policies import PolicyType
from policies.comparison import ComparedActions, Difference


class Verdict(StrEnum):
    """What becomes of some requests. UNDECIDED: nothing is proven of them."""

    NEWLY_DENIED = "newly_denied"
    NEWLY_ALLOWED = "newly_allowed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class EffectPart:
    """Some accounts of an effect, and the actions that it concerns in them."""

    actions: ComparedActions
    account_ids: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RequestEffect:
    """One difference and all accounts that have it, in the tree's order.

    `action_bits`: catalogue actions; none if `unlisted`, which stands for the actions that the
    catalogue does not have. `when`: `always`, or in which requests. `difference` (with the
    witness) is None if undecided, for `reason`.

    `parts`: every account, with the actions of its own. A change that is told by itself may be
    left with fewer actions in some accounts than `action_bits`, which are those of all together:
    other policies deny the rest there anyway. `unconditional_bits`: the actions that it concerns
    in every request, in one of the accounts. `with_unlisted`: actions that the catalogue does not
    have change in the same requests of the same accounts.
    """

    verdict: Verdict
    policy_type: PolicyType
    action_bits: int
    unlisted: bool
    when: str
    account_ids: tuple[str, ...]
    difference: Difference | None
    reason: str
    parts: tuple[EffectPart, ...]
    unconditional_bits: int
    with_unlisted: bool = False

    @property
    def is_conditional(self) -> bool:
        """Whether only some requests for its actions change."""
        return self.when != "always"


@dataclass(frozen=True, slots=True)
class UnknownAccounts:
    """Accounts of which nothing can be told, and why."""

    reason: str
    account_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AffectedGroup:
    """Accounts with exactly the same effects.

    `actions`: those that each effect concerns in them, by its place in `Effects.effects`.
    """

    actions: Mapping[int, ComparedActions]
    account_ids: tuple[str, ...]

    @property
    def effects(self) -> Collection[int]:
        """The places of their effects in `Effects.effects`."""
        return self.actions.keys()


@dataclass(frozen=True)
class Effects:
    """All that a change does. `compared`: the accounts of which it was proven what changes.

    `effects`: rows as people read them, put together by `merged_rows`; `unmerged`: the same as they
    were found, which approvals bind.
    """

    effects: tuple[RequestEffect, ...]
    unmerged: tuple[RequestEffect, ...]
    unknown: tuple[UnknownAccounts, ...]
    compared: frozenset[str]
    catalogue_version: str

    @cached_property
    def account_groups(self) -> tuple[AffectedGroup, ...]:
        """The accounts with any effect, each in one group."""
        parts = [(place, part) for place, one in enumerate(self.effects) for part in one.parts]
        of_account: dict[str, list[int]] = {}
        for number, (_, part) in enumerate(parts):
            for account_id in part.account_ids:
                of_account.setdefault(account_id, []).append(number)
        groups: dict[tuple[int, ...], list[str]] = {}
        for account_id, numbers in of_account.items():
            groups.setdefault(tuple(numbers), []).append(account_id)
        return tuple(
            AffectedGroup(
                {parts[number][0]: parts[number][1].actions for number in numbers},
                tuple(account_ids),
            )
            for numbers, account_ids in groups.items()
        )

    @cached_property
    def changed_in_condition(self) -> int:
        """The catalogue actions that change only conditionally."""
        whole = part = 0
        for effect in self.effects:
            if effect.verdict is Verdict.UNDECIDED:
                continue
            whole |= effect.unconditional_bits
            part |= effect.action_bits
        return part & ~whole

    @cached_property
    def unknown_accounts(self) -> frozenset[str]:
        """The accounts of which nothing can be told."""
        return frozenset(
            account_id for unknown in self.unknown for account_id in unknown.account_ids
        )

    def count(self, verdict: Verdict) -> int:
        """Return how many differences have a verdict."""
        return sum(effect.verdict is verdict for effect in self.effects)

    def accounts(self, verdict: Verdict) -> frozenset[str]:
        """Return the accounts that have a difference with a verdict."""
        return frozenset().union(
            *(effect.account_ids for effect in self.effects if effect.verdict is verdict)
        )


class ActionUnion:
    """The actions of many differences together; those of one question are put together first."""

    def __init__(self) -> None:
        self._of_question: dict[object, ComparedActions] = {}

    def add(self, actions: ComparedActions) -> None:
        """Add some actions. Those that the catalogue does not have count for nothing."""
        if not actions.are_unlisted:
            known = self._of_question.get(actions.question)
            self._of_question[actions.question] = known.united(actions) if known else actions

    def equals(self, actions: ComparedActions) -> bool:
        """Whether some actions that were added are all that were."""
        if actions.are_unlisted:
            return not self._of_question
        known = self._of_question[actions.question]
        is_whole = known.groups == actions.groups
        return is_whole if len(self._of_question) == 1 else self.bits == actions.bits

    @property
    def bits(self) -> int:
        """The catalogue actions that were added."""
        found = 0
        for actions in self._of_question.values():
            found |= actions.bits
        return found
