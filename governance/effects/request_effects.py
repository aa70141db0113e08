"""What a change newly denies and newly allows, equal differences of many accounts told as one.

Every difference comes from `policies.comparison` with a request that the evaluator confirmed.
Accounts of which it cannot be told are told as unknown, never as unchanged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from governance.edits.checks import TYPE_WORDS
from governance.effects.compared_states import ComparedStates
from governance.posture.state.organization import CONTROL_TYPES, ControlPolicies, InForce
from policies import PolicyType, default_compiler
from policies.comparison import Difference, TargetComparison, UndecidedDifference, compare


class Verdict(StrEnum):
    """What becomes of some requests. UNDECIDED: nothing is proven of them."""

    NEWLY_DENIED = "newly_denied"
    NEWLY_ALLOWED = "newly_allowed"
    UNDECIDED = "undecided"


WORST_FIRST: Final = (Verdict.NEWLY_DENIED, Verdict.UNDECIDED, Verdict.NEWLY_ALLOWED)


@dataclass(frozen=True, eq=False)
class RequestEffect:
    """One difference and all accounts that have it, in the tree's order.

    `action_bits`: catalogue actions; none if `unlisted`, which stands for the actions that the
    catalogue does not have. `when`: `always`, or in which requests. `difference` (with the
    witness) is None if undecided, for `reason`.
    """

    verdict: Verdict
    policy_type: PolicyType
    action_bits: int
    unlisted: bool
    when: str
    account_ids: tuple[str, ...]
    difference: Difference | None
    reason: str

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
    """Accounts with exactly the same effects. `effects`: their places in `Effects.effects`."""

    effects: frozenset[int]
    account_ids: tuple[str, ...]


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
        of_account: dict[str, list[int]] = {}
        for place, effect in enumerate(self.effects):
            for account_id in effect.account_ids:
                of_account.setdefault(account_id, []).append(place)
        groups: dict[tuple[int, ...], list[str]] = {}
        for account_id, places in of_account.items():
            groups.setdefault(tuple(places), []).append(account_id)
        return tuple(
            AffectedGroup(frozenset(places), tuple(account_ids))
            for places, account_ids in groups.items()
        )

    @cached_property
    def changed_in_condition(self) -> int:
        """The catalogue actions that change in some requests only, and nowhere in all."""
        whole = part = 0
        for effect in self.effects:
            if effect.verdict is Verdict.UNDECIDED:
                continue
            if effect.is_conditional:
                part |= effect.action_bits
            else:
                whole |= effect.action_bits
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
        )
        gathered.add(kind, comparison.targets)
    if states.unplaced:
        said = "their place in the organization was not collected"
        unknown.append(UnknownAccounts(said, states.unplaced))
    effects = sorted(
        gathered.effects(),
        key=lambda effect: (
            WORST_FIRST.index(effect.verdict),
            -len(effect.account_ids),
            effect.is_conditional,
            -effect.action_bits.bit_count(),
        ),
    )
    return Effects(tuple(effects), tuple(unknown), frozenset(compared), compiler.catalogue.version)


_Key = tuple[PolicyType, Verdict, int, bool, str, str]


class _Gathered:
    """Puts equal differences of accounts together."""

    def __init__(self) -> None:
        self._first: dict[_Key, Difference | None] = {}
        self._accounts: dict[_Key, list[str]] = {}
        self._of_difference: dict[Verdict, dict[Difference | UndecidedDifference, list[str]]] = {
            verdict: {} for verdict in Verdict
        }

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
        """Return the list of accounts of each difference, equal ones once."""
        found: dict[int, list[str]] = {}
        for verdict, differences in (
            (Verdict.NEWLY_DENIED, comparison.newly_denied),
            (Verdict.NEWLY_ALLOWED, comparison.newly_allowed),
            (Verdict.UNDECIDED, comparison.undecided),
        ):
            known = self._of_difference[verdict]
            for difference in differences:
                accounts = known.get(difference)
                if accounts is None:
                    accounts = known[difference] = self._list(kind, verdict, difference)
                found[id(accounts)] = accounts
        return tuple(found.values())

    def _list(
        self, kind: PolicyType, verdict: Verdict, difference: Difference | UndecidedDifference
    ) -> list[str]:
        if isinstance(difference, Difference):
            key, shown = _key(kind, verdict, difference, difference.remark or ""), difference
        else:
            key, shown = _key(kind, verdict, difference, difference.reason.value), None
        self._first.setdefault(key, shown)
        return self._accounts.setdefault(key, [])

    def effects(self) -> Iterable[RequestEffect]:
        """Yield what was gathered."""
        for key, account_ids in self._accounts.items():
            kind, verdict, bits, unlisted, when, reason = key
            yield RequestEffect(
                verdict=verdict,
                policy_type=kind,
                action_bits=bits,
                unlisted=unlisted,
                when=when,
                account_ids=tuple(account_ids),
                difference=self._first[key],
                reason=reason,
            )


def _key(
    kind: PolicyType, verdict: Verdict, found: Difference | UndecidedDifference, reason: str
) -> _Key:
    actions = found.actions
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
