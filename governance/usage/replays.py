"""Recorded usage replayed through two states of an organization: what a change would do to it.

Through the whole hierarchy, SCPs and RCPs, as `policies.usage` decides it. What depends on what was
not recorded is MAYBE; what depends on policies or places that were not collected is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from governance.effects.compared_states import ComparedStates
from governance.posture.state.organization import CONTROL_TYPES, RCP, SCP, ControlPolicies, InForce
from inventory.selectors.usage import OwnCalls
from policies import PolicyType
from policies.targets import TargetTree
from policies.usage import NotUsage, UsageRecord
from policies.usage.joint import ReplayEffect
from policies.usage.replay import ControlTrees, UsageReplayer
from policies.usage.used_context import owner_of

_MOST_SAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class CallCount:
    """How many calls, and how many of them AWS denied when they were made."""

    calls: int = 0
    denied: int = 0

    @property
    def succeeded(self) -> int:
        """How many calls were not denied."""
        return self.calls - self.denied

    def __add__(self, other: CallCount) -> CallCount:
        return CallCount(self.calls + other.calls, self.denied + other.denied)


@dataclass(frozen=True, slots=True)
class ReplayedGroup:
    """The calls of one principal for one action in one account's log that a change treats alike.

    `keys`: what decides where the effect is MAYBE. `is_by_aws`: a service principal or a
    service-linked role called. `regions` and `resources`: the first few.
    """

    effect: ReplayEffect
    account_id: str
    principal: str
    action: str
    keys: tuple[str, ...]
    is_by_aws: bool
    count: CallCount
    first_at: datetime
    last_at: datetime
    regions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrganizationReplay:
    """What a change does to the recorded usage of an organization.

    `groups`: what it changes or may change: revoked first, then maybe, then gained, each with most
    calls first. `by_effect` holds every effect, `by_account` every account that recorded a call.
    `not_known`: calls that policies decide which were not collected or cannot be read, and calls
    recorded by accounts whose place is not known; they are in no other count but `total`.
    `unreadable`: records whose principal cannot be read, in words.
    """

    total: CallCount
    by_aws: CallCount
    by_effect: Mapping[ReplayEffect, CallCount]
    by_account: Mapping[str, Mapping[ReplayEffect, CallCount]]
    groups: tuple[ReplayedGroup, ...]
    not_known: CallCount
    not_known_accounts: frozenset[str]
    unreadable: tuple[str, ...] = ()

    @property
    def newly_denied(self) -> int:
        """How many calls that succeeded would be denied."""
        return self.by_effect[ReplayEffect.REVOKED].succeeded

    def groups_of(self, effect: ReplayEffect) -> tuple[ReplayedGroup, ...]:
        """Return the groups with an effect."""
        return tuple(one for one in self.groups if one.effect is effect)


_ORDER: Final = (ReplayEffect.REVOKED, ReplayEffect.MAYBE, ReplayEffect.GAINED)
_GroupKey = tuple[ReplayEffect, str, str, str, tuple[str, ...], bool]


@dataclass(slots=True)
class _GatheredUse:
    """A group while its records are read."""

    calls: int
    denied: int
    first_at: datetime
    last_at: datetime
    regions: dict[str, None] = field(default_factory=dict)
    resources: dict[str, None] = field(default_factory=dict)

    def add(self, record: UsageRecord) -> None:
        """Count a record."""
        self.calls += record.count
        self.denied += record.denied
        self.first_at = min(self.first_at, record.first_at)
        self.last_at = max(self.last_at, record.last_at)
        if record.region and len(self.regions) < _MOST_SAMPLES:
            self.regions[record.region] = None
        if len(self.resources) < _MOST_SAMPLES:
            self.resources[record.resource] = None


def unchanged_accounts(states: ComparedStates) -> frozenset[str]:
    """Return the accounts whose own principals' calls for their own account cannot change.

    None where RCPs change, which may bind the resources of others, or where accounts move, which
    changes context keys everywhere.
    """
    moved = any(
        (target := states.after[kind].tree.by_id.get(target_id)) is None
        or target.parent_id != before.parent_id
        for kind in CONTROL_TYPES
        for target_id, before in states.before.control(kind).tree.by_id.items()
    )
    if moved or states.affected(RCP):
        return frozenset()
    return frozenset(states.before.account_ids) - states.affected(SCP) - set(states.unplaced)


def replay_through(
    states: ComparedStates,
    usage: Iterable[UsageRecord],
    unchanged: Mapping[str, OwnCalls] | None = None,
) -> OrganizationReplay:
    """Return what the change between two states does to recorded usage.

    `usage`: each class of alike calls once, or by day; both give the same counts. `unchanged`:
    further calls by account, of which it is known that nothing changes.
    """
    replayer = UsageReplayer(
        ControlTrees(*(_tree(states.before.control(kind)) for kind in CONTROL_TYPES)),
        ControlTrees(*(_tree(states.after[kind]) for kind in CONTROL_TYPES)),
        states.before.organization,
    )
    unknown = unknown_policies(states)
    accounts: dict[str, dict[ReplayEffect, list[int]]] = {}
    groups: dict[_GroupKey, _GatheredUse] = {}
    not_known, not_known_accounts = [0, 0], set[str]()
    total, by_aws = [0, 0], [0, 0]
    unreadable: dict[str, None] = {}
    for account_id, own in (unchanged or {}).items():
        accounts[account_id] = {ReplayEffect.UNCHANGED: [own.calls, own.denied]}
        total[0] += own.calls
        total[1] += own.denied
        by_aws[0] += own.by_linked_roles
    for record in usage:
        calls, denied = record.count, record.denied
        total[0] += calls
        total[1] += denied
        touched = unknown.decides(record)
        try:
            used = None if touched else replayer.replay(record)
        except NotUsage as error:
            used = None
            unreadable[str(error)] = None
        if used is None:
            not_known[0] += calls
            not_known[1] += denied
            not_known_accounts.update(touched)
            continue
        if used.is_by_aws:
            by_aws[0] += calls
            by_aws[1] += denied
        effects = accounts.get(record.account_id)
        if effects is None:
            effects = accounts[record.account_id] = {}
        counted = effects.get(used.effect)
        if counted is None:
            counted = effects[used.effect] = [0, 0]
        counted[0] += calls
        counted[1] += denied
        if used.effect is ReplayEffect.UNCHANGED:
            continue
        key = (
            used.effect,
            record.account_id,
            record.principal,
            record.action,
            used.keys,
            used.is_by_aws,
        )
        group = groups.get(key)
        if group is None:
            group = groups[key] = _GatheredUse(0, 0, record.first_at, record.last_at)
        group.add(record)
    by_account = {
        account_id: {effect: CallCount(*counted) for effect, counted in effects.items()}
        for account_id, effects in accounts.items()
    }
    unlisted = replayer.unlisted_accounts & by_account.keys()
    for account_id in unlisted:
        for count in by_account.pop(account_id).values():
            not_known[0] += count.calls
            not_known[1] += count.denied
    return OrganizationReplay(
        total=CallCount(*total),
        by_aws=CallCount(*by_aws),
        by_effect={
            effect: sum((found.get(effect, _NONE) for found in by_account.values()), _NONE)
            for effect in ReplayEffect
        },
        by_account=by_account,
        groups=_in_order(groups, unlisted),
        not_known=CallCount(*not_known),
        not_known_accounts=frozenset(not_known_accounts | unlisted),
        unreadable=tuple(unreadable),
    )


_NONE: Final = CallCount()


@dataclass(frozen=True, slots=True)
class UnknownPolicies:
    """The accounts of which it is not known what a change does to them.

    `callers`: where SCPs that bind them are not known; `owners`: where RCPs are not, which bind
    their resources.
    """

    callers: frozenset[str]
    owners: frozenset[str]

    def decides(self, record: UsageRecord) -> frozenset[str]:
        """Return the accounts because of which it is not known what becomes of a record."""
        if not self.callers and not self.owners:
            return frozenset()
        return (self.callers & {_account_of(record.principal)}) | (
            self.owners & {owner_of(record) or ""}
        )


def unknown_policies(states: ComparedStates) -> UnknownPolicies:
    """Return where policies of a type that changes were not collected or cannot be read.

    In one of the states at least; or the accounts' place in the organization was not collected.
    """
    return UnknownPolicies(_unknown(states, SCP), _unknown(states, RCP))


def _unknown(states: ComparedStates, kind: PolicyType) -> frozenset[str]:
    before, after = states.before.control(kind), states.after[kind]
    if {before.in_force, after.in_force} == {InForce.NOT_ENABLED}:
        return frozenset()
    return frozenset(states.unplaced) | {
        account_id
        for account_id in states.affected(kind)
        if before.is_unknown(account_id) or after.is_unknown(account_id)
    }


def _in_order(
    groups: Mapping[_GroupKey, _GatheredUse], unlisted: frozenset[str]
) -> tuple[ReplayedGroup, ...]:
    made = [
        ReplayedGroup(
            *key,
            count=CallCount(one.calls, one.denied),
            first_at=one.first_at,
            last_at=one.last_at,
            regions=tuple(one.regions),
            resources=tuple(one.resources),
        )
        for key, one in groups.items()
        if key[1] not in unlisted
    ]
    return tuple(
        sorted(
            made,
            key=lambda one: (
                _ORDER.index(one.effect),
                -one.count.succeeded,
                -one.count.calls,
                one.account_id,
                one.principal,
                one.action,
                one.keys,
            ),
        )
    )


def _tree(control: ControlPolicies) -> TargetTree | None:
    return None if control.in_force is InForce.NOT_ENABLED else control.tree


def _account_of(principal: str) -> str:
    """Return the account of a principal; empty for a service."""
    if principal.startswith("arn:"):
        return principal.split(":", 5)[4]
    return principal if principal.isdecimal() else ""
