"""What each target of an organization may do at most, and how much of that is known.

A policy that cannot be read may say anything: what it could still take away, or give, counts as
unknown in every ceiling it applies to. What other policies surely end stays ended.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    InForce,
)
from governance.posture.state.parsed_policies import parsed_policy
from governance.posture.state.process_cache import ProcessCache
from policies import Catalogue, PolicyType, default_compiler
from policies.ceiling import Ceiling, CeilingMaker
from policies.targets import Target, TargetTree

_KEPT: Final = 24
_ALLOW_ALL: Final = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
)


class CeilingOutcome(StrEnum):
    """What becomes of an action: possible in every request, in some, in none, or not known."""

    ALWAYS = "always"
    CONDITIONAL = "conditional"
    NEVER = "never"
    UNKNOWN = "unknown"


class Binding(StrEnum):
    """Whether policies bind a target. MANAGEMENT: it is the management account, which they never
    do. NOT_ENABLED: the type is not in use. NOT_COLLECTED: nobody knows. NOT_PLACED: where the
    target stands in the tree was not collected.
    """

    BOUND = "bound"
    MANAGEMENT = "management"
    NOT_ENABLED = "not_enabled"
    NOT_COLLECTED = "not_collected"
    NOT_PLACED = "not_placed"


@dataclass(frozen=True, slots=True)
class TargetCeiling:
    """Sets of actions (ints over the catalogue) that together are the whole catalogue."""

    always: int
    conditional: int
    never: int
    unknown: int

    @property
    def possible(self) -> int:
        """What is left: always, under conditions, or perhaps."""
        return self.always | self.conditional | self.unknown

    def within(self, actions: int) -> "TargetCeiling":
        """Return the ceiling over a set of actions alone."""
        return TargetCeiling(
            self.always & actions,
            self.conditional & actions,
            self.never & actions,
            self.unknown & actions,
        )

    def outcome(self, action: int) -> CeilingOutcome:
        """Return what becomes of one action, given by its index in the catalogue."""
        bit = 1 << action
        if self.always & bit:
            return CeilingOutcome.ALWAYS
        if self.conditional & bit:
            return CeilingOutcome.CONDITIONAL
        return CeilingOutcome.UNKNOWN if self.unknown & bit else CeilingOutcome.NEVER


class OrganizationCeilings:
    """The ceilings of one organization under one set of assumptions. Shared: never change it.

    `maker` made them. `tree` holds what is surely allowed and denied: at a level with an SCP
    that cannot be read everything counts as allowed, for that SCP could. `scope`: the actions
    that policies of this type can limit, an int over the catalogue. SCPs reach every action of
    the target's principals; RCPs reach requests to its resources, in the services on their list.
    """

    def __init__(
        self,
        organization: CompiledOrganization,
        assumed: CeilingAssumptions,
        policy_type: PolicyType,
    ) -> None:
        self.organization = organization
        self.assumed = assumed
        self.control: ControlPolicies = organization.control(policy_type)
        self.policy_type = policy_type
        self.maker = CeilingMaker(default_compiler().catalogue, assumed.engine, policy_type)
        self.scope: int = self.catalogue.rcp_bits if policy_type is RCP else self.catalogue.all_bits
        self.tree: TargetTree = _widest(self.control)
        self._known: dict[tuple[int, bool], TargetCeiling] = {}
        self._meanings: dict[int, Hashable] = {}
        self._is_ready = False
        # By target, for those whose pages are opened: see `services.services_of`.
        self.services: dict[str, list[Any]] = {}

    @property
    def catalogue(self) -> Catalogue:
        """The actions that are meant."""
        return self.maker.catalogue

    @cached_property
    def _ceilings(self) -> Mapping[str, Ceiling]:
        return self.maker.ceilings(self.tree)

    def get_ready(self) -> None:
        """Make every ceiling now rather than when one is asked for; at once where they are made."""
        if not self._is_ready:
            for target_id in self.tree.by_id:
                self.of(target_id)
            self._is_ready = True

    def binding(self, target_id: str) -> Binding:
        """Say whether the policies bind a target.

        :raises KeyError: no such target.
        """
        if target_id in self.organization.unplaced:
            return Binding.NOT_PLACED
        if target_id not in self.tree.by_id:
            raise KeyError(target_id)
        if target_id == self.organization.management_account_id:
            return Binding.MANAGEMENT
        if self.control.in_force is InForce.NOT_COLLECTED:
            return Binding.NOT_COLLECTED
        if self.control.in_force is InForce.NOT_ENABLED:
            return Binding.NOT_ENABLED
        return Binding.BOUND

    def unreadable(self, target_id: str) -> tuple[tuple[str, ControlPolicy], ...]:
        """Return (target id, policy) of each policy that applies to a target and is unreadable."""
        if self.binding(target_id) is not Binding.BOUND or not self.control.unreadable:
            return ()
        return self.control.unreadable_on_path(target_id)

    def of(self, target_id: str) -> TargetCeiling:
        """Return the ceiling of a target, whatever is out of scope in it as always possible.

        Equal ones are one object.

        :raises KeyError: no such target.
        """
        binding = self.binding(target_id)
        everything = self.catalogue.all_bits
        if binding in (Binding.NOT_COLLECTED, Binding.NOT_PLACED):
            return TargetCeiling(everything & ~self.scope, 0, 0, self.scope)
        if binding is not Binding.BOUND:
            return TargetCeiling(everything, 0, 0, 0)
        ceiling = self._ceilings[target_id]
        unknown = bool(self.unreadable(target_id))
        key = (id(ceiling), unknown)
        found = self._known.get(key)
        if found is None:
            never = everything & ~ceiling.possible
            if unknown:
                free = everything & ~self.scope
                found = TargetCeiling(free, 0, never, ceiling.possible & ~free)
            else:
                found = TargetCeiling(ceiling.always, ceiling.conditional, never, 0)
            self._known[key] = found
        return found

    def meaning(self, target_id: str) -> Hashable:
        """Return what is equal for targets that may do the same under the same conditions.

        :raises KeyError: no such target, or one that is not in the tree.
        """
        ceiling = self._ceilings[target_id]
        found = self._meanings.get(id(ceiling))
        if found is None:
            statements = frozenset(
                (item.statement, item.conditions)
                for level in ceiling.levels()
                for item in level.open_statements
                if item.statement.action_bits & ceiling.conditional
            )
            found = (ceiling.possible, ceiling.always, statements)
            self._meanings[id(ceiling)] = found
        return (found, self.binding(target_id), bool(self.unreadable(target_id)))


def organization_ceilings(
    organization: CompiledOrganization, assumed: CeilingAssumptions, policy_type: PolicyType = SCP
) -> OrganizationCeilings:
    """Return the ceilings of an organization, computed once a process for each state of it."""
    return _ceilings.get(
        (organization.key, assumed, policy_type),
        lambda: OrganizationCeilings(organization, assumed, policy_type),
        is_valid=lambda kept: kept.organization is organization,
    )


_ceilings: Final[ProcessCache[tuple[object, ...], OrganizationCeilings]] = ProcessCache(most=_KEPT)


def _widest(control: ControlPolicies) -> TargetTree:
    """Return the tree in which every policy that cannot be read allows what it could."""
    if control.policy_type is RCP or not control.unreadable:
        return control.tree
    document = parsed_policy("", _ALLOW_ALL, SCP).document
    if document is None:
        raise AssertionError("a policy that allows everything can be read")
    compiler = default_compiler()
    allow_all = compiler.document(document)
    by_id = control.tree.by_id
    return control.tree.replaced(
        Target(
            target_id,
            by_id[target_id].parent_id,
            compiler.level_of((*by_id[target_id].level.statements, *allow_all)),
        )
        for target_id in control.unreadable
        if target_id in by_id
    )
