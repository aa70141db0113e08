"""What one guardrail needs of all policies: the statements that concern its actions.

Levels that say the same of these actions are one level; that is why a few chains stand for all
accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from policies.compiled import CompiledCondition, CompiledStatement, Compiler, PolicyLevel
from policies.full_access import full_access
from policies.guardrails.account_classes import (
    PATH_KEYS,
    RESOURCE_PATHS,
    S3_RESOURCE_ACCOUNT,
    AccountClasses,
)
from policies.guardrails.compiled_guardrail import CompiledGuardrail
from policies.guardrails.concerning import (
    AllStatements,
    ConcerningStatements,
    LevelBinding,
    rcp_bound_bits,
)
from policies.guardrails.domains import GuardedCallers
from policies.guardrails.never_permitted import rules_level
from policies.guardrails.question import GuardQuestion
from policies.language.document import Effect
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


class PlanProofs:
    """What was found of one plan.

    `representatives`: by what tells accounts apart the one that is asked. `questions`: by callers
    and account.
    """

    __slots__ = ("questions", "representatives")

    def __init__(self) -> None:
        self.representatives: dict[tuple[object, ...], str] = {}
        self.questions: dict[tuple[GuardedCallers, str], GuardQuestion] = {}


class GuardrailPlan:
    """One guardrail with the statements of SCPs and RCPs that concern it."""

    def __init__(
        self,
        guardrail: CompiledGuardrail,
        statements: AllStatements,
        concerning: ConcerningStatements,
        compiler: Compiler,
    ) -> None:
        bits = guardrail.bits
        self.guardrail = guardrail
        self._compiler = compiler
        self._allow_all = {kind: _allow_all(compiler, kind) for kind in (SCP, RCP)}
        self.rules = rules_level(compiler, bits)
        outside = bits & rcp_bound_bits(compiler) & ~compiler.catalogue.untyped_bits
        self.outsider_bits = outside if guardrail.asks_outsiders else 0
        self.statements = statements
        scps = [one for one in statements.scps if one.action_bits & bits]
        rcps = [
            one for one in statements.rcps if one.effect is Effect.DENY and one.action_bits & bits
        ]
        others = rcps if self.outsider_bits else ()
        self._left = {
            LevelBinding.SCP: _left(concerning, LevelBinding.SCP, scps, bits),
            LevelBinding.RCP_OF_OWN: _left(concerning, LevelBinding.RCP_OF_OWN, rcps, bits),
            LevelBinding.RCP_OF_OTHERS: _left(concerning, LevelBinding.RCP_OF_OTHERS, others, bits),
        }
        concerned = [*self._left[LevelBinding.SCP], *self._left[LevelBinding.RCP_OF_OWN], *rcps]
        self.read_keys = _keys(c for one in concerned for c in one.conditions)
        self._levels: dict[tuple[PolicyLevel, LevelBinding], PolicyLevel | None] = {}
        own = [
            *self._left[LevelBinding.SCP].values(),
            *self._left[LevelBinding.RCP_OF_OWN].values(),
            *(self.rules.denies if self.rules else ()),
        ]
        self._statements = dict.fromkeys((*own, *self._left[LevelBinding.RCP_OF_OTHERS].values()))
        conditions = dict.fromkeys(c for one in self._statements for c in one.conditions)
        conditions.update(dict.fromkeys(guardrail.conditions))
        self.list_keys = frozenset(c.key for c in conditions if c.set_operator is not None)
        self.reads_principals = any(c.key == PRINCIPAL_ARN for c in conditions)
        read = _keys(guardrail.conditions) | _keys(c for one in own for c in one.conditions)
        self.relates_keys = len(read & _RELATED_KEYS) > 1
        self.classes = AccountClasses(conditions, self._resources())
        self.asks_elsewhere = bool(_keys(guardrail.conditions) & _OWNER_KEYS)
        self.reads_paths = bool((read | _keys(conditions) | self._variable_keys()) & PATH_KEYS)
        """Whether it matters where in the organization accounts are."""
        self.proofs = PlanProofs()

    def _variable_keys(self) -> frozenset[str]:
        """Return the keys that resources of the statements hold as variables."""
        guarded = self.guardrail.resources
        read = (*self._statements, *((guarded,) if guarded is not None else ()))
        return frozenset[str]().union(*(one.resource_variable_keys for one in read))

    def _resources(self) -> Iterable[str]:
        for one in self._statements:
            yield from one.resources or ()
        yield from self.guardrail.source.resources

    @cached_property
    def groups(self) -> ActionGroups:
        """Groups of actions that the statements do not tell apart, nor what they work on."""
        catalogue, bits = self._compiler.catalogue, self.guardrail.bits
        like = self._allow_all[SCP]
        marks = [replace(like, action_bits=self.outsider_bits)] if self.outsider_bits else []
        typed = bits if self.guardrail.resources is not None else 0
        for one in self._statements:
            if one.resources is not None:
                typed |= one.action_bits & bits
        by_types: dict[tuple[object, ...], int] = {}
        for index in catalogue.indexes(typed):
            types = tuple(kind.arn for kind, _ in catalogue.resource_types(index))
            by_types[types] = by_types.get(types, 0) | 1 << index
        marks += [replace(like, action_bits=found) for found in by_types.values()]
        everything = (*self._statements, *self._allow_all.values(), *marks)
        return ActionGroups(bits, everything, size=len(catalogue))

    def concerns(self, statement: CompiledStatement, policy_type: PolicyType) -> bool:
        """Whether a statement says something of a guarded request."""
        if policy_type is SCP:
            return statement in self._left[LevelBinding.SCP]
        rcps = (LevelBinding.RCP_OF_OWN, LevelBinding.RCP_OF_OTHERS)
        return any(statement in self._left[binding] for binding in rcps)

    def reduced(self, level: PolicyLevel, binding: LevelBinding) -> PolicyLevel | None:
        """Return what a level says of the guarded actions; None if it lets all of them pass."""
        key = (level, binding)
        try:
            return self._levels[key]
        except KeyError:
            found = self._levels[key] = self._reduced(level, binding)
            return found

    def _reduced(self, level: PolicyLevel, binding: LevelBinding) -> PolicyLevel | None:
        left = self._left[binding]
        denies = [left[one] for one in level.denies if one in left]
        allow_all = self._allow_all[SCP if binding is LevelBinding.SCP else RCP]
        allows = [allow_all]
        if binding is LevelBinding.SCP:
            allows = [left[one] for one in level.allows if one in left]
            bits = self.guardrail.bits
            open_bits = 0
            for one in allows:
                if one.is_unconditional:
                    open_bits |= one.action_bits
            if open_bits & bits == bits:
                allows = [allow_all]
        if not denies and allows == [allow_all]:
            return None
        return self._compiler.level_of((*allows, *denies))


def _left(
    concerning: ConcerningStatements,
    binding: LevelBinding,
    statements: Iterable[CompiledStatement],
    bits: int,
) -> dict[CompiledStatement, CompiledStatement]:
    """Return what is left of those statements that concern some actions."""
    return {
        one: left
        for one in statements
        if one.action_bits & bits
        and (left := concerning.of(one, binding)) is not None
        and left.action_bits & bits
    }


def _keys(conditions: Iterable[CompiledCondition]) -> frozenset[str]:
    return frozenset(key for c in conditions for key in (c.key, *c.variable_keys))


def _allow_all(compiler: Compiler, policy_type: PolicyType) -> CompiledStatement:
    return compiler.document(full_access(policy_type))[0]
