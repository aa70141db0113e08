"""What the difference of two states meant: which requests SCPs and RCPs newly deny and allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.conf import settings

from governance.edits.operations import JsonObject
from governance.effects.found_effects import FoundEffects
from governance.effects.results import effects_result, effects_sentence
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    ControlPolicies,
    InForce,
    TargetName,
    load_organization,
)
from governance.posture.state.process_cache import ProcessCache
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import PolicyType

_KEPT: Final = 6


@dataclass(frozen=True)
class TwoStates:
    """An organization at two times, as effects are found between them. `shown`: the later one."""

    before: CompiledOrganization
    shown: CompiledOrganization

    @cached_property
    def after(self) -> Mapping[PolicyType, ControlPolicies]:
        """The policies of the later state, by type."""
        return {kind: self.shown.control(kind) for kind in CONTROL_TYPES}

    @cached_property
    def only_before(self) -> tuple[TargetName, ...]:
        """The accounts that were in the organization only at the earlier time."""
        return _missing(self.before, self.shown)

    @cached_property
    def only_after(self) -> tuple[TargetName, ...]:
        """The accounts that were in the organization only at the later time."""
        return _missing(self.shown, self.before)

    @cached_property
    def unplaced(self) -> tuple[str, ...]:
        """The accounts whose place was not collected at one of the times."""
        found = (*self.before.unplaced_account_ids, *self.shown.unplaced_account_ids)
        return tuple(dict.fromkeys(found))

    def affected(self, policy_type: PolicyType) -> frozenset[str]:
        """Return the accounts at both times whose policies of a type differ on the way to them."""
        return self._affected[policy_type]

    @cached_property
    def affected_accounts(self) -> frozenset[str]:
        """The accounts of which something may differ, of any type."""
        return frozenset().union(*self._affected.values())

    @cached_property
    def _affected(self) -> Mapping[PolicyType, frozenset[str]]:
        return {kind: self._find_affected(kind) for kind in CONTROL_TYPES}

    def _find_affected(self, kind: PolicyType) -> frozenset[str]:
        was, becomes = self.before.control(kind), self.shown.control(kind)
        if {was.in_force, becomes.in_force} == {InForce.NOT_ENABLED}:
            return frozenset()
        not_known = InForce.NOT_COLLECTED in (was.in_force, becomes.in_force)
        before, touched, accounts = was.tree.by_id, set[str](), set[str]()
        for target_id, target in becomes.tree.by_id.items():
            earlier = before.get(target_id)
            if (
                not_known
                or earlier is None
                or target.parent_id in touched
                or target.level is not earlier.level
                or target.parent_id != earlier.parent_id
                or was.unreadable.get(target_id) != becomes.unreadable.get(target_id)
            ):
                touched.add(target_id)
                if target.is_account and earlier is not None:
                    accounts.add(target_id)
        for organization in (self.before, self.shown):
            accounts.discard(organization.management_account_id or "")
        return frozenset(accounts)


def _missing(here: CompiledOrganization, there: CompiledOrganization) -> tuple[TargetName, ...]:
    return tuple(
        here.names[account_id]
        for account_id in here.account_ids
        if account_id not in there.names and account_id not in there.unplaced
    )


@dataclass(frozen=True)
class StatesEffects(FoundEffects):
    """What the difference between two states meant. `effects` is found when first asked for."""

    times: TwoStates

    @property
    def states(self) -> TwoStates:
        """The two states."""
        return self.times

    @property
    def is_quick(self) -> bool:
        """Whether it may be found while somebody waits."""
        return len(self.times.affected_accounts) <= settings.SIMULATION_AT_ONCE_ACCOUNTS


_Key = tuple[tuple[object, ...], tuple[object, ...]]
_meanings: Final[ProcessCache[_Key, StatesEffects]] = ProcessCache(most=_KEPT)


def effects_between(
    viewer: Viewer,
    *,
    connection: Connection,
    before: datetime | None,
    after: datetime | None,
) -> StatesEffects:
    """Return what the difference between two times meant; None is now.

    Equal states share one answer in this process: never change it.
    """
    earlier = load_organization(viewer, connection=connection, as_of=before)
    later = load_organization(viewer, connection=connection, as_of=after)
    key = (earlier.key, later.key)
    return _meanings.get(key, lambda: StatesEffects(TwoStates(earlier, later)))


def states_effects_result(meaning: StatesEffects) -> JsonObject:
    """Return what the difference meant as JSON, as for simulations."""
    times = meaning.times
    return {
        "headline": effects_sentence(meaning),
        "affected_accounts": len(times.affected_accounts),
        "only_before": [name.target_id for name in times.only_before],
        "only_after": [name.target_id for name in times.only_after],
        **effects_result(meaning),
    }
