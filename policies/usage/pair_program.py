"""What decides one action of alike callers in both states, with what it has decided already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from policies.compiled import CompiledStatement
from policies.evaluation.applicable import ApplicableLayer, ApplicableStatements
from policies.evaluation.aws_rules import rules_of_action
from policies.evaluation.judge import Judge
from policies.evaluation.principal import RequestPrincipal
from policies.evaluation.program import RESOURCE, Program
from policies.evaluation.request import Request
from policies.language.conditions.values import ABSENT, ContextValue, Missing
from policies.language.patterns import resource_glob, string_glob
from policies.language.variables import Lookup, resolve
from policies.usage.chains import OpenPair, OpenStatements, UsedAction
from policies.usage.joint import (
    DerivedKeys,
    JointDecision,
    ReplayEffect,
    SideRequest,
    decide_jointly,
)
from policies.usage.resources import ANY_RESOURCE, ResourceList, UsedResource, resource_samples

RESOURCE_KEY: Final = "resource"
_MOST_REMEMBERED: Final = 65536
_MANAGED_KEYS: Final = "arn:*:kms:*:*:alias/aws/*"

_Values = tuple[ContextValue, ...]


class PairProgram:
    """Decides the requests of alike callers for one action, before and after."""

    __slots__ = (
        "_by_rows",
        "_decided",
        "_fixed_lists",
        "_keys",
        "_reads_resource",
        "_sides",
        "_statements",
    )  # fmt: skip

    def __init__(self, before: Program, after: Program, action: str) -> None:
        keys = before.keys | after.keys
        self._reads_resource = RESOURCE in keys
        self._sides = (before, after)
        self._keys = tuple(sorted(keys - {RESOURCE}))
        self._statements: tuple[CompiledStatement, ...] = tuple(
            dict.fromkeys(
                bound.entry.statement
                for program in self._sides
                for bound in program.covering
                if bound.entry.statement.resources is not None
            )
        )
        self._fixed_lists = _lists_of_aws(action) if self._reads_resource else ()
        self._decided: dict[tuple[object, ...], JointDecision] = {}
        self._by_rows: dict[tuple[object, ...], JointDecision] = {}

    def decide(
        self,
        find_resource: Callable[[], UsedResource],
        context: Mapping[str, ContextValue],
        derived: DerivedKeys,
    ) -> JointDecision:
        """Return what changes for a request. `context`: by lower-case key."""
        resource = find_resource() if self._reads_resource else ANY_RESOURCE
        before = self._values(context, derived.before)
        after = before if not derived.apart else self._values(context, derived.after)
        key = (resource, before, after)
        found = self._decided.get(key)
        if found is None:
            if len(self._decided) >= _MOST_REMEMBERED:
                self._decided.clear()
            found = self._decided[key] = self._decide(resource, before, after, derived.apart)
        return found

    def _values(
        self, context: Mapping[str, ContextValue], derived: Mapping[str, ContextValue]
    ) -> _Values:
        return tuple(
            [
                derived.get(key, ABSENT) if (value := context.get(key)) is None else value
                for key in self._keys
            ]
        )

    def _decide(
        self,
        resource: UsedResource,
        before: _Values,
        after: _Values,
        apart: frozenset[str],
    ) -> JointDecision:
        old = SideRequest(self._sides[0], dict(zip(self._keys, before, strict=True)))
        new = SideRequest(self._sides[1], dict(zip(self._keys, after, strict=True)))
        if resource.patterns is None:
            return self._of_one(old, new, resource.text, apart)
        lists = dict.fromkeys((*self._lists(old.context), *self._lists(new.context)))
        samples = resource_samples(resource.globs, tuple(lists))
        decided = {self._of_one(old, new, arn, apart) for arn in samples.arns}
        if len(decided) == 1 and samples.complete:
            return decided.pop()
        keys = {key for one in decided for key in one.keys}
        if len({one.effect for one in decided}) == 1 and samples.complete:
            # They differ, if at all, in how the effect depends on the keys.
            effect = next(iter(decided)).effect
            return JointDecision(effect, tuple(sorted(keys | {RESOURCE_KEY})))
        return JointDecision(ReplayEffect.MAYBE, tuple(sorted(keys | {RESOURCE_KEY})))

    def _of_one(
        self, old: SideRequest, new: SideRequest, resource: str, apart: frozenset[str]
    ) -> JointDecision:
        rows = (
            old.program.row(resource, old.context),
            new.program.row(resource, new.context),
            apart,
        )
        found = self._by_rows.get(rows)
        if found is None:
            if len(self._by_rows) >= _MOST_REMEMBERED:
                self._by_rows.clear()
            found = self._by_rows[rows] = decide_jointly(old, new, resource, apart)
        return found

    def _lists(self, context: Mapping[str, ContextValue]) -> list[ResourceList]:
        def lookup(key: str) -> ContextValue:
            return context.get(key, ABSENT)

        return [*self._fixed_lists, *(_list_of(item, lookup) for item in self._statements)]


def _list_of(statement: CompiledStatement, lookup: Lookup) -> ResourceList:
    """Return a statement's resources with the values of variables put in, as far as known."""
    found = (resolve(parts, lookup) for parts in statement.resource_templates)
    return tuple(resource_glob(pieces) for pieces in found if not isinstance(pieces, Missing))


def _lists_of_aws(action: str) -> tuple[ResourceList, ...]:
    """Return the resources that rules of AWS's own set apart for an action."""
    lowered = action.lower()
    lists = [rule.resource_patterns for rule in rules_of_action(lowered)]
    if lowered.startswith("kms:"):
        lists.append((_MANAGED_KEYS,))
    return tuple(
        tuple(string_glob((pattern,)) for pattern in patterns)
        for patterns in dict.fromkeys(lists)
        if patterns != ("*",)
    )


class PairPrograms:
    """Makes the programs of all actions and callers, each once."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._identity = ApplicableLayer(frozenset({judge.allow}))
        self._resource = ApplicableLayer(frozenset({judge.allow_everybody}))
        self._programs: dict[tuple[object, ...], PairProgram] = {}

    def program(
        self,
        principal: RequestPrincipal,
        owner_id: str | None,
        action: UsedAction,
        by_service: OpenPair,
        by_resource: OpenPair,
    ) -> PairProgram:
        """Return what decides an action for a caller and the resources of an account.

        `by_service`, `by_resource`: the SCPs' and the RCPs' statements that can decide, before and
        after; each covers the action.
        """
        management = self._judge.organization.management_account_id
        account_id = principal.account_id
        lowered = action.lowered
        is_special = lowered.startswith("kms:") or bool(rules_of_action(lowered))
        sides = (by_service.before, by_service.after, by_resource.before, by_resource.after)
        named = any(one.names_principals for one in sides)
        key = (
            *sides,
            lowered if is_special or action.index is None else None,
            action.is_bound_by_rcp,
            principal.kind,
            principal.is_service_linked_role,
            account_id is not None and account_id == management,
            owner_id is not None and owner_id == management,
            account_id is not None and account_id == owner_id,
            principal if named else None,
        )
        found = self._programs.get(key)
        if found is None:
            asked = Request(principal, action.name, "*", owner_id, {})
            found = self._programs[key] = PairProgram(
                self._side(by_service.before, by_resource.before, asked),
                self._side(by_service.after, by_resource.after, asked),
                action.lowered,
            )
        return found

    def _side(
        self, service_control: OpenStatements, resource_control: OpenStatements, asked: Request
    ) -> Program:
        applicable = ApplicableStatements(
            identity=self._identity,
            service_control=service_control.layers(self._judge.allow),
            resource_control=resource_control.layers(self._judge.allow),
            resource=self._resource,
        )
        return self._judge.evaluator(applicable).program(asked)
