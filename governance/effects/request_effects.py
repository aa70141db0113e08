"""What a change newly denies and newly allows, equal differences of many accounts told as one.

Every difference comes from `policies.comparison` with a request that the evaluator confirmed.
Accounts of which it cannot be told are told as unknown, never as unchanged.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Final

from governance.edits.checks import TYPE_WORDS
from governance.effects.compared_states import ComparedStates
from governance.effects.risk import heaviest
from governance.posture.state.organization import CONTROL_TYPES, ControlPolicies, InForce
from policies import Catalogue, PolicyType, default_compiler
from policies.comparison import (
    ComparedActions,
    Difference,
    TargetComparison,
    UndecidedDifference,
    compare,
)


class Verdict(StrEnum):
    """What becomes of some requests. UNDECIDED: nothing is proven of them."""

    NEWLY_DENIED = "newly_denied"
    NEWLY_ALLOWED = "newly_allowed"
    UNDECIDED = "undecided"


MOST_SHOWN_BOXES: Final = 1
"""From how many boxes on each change is told once, less what other policies deny: people read one
sentence of a change, and not how it overlaps with every other policy on the way.
"""
WORST_FIRST: Final = (Verdict.NEWLY_DENIED, Verdict.UNDECIDED, Verdict.NEWLY_ALLOWED)


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
    in every request, in one of the accounts.
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
    """All that a change does. `compared`: the accounts of which it was proven what changes."""

    effects: tuple[RequestEffect, ...]
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
        """The catalogue actions that change in some requests only, and nowhere in all."""
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


def effects_of(states: ComparedStates) -> Effects:
    """Compare two states of an organization, for every account that something may change for."""
    gathered = _Gathered()
    unknown: list[UnknownAccounts] = []
    compared: set[str] = set()
    compiler = default_compiler()
    for kind in CONTROL_TYPES:
        before, after = states.before.control(kind), states.after[kind]
        affected = states.affected(kind)
        if not affected or {before.in_force, after.in_force} == {InForce.NOT_ENABLED}:
            continue
        ordered = [one for one in states.shown.account_ids if one in affected]
        not_known = _unknown(before, after, ordered)
        unknown += not_known
        left_out = {one for found in not_known for one in found.account_ids}
        known = [account_id for account_id in ordered if account_id not in left_out]
        compared.update(known)
        comparison = compare(
            before.tree,
            after.tree,
            compiler=compiler,
            report_on=known,
            policy_type=kind,
            organization=states.shown.organization,
            most_boxes=MOST_SHOWN_BOXES,
        )
        gathered.add(kind, comparison.targets)
    if states.unplaced:
        said = "their place in the organization was not collected"
        unknown.append(UnknownAccounts(said, states.unplaced))
    effects = sorted(gathered.effects(), key=partial(_order, compiler.catalogue))
    return Effects(tuple(effects), tuple(unknown), frozenset(compared), compiler.catalogue.version)


def _order(catalogue: Catalogue, effect: RequestEffect) -> tuple[Any, ...]:
    """Order what people read: what is not known to matter last, the most risk first.

    Risk is what hangs on the heaviest action, in all accounts together, whatever the verdict.
    """
    accounts = len(effect.account_ids)
    return (
        effect.unlisted,
        effect.difference is not None and bool(effect.reason),
        -heaviest(catalogue, effect.action_bits) * accounts,
        WORST_FIRST.index(effect.verdict),
        -accounts,
        effect.is_conditional,
        -effect.action_bits.bit_count(),
    )


_Key = tuple[PolicyType, Verdict, int, bool, str, str]


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


class _GatheredEffect:
    """One effect as it is gathered. `accounts` and those of its parts are the same accounts."""

    def __init__(self, key: _Key, shown: Difference | None) -> None:
        self.key = key
        self.shown = shown
        self.accounts: list[str] = []
        # Actions stay groups of a question for as long as possible: there are fewer of them.
        self._parts: dict[tuple[object, int], tuple[ComparedActions, list[str]]] = {}
        self._in_all = ActionUnion()
        self._unconditional_bits = 0

    def add(self, found: Difference | UndecidedDifference) -> list[str]:
        """Add what differs in some accounts; return the list to which these are to be added."""
        actions = found.actions
        part: tuple[object, int] = (None, 0)
        if isinstance(found, Difference):
            if found.in_all is not None:
                self._in_all.add(found.in_all)
            else:
                self._unconditional_bits |= found.unconditional_bits
            if found.change is not None:
                part = (actions.question, actions.groups)
        return self._parts.setdefault(part, (actions, []))[1]

    def made(self) -> RequestEffect:
        """Return what was gathered."""
        kind, verdict, _, unlisted, when, reason = self.key
        together = ActionUnion()
        for actions, _ in self._parts.values():
            together.add(actions)
        return RequestEffect(
            verdict=verdict,
            policy_type=kind,
            action_bits=together.bits,
            unlisted=unlisted,
            when=when,
            account_ids=tuple(self.accounts),
            difference=self.shown,
            reason=reason,
            parts=tuple(EffectPart(one, tuple(ids)) for one, ids in self._parts.values()),
            unconditional_bits=self._unconditional_bits | self._in_all.bits,
        )


class _Gathered:
    """Puts equal differences of accounts together, and what is left of the same change."""

    def __init__(self) -> None:
        self._effects: dict[_Key, _GatheredEffect] = {}
        self._of_difference: dict[
            Verdict,
            dict[Difference | UndecidedDifference, tuple[list[str], list[str]]],
        ] = {verdict: {} for verdict in Verdict}

    def add(self, kind: PolicyType, targets: Mapping[str, TargetComparison]) -> None:
        """Add the differences of one type's policies."""
        # Accounts that share a comparison have the same lists, and these are the same objects.
        lists: dict[int, tuple[TargetComparison, tuple[list[str], ...]]] = {}
        for account_id, comparison in targets.items():
            if not comparison:
                continue
            known = lists.get(id(comparison))
            if known is None:
                # The comparison is kept beside its lists, so that its id stays its own.
                known = lists[id(comparison)] = (comparison, self._lists(kind, comparison))
            for accounts in known[1]:
                accounts.append(account_id)

    def _lists(self, kind: PolicyType, comparison: TargetComparison) -> tuple[list[str], ...]:
        """Return the lists of accounts of each difference, equal ones once."""
        found: dict[int, list[str]] = {}
        for verdict, differences in (
            (Verdict.NEWLY_DENIED, comparison.newly_denied),
            (Verdict.NEWLY_ALLOWED, comparison.newly_allowed),
            (Verdict.UNDECIDED, comparison.undecided),
        ):
            known = self._of_difference[verdict]
            for difference in differences:
                lists = known.get(difference)
                if lists is None:
                    lists = known[difference] = self._lists_of(kind, verdict, difference)
                found.update((id(accounts), accounts) for accounts in lists)
        return tuple(found.values())

    def _lists_of(
        self, kind: PolicyType, verdict: Verdict, difference: Difference | UndecidedDifference
    ) -> tuple[list[str], list[str]]:
        shown = difference if isinstance(difference, Difference) else None
        key = _key(kind, verdict, difference)
        effect = self._effects.get(key)
        if effect is None:
            effect = self._effects[key] = _GatheredEffect(key, shown)
        return effect.accounts, effect.add(difference)

    def effects(self) -> Iterator[RequestEffect]:
        """Yield what was gathered."""
        return (effect.made() for effect in self._effects.values())


def _key(kind: PolicyType, verdict: Verdict, found: Difference | UndecidedDifference) -> _Key:
    actions = found.actions
    if isinstance(found, Difference):
        reason = found.remark or ""
        if found.change is not None:
            actions = found.change.actions
    else:
        reason = found.reason.value
    return (kind, verdict, actions.bits, actions.are_unlisted, found.when.words, reason)


def _unknown(
    before: ControlPolicies, after: ControlPolicies, account_ids: list[str]
) -> list[UnknownAccounts]:
    """Tell which accounts cannot be compared, by reason."""
    kind = TYPE_WORDS[before.policy_type]
    if InForce.NOT_COLLECTED in (before.in_force, after.in_force):
        return [UnknownAccounts(f"the {kind} were never read whole", tuple(account_ids))]
    if not before.unreadable and not after.unreadable:
        return []
    by_policies: dict[tuple[str, ...], list[str]] = {}
    for account_id in account_ids:
        names = {
            policy.name: None
            for control in (before, after)
            for _, policy in control.unreadable_on_path(account_id)
        }
        if names:
            by_policies.setdefault(tuple(names), []).append(account_id)
    return [
        UnknownAccounts(f"the text of {' and '.join(names)} cannot be read", tuple(found))
        for names, found in by_policies.items()
    ]
