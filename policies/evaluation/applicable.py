"""The statements that apply to one action and resource, reduced to what can decide it.

Many principals and accounts have equal reductions, however different their policies are; each is
decided once: see `judge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from policies.compiled import CompiledCondition, CompiledStatement, Compiler
from policies.evaluation.requested_resource import RequestedResource
from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.language.document import Effect, PrincipalElement

RESOURCE_KEY: Final = "resource"
"""The name under which an open resource stands among unknown keys; no key of AWS's has no colon."""

EVERYBODY: Final = (PrincipalElement("*", "*"),)


@dataclass(frozen=True, slots=True)
class ApplicableLayer:
    """The statements of one attachment point that apply to the action.

    `is_open`: a policy there is not known, so it may say anything. `may_allow_more`: something
    beside the statements may allow, and denies nothing, such as an access control list.
    """

    statements: frozenset[CompiledStatement]
    is_open: bool = False
    may_allow_more: bool = False

    @property
    def may_allow(self) -> bool:
        """Whether something here allows, or might."""
        return (
            self.is_open
            or self.may_allow_more
            or any(s.effect is Effect.ALLOW for s in self.statements)
        )

    @property
    def denies(self) -> frozenset[CompiledStatement]:
        """The statements that deny."""
        return frozenset(s for s in self.statements if s.effect is Effect.DENY)

    @property
    def allows_all(self) -> bool:
        """Whether some statement allows in every request."""
        return any(s.effect is Effect.ALLOW and _is_sure(s) for s in self.statements)


@dataclass(frozen=True, slots=True)
class ApplicableStatements:
    """All layers that apply to the requests of some principals; equal ones decide alike.

    `boundary` and `resource` are None where there is no such policy; without `service_control` or
    `resource_control` levels nothing of that kind limits. `is_trust`: `resource` is a role's
    trust policy.
    """

    identity: ApplicableLayer
    boundary: ApplicableLayer | None = None
    service_control: tuple[ApplicableLayer, ...] = ()
    resource_control: tuple[ApplicableLayer, ...] = ()
    resource: ApplicableLayer | None = None
    is_trust: bool = False

    def layers(self) -> Iterable[ApplicableLayer]:
        """Yield every layer."""
        yield self.identity
        yield from self.service_control
        yield from self.resource_control
        for layer in (self.boundary, self.resource):
            if layer is not None:
                yield layer

    def asked_keys(self) -> frozenset[str]:
        """Return the context keys, in lower case, that a statement reads."""
        found: set[str] = set()
        for layer in self.layers():
            for statement in layer.statements:
                found |= keys_of(statement)
        return frozenset(found)


def keys_of(statement: CompiledStatement) -> frozenset[str]:
    """Return the context keys that a statement reads."""
    found = set(statement.resource_variable_keys)
    for condition in statement.conditions:
        found.add(condition.key)
        found |= condition.variable_keys
    return frozenset(found)


class ActionView:
    """Reduces statements to one action and resource; equal meanings give the same object.

    Conditions that `given` context values (by lower-case key) decide are left out. Views that share
    `known` give the same objects for the same meanings.
    """

    def __init__(
        self,
        action: str,
        resource: RequestedResource,
        compiler: Compiler,
        known: dict[object, CompiledStatement],
        given: Mapping[str, ContextValue],
    ) -> None:
        self._given = given
        self.action = action.lower()
        self.resource = resource
        self._index = compiler.catalogue.index_of.get(self.action)
        self._all_bits = compiler.catalogue.all_bits
        self._known = known
        self._seen: dict[CompiledStatement, CompiledStatement | None] = {}
        self._layers: dict[tuple[frozenset[CompiledStatement], bool, bool], ApplicableLayer] = {}

    def covers(self, statement: CompiledStatement) -> bool:
        """Whether a statement covers the action."""
        if self._index is None:
            return statement.covers_action(self.action)
        return bool(statement.action_bits >> self._index & 1)

    def statement(self, statement: CompiledStatement) -> CompiledStatement | None:
        """Return what is left of a statement, None if it does not apply."""
        if statement not in self._seen:
            self._seen[statement] = self._reduced(statement) if self.covers(statement) else None
        return self._seen[statement]

    def _reduced(self, statement: CompiledStatement) -> CompiledStatement | None:
        covered = self.resource.covered_by(statement)
        if covered is False:
            return None
        conditions = self._open_conditions(statement.conditions)
        if conditions is None:
            return None
        resources, not_resource = statement.resources, statement.not_resource
        if covered:
            resources, not_resource = None, False
        by_variable = bool(statement.resource_variable_keys)
        meaning = (
            statement.effect, statement.conditions, resources, not_resource, by_variable,
            statement.principals, statement.not_principal,
        )  # fmt: skip
        found = self._known.get(meaning)
        if found is None:
            reduced = replace(statement, conditions=conditions)
            found = self._known[meaning] = self._made(reduced, covered)
        return found

    def _open_conditions(
        self, conditions: tuple[CompiledCondition, ...]
    ) -> tuple[CompiledCondition, ...] | None:
        """Return the conditions that given values leave open; None: one of them never holds."""
        left = []
        for condition in conditions:
            holds = condition.holds(self._value)
            if holds is False:
                return None
            if holds is None:
                left.append(condition)
        return tuple(left)

    def _value(self, key: str) -> ContextValue:
        return self._given.get(key, UNKNOWN)

    def _made(self, statement: CompiledStatement, covered: bool | None) -> CompiledStatement:
        common = replace(
            statement, action_patterns=("*",), not_action=False, action_bits=self._all_bits
        )
        if covered is None and self.resource.is_exact:
            return common  # Variables decide, and the evaluator puts them in.
        bare = replace(
            common,
            resources=None,
            not_resource=False,
            resource_templates=(),
            resource_variable_keys=frozenset(),
        )
        if covered:
            return bare
        opened = _open_resource(statement.resources or (), statement.not_resource)
        return replace(bare, conditions=(*statement.conditions, opened))

    def layer(
        self,
        statements: Iterable[CompiledStatement],
        *,
        is_open: bool = False,
        may_allow_more: bool = False,
    ) -> ApplicableLayer:
        """Reduce the statements of one attachment point."""
        applying = frozenset(
            left for item in statements if (left := self.statement(item)) is not None
        )
        key = (applying, is_open, may_allow_more)
        found = self._layers.get(key)
        if found is None:
            found = self._layers[key] = ApplicableLayer(
                _without_idle(applying), is_open, may_allow_more
            )
        return found


@lru_cache(maxsize=65536)
def _open_resource(resources: tuple[str, ...], negated: bool) -> CompiledCondition:
    """Return a condition that is never known: whether the resource is one of a list's.

    One object for each list, so that what two statements say of it goes together.
    """
    return CompiledCondition(
        key=RESOURCE_KEY,
        operator=None,
        negated=negated,
        set_operator=None,
        if_exists=False,
        values=resources,
        written_operator="",
        templates=(),
        variable_keys=frozenset(),
    )


def _without_idle(statements: frozenset[CompiledStatement]) -> frozenset[CompiledStatement]:
    """Leave out what a statement beside it, of the same effect and without condition, covers."""
    sure = {s.effect for s in statements if _is_sure(s)}
    return frozenset(s for s in statements if s.effect not in sure or _is_sure(s))


def _is_sure(statement: CompiledStatement) -> bool:
    return statement.is_unconditional and statement.principals in (None, EVERYBODY)


class ApplicableLevels:
    """The levels above one another that bind an account, put together to what can decide.

    A deny at any level is a deny, whichever level it is at; a level counts by itself only where
    it does not allow everything, or where a policy there is not known.
    """

    def __init__(
        self,
        *,
        denies: frozenset[CompiledStatement] = frozenset(),
        own: tuple[ApplicableLayer, ...] = (),
    ) -> None:
        self._denies = denies
        self._own = own

    def below(self, layer: ApplicableLayer, *, must_allow: bool) -> ApplicableLevels:
        """Return the levels with one more. `must_allow`: of SCPs; RCPs only deny."""
        denies, own = self._denies | layer.denies, self._own
        if layer.is_open or (must_allow and not layer.allows_all):
            allows = frozenset(s for s in layer.statements if s.effect is Effect.ALLOW)
            added = ApplicableLayer(allows, layer.is_open)
            own = own if added in own else (*own, added)
        if denies == self._denies and own == self._own:
            return self
        return ApplicableLevels(denies=denies, own=own)

    def layers(self, allow: CompiledStatement) -> tuple[ApplicableLayer, ...]:
        """Return what is left to be decided; `allow`: a statement that allows everything."""
        if not self._denies:
            return self._own
        return (ApplicableLayer(_without_idle(self._denies) | {allow}), *self._own)
