"""Two states → what changes, each account compared and equal differences put together."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from governance.edits.checks import TYPE_WORDS
from governance.effects.compared_states import ComparedStates
from governance.effects.merged_rows import merged_rows
from governance.effects.request_effects import (
    ActionUnion,
    EffectPart,
    Effects,
    RequestEffect,
    UnknownAccounts,
    Verdict,
)
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

MOST_SHOWN_BOXES: Final = 1
"""From how many boxes on each change is told once, less what other policies deny: people read one
sentence of a change, and not how it overlaps with every other policy on the way.
"""
WORST_FIRST: Final = (Verdict.NEWLY_DENIED, Verdict.UNDECIDED, Verdict.NEWLY_ALLOWED)


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
    found = tuple(gathered.effects())
    rows = merged_rows(found, states.shown.account_ids)
    order = partial(_order, compiler.catalogue)
    return Effects(
        effects=tuple(sorted(rows, key=order)),
        unmerged=tuple(sorted(found, key=order)),
        unknown=tuple(unknown),
        compared=frozenset(compared),
        catalogue_version=compiler.catalogue.version,
    )


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
    """Return which accounts cannot be compared, by reason."""
    kind = TYPE_WORDS[before.policy_type]
    if InForce.NOT_COLLECTED in (before.in_force, after.in_force):
        return [UnknownAccounts(f"the {kind} were never read completely", tuple(account_ids))]
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
