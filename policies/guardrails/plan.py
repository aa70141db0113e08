"""What one guardrail needs of all policies: the statements that concern its actions.

Levels that say the same of these actions are one level; that is why a few chains stand for all
accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from policies.comparison.action_groups import ActionGroups
from policies.comparison.callers import (
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    PRINCIPAL_TYPE,
    RESOURCE_ACCOUNT,
    RESOURCE_ORGANIZATION,
    USER_ID,
    USER_NAME,
)
from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.full_access import full_access
from policies.guardrails.account_classes import RESOURCE_PATHS, S3_RESOURCE_ACCOUNT, AccountClasses
from policies.guardrails.compiled_guardrail import CompiledGuardrail
from policies.guardrails.domains import GuardedCallers
from policies.guardrails.never_permitted import rules_level
from policies.guardrails.question import GuardQuestion
from policies.language.policy_types import PolicyType

SCP: Final = PolicyType.SERVICE_CONTROL_POLICY
RCP: Final = PolicyType.RESOURCE_CONTROL_POLICY
_RELATED_KEYS: Final = frozenset(
    {
        PRINCIPAL_ARN,
        PRINCIPAL_TYPE,
        USER_NAME,
        USER_ID,
        PRINCIPAL_ORGANIZATION,
        PRINCIPAL_PATHS,
    }
)
"""Keys of a principal that exclude values of one another."""
_OWNER_KEYS: Final = frozenset(
    {RESOURCE_ACCOUNT, RESOURCE_ORGANIZATION, RESOURCE_PATHS, S3_RESOURCE_ACCOUNT}
)
"""Keys that tell whose a resource is."""


class GuardrailPlan:
    """One guardrail with the statements of SCPs and RCPs that concern it.

    `rcps`: by statement the same without the actions that RCPs do not bind.
    """

    def __init__(
        self,
        guardrail: CompiledGuardrail,
        scps: Iterable[CompiledStatement],
        rcps: Mapping[CompiledStatement, CompiledStatement],
        compiler: Compiler,
    ) -> None:
        bits = guardrail.bits
        self.guardrail = guardrail
        self._compiler = compiler
        self._allow_all = {kind: _allow_all(compiler, kind) for kind in (SCP, RCP)}
        self._scps = frozenset(one for one in scps if one.action_bits & bits)
        self._rcps = {was: one for was, one in rcps.items() if one.action_bits & bits}
        self._levels: dict[tuple[PolicyLevel, PolicyType], PolicyLevel | None] = {}
        self.statements = (*self._scps, *self._rcps.values())
        conditions = dict.fromkeys(c for one in self.statements for c in one.conditions)
        conditions.update(dict.fromkeys(guardrail.conditions))
        self.conditions = tuple(conditions)
        self.rules = rules_level(compiler, bits)
        by_rules = [c for one in self.rules.denies for c in one.conditions] if self.rules else []
        self.list_keys = frozenset(
            c.key for c in (*conditions, *by_rules) if c.set_operator is not None
        )
        read = {key for c in (*conditions, *by_rules) for key in (c.key, *c.variable_keys)}
        self.reads_principals = PRINCIPAL_ARN in read
        self.relates_keys = len(read & _RELATED_KEYS) > 1
        self.classes = AccountClasses(conditions, self._resources())
        unless_keys = {key for c in guardrail.conditions for key in (c.key, *c.variable_keys)}
        self.asks_elsewhere = bool(unless_keys & _OWNER_KEYS)
        outside = guardrail.bits & rcp_bound_bits(compiler) & ~compiler.catalogue.untyped_bits
        self.representatives: dict[tuple[object, ...], str] = {}
        self.questions: dict[tuple[GuardedCallers, str], GuardQuestion] = {}
        self.outsider_bits = outside if guardrail.asks_outsiders else 0

    def concerns_same(self, other: GuardrailPlan) -> bool:
        """Whether the same statements concern the guardrail in another plan of it."""
        return self._scps == other._scps and self._rcps.keys() == other._rcps.keys()

    def _resources(self) -> Iterable[str]:
        for one in self.statements:
            yield from one.resources or ()
        yield from self.guardrail.source.resources

    @cached_property
    def groups(self) -> ActionGroups:
        """Groups of actions that the statements do not tell apart, nor what they work on."""
        catalogue, bits = self._compiler.catalogue, self.guardrail.bits
        like = self._allow_all[SCP]
        marks = [replace(like, action_bits=self.outsider_bits)] if self.outsider_bits else []
        if self.guardrail.resources is not None or any(
            one.resources is not None for one in self.statements
        ):
            by_types: dict[tuple[object, ...], int] = {}
            for index in catalogue.indexes(bits):
                types = tuple(kind.arn for kind, _ in catalogue.resource_types(index))
                by_types[types] = by_types.get(types, 0) | 1 << index
            marks += [replace(like, action_bits=found) for found in by_types.values()]
        rules = () if self.rules is None else self.rules.denies
        everything = (*self.statements, *rules, *self._allow_all.values(), *marks)
        return ActionGroups(bits, everything, size=len(catalogue))

    def reduced(self, level: PolicyLevel, policy_type: PolicyType) -> PolicyLevel | None:
        """Return what a level says of the guarded actions; None if it lets all of them pass."""
        key = (level, policy_type)
        try:
            return self._levels[key]
        except KeyError:
            found = self._levels[key] = self._reduced(level, policy_type)
            return found

    def _reduced(self, level: PolicyLevel, policy_type: PolicyType) -> PolicyLevel | None:
        allow_all = self._allow_all[policy_type]
        allows: list[CompiledStatement] = [allow_all]
        if policy_type is RCP:
            denies = [self._rcps[one] for one in level.denies if one in self._rcps]
        else:
            denies = [one for one in level.denies if one in self._scps]
            bits = self.guardrail.bits
            open_bits = 0
            for one in level.allows:
                if one.is_unconditional:
                    open_bits |= one.action_bits
            if open_bits & bits != bits:
                allows = [one for one in level.allows if one in self._scps]
        if not denies and allows == [allow_all]:
            return None
        return self._compiler.level_of((*allows, *denies))


def _allow_all(compiler: Compiler, policy_type: PolicyType) -> CompiledStatement:
    return compiler.document(full_access(policy_type))[0]


def rcp_bound_bits(compiler: Compiler) -> int:
    """Return the actions that RCPs bind.

    Source: Organizations user guide, "Resource control policies (RCPs)".
    """
    catalogue = compiler.catalogue
    return catalogue.rcp_bits & ~catalogue.bits("kms:RetireGrant")
