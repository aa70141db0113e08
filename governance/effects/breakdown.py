"""The effects of a change by OU, account, service and access level."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.effects.compared_states import ComparedStates
from governance.effects.request_effects import ActionUnion, Effects, Verdict
from governance.posture.state.organization import TargetName
from policies import Catalogue


class EffectGrouping(StrEnum):
    """By what effects are counted."""

    UNIT = "unit"
    ACCOUNT = "account"
    SERVICE = "service"
    ACCESS_LEVEL = "access_level"


@dataclass(frozen=True, slots=True)
class EffectShare:
    """One line: what of the effects falls on one OU, account, service or access level.

    Counts are of catalogue actions that some request of is newly denied, or allowed; `undecided`
    of those of which nothing is proven. `accounts`: those with any of it. `path`: names of the
    OUs above an OU or account, the root first.
    """

    key: str
    label: str
    accounts: int
    denied: int
    allowed: int
    undecided: int
    unknown_accounts: int = 0
    path: tuple[str, ...] = ()


def breakdown(
    effects: Effects, states: ComparedStates, catalogue: Catalogue, side: EffectGrouping
) -> tuple[EffectShare, ...]:
    """Count the effects by one side, the most concerned first."""
    if side is EffectGrouping.SERVICE:
        shares = _by_actions(effects, _services(effects, catalogue))
    elif side is EffectGrouping.ACCESS_LEVEL:
        shares = _by_actions(effects, _access_levels(effects, catalogue))
    else:
        shares = _by_places(effects, states, units=side is EffectGrouping.UNIT)
    return tuple(
        sorted(
            shares,
            key=lambda share: (
                -share.denied,
                -share.undecided,
                -share.unknown_accounts,
                -share.allowed,
                -share.accounts,
                share.label,
            ),
        )
    )


def _by_actions(effects: Effects, parts: Iterable[tuple[str, str, int]]) -> Iterator[EffectShare]:
    in_all_accounts = []
    for effect in effects.effects:
        common = effect.action_bits
        for part in effect.parts:
            common &= part.actions.bits
        in_all_accounts.append(common)
    for key, label, bits in parts:
        counted = dict.fromkeys(Verdict, 0)
        everywhere: set[int] = set()
        somewhere: set[int] = set()
        for place, effect in enumerate(effects.effects):
            found = effect.action_bits & bits
            if found:
                counted[effect.verdict] |= found
                (everywhere if in_all_accounts[place] & bits else somewhere).add(place)
        if everywhere or somewhere:
            accounts = sum(
                len(group.account_ids)
                for group in effects.account_groups
                if not everywhere.isdisjoint(group.effects)
                or any(
                    place in group.actions and group.actions[place].bits & bits != 0
                    for place in somewhere
                )
            )
            yield EffectShare(key, label, accounts, *_counts(counted))


def _services(effects: Effects, catalogue: Catalogue) -> Iterator[tuple[str, str, int]]:
    touched = 0
    for effect in effects.effects:
        touched |= effect.action_bits
    for service in catalogue.services:
        bits = catalogue.service_bits(service)
        if bits & touched:
            yield service, catalogue.service_names[service], bits


def _access_levels(effects: Effects, catalogue: Catalogue) -> Iterator[tuple[str, str, int]]:
    touched = 0
    for effect in effects.effects:
        touched |= effect.action_bits
    by_level: dict[str, int] = {}
    for index in catalogue.indexes(touched):
        level = catalogue.access_level(index)
        by_level[level] = by_level.get(level, 0) | 1 << index
    for level, bits in by_level.items():
        yield level, level, bits


def _by_places(effects: Effects, states: ComparedStates, *, units: bool) -> Iterator[EffectShare]:
    names = states.shown.names
    places: dict[str, dict[int, int]] = {}
    for number, group in enumerate(effects.account_groups):
        for account_id in group.account_ids:
            key = names[account_id].parent_id or "" if units else account_id
            found = places.setdefault(key, {})
            found[number] = found.get(number, 0) + 1
    unknown: dict[str, int] = {}
    for account_id in effects.unknown_accounts:
        name = names.get(account_id)
        key = (name.parent_id or "" if name else "") if units else account_id
        unknown[key] = unknown.get(key, 0) + 1
    for key in {**places, **unknown}:
        accounts = places.get(key, {})
        together = {verdict: ActionUnion() for verdict in Verdict}
        unlisted = dict.fromkeys(Verdict, 0)
        for number in accounts:
            for place, actions in effects.account_groups[number].actions.items():
                effect = effects.effects[place]
                together[effect.verdict].add(actions)
                if effect.unlisted:
                    unlisted[effect.verdict] = 1
        counted = {verdict: union.bits or unlisted[verdict] for verdict, union in together.items()}
        label = names[key].name if key in names else "Place not collected"
        yield EffectShare(
            key,
            label,
            sum(accounts.values()),
            *_counts(counted),
            unknown.get(key, 0),
            _path(names, key),
        )


def _path(names: Mapping[str, TargetName], target_id: str) -> tuple[str, ...]:
    """Return the names of what lies above a target, the root first."""
    above = []
    step = names[target_id].parent_id if target_id in names else None
    while step is not None and step in names:
        above.append(names[step].name)
        step = names[step].parent_id
    return tuple(reversed(above))


def _counts(counted: Mapping[Verdict, int]) -> tuple[int, int, int]:
    return (
        counted[Verdict.NEWLY_DENIED].bit_count(),
        counted[Verdict.NEWLY_ALLOWED].bit_count(),
        counted[Verdict.UNDECIDED].bit_count(),
    )
