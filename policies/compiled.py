"""The compiled form that evaluation, ceilings and comparison share.

Equal statements are one object and equal levels are one object, so `is` and `hash` compare
meaning: Sid, order, repetition, and the case of actions and of condition keys make no difference;
the case of values does. A `Compiler` owns those objects; use one per process
(`default_compiler()`), since the objects of two compilers never equal each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from weakref import WeakValueDictionary, ref

from policies.catalogue import Catalogue, load_catalogue
from policies.language.conditions import VARIABLE_OPERATORS, Test, make_test
from policies.language.conditions.values import UNKNOWN, Missing
from policies.language.document import (
    Condition,
    Effect,
    Operator,
    PolicyDocument,
    PrincipalElement,
    SetOperator,
    Statement,
)
from policies.language.patterns import Piece, action_glob, any_matches, resource_glob
from policies.language.variables import Lookup, Template, resolve, template, variable_keys


@dataclass(frozen=True, eq=False)
class CompiledCondition:
    """One condition. `key` is lower-case, `values` sorted and distinct, as written.

    `operator` is None where AWS has no such operator; `written_operator` then says which
    (and is "" otherwise). `templates` are the values taken apart, in the order of `values`;
    `variable_keys` the context keys they read, empty if the values are fixed.
    """

    key: str
    operator: Operator | None
    negated: bool
    set_operator: SetOperator | None
    if_exists: bool
    values: tuple[str, ...]
    written_operator: str
    templates: tuple[Template, ...] = field(repr=False)
    variable_keys: frozenset[str]

    @cached_property
    def fixed_test(self) -> Test | None:
        """The test of the key's value, one function for equal tests; None with variables."""
        if self.variable_keys:
            return None
        return self.bound_test(_no_value)

    def bound_test(self, lookup: Lookup) -> Test:
        """Return the test of the key's value with the variables' values from `lookup`."""
        values: list[tuple[Piece, ...]] = []
        incomplete = False
        for parts in self.templates:
            found = resolve(parts, lookup)
            if found is UNKNOWN:
                incomplete = True
            elif not isinstance(found, Missing):
                values.append(found)
        return make_test(
            self.operator,
            tuple(values),
            negated=self.negated,
            set_operator=self.set_operator,
            if_exists=self.if_exists,
            incomplete=incomplete,
        )

    def holds(self, lookup: Lookup) -> bool | None:
        """Whether the condition holds in a request; None where that is not known."""
        test = self.fixed_test or self.bound_test(lookup)
        return test(lookup(self.key))


@dataclass(frozen=True, eq=False)
class CompiledStatement:
    """One statement. Its identity is its meaning as written, without Sid, order and case.

    `action_bits`: the catalogue actions it covers, NotAction already turned round.
    `action_patterns` (lower case, sorted; `*` swallows the others) also decide about actions
    outside the catalogue: see `covers_action`. `resources` is None for every resource. Principals
    are None where the statement has no such element.
    """

    effect: Effect
    action_patterns: tuple[str, ...]
    not_action: bool
    action_bits: int = field(repr=False)
    resources: tuple[str, ...] | None
    not_resource: bool
    principals: tuple[PrincipalElement, ...] | None
    not_principal: bool
    conditions: tuple[CompiledCondition, ...]
    resource_templates: tuple[Template, ...] = field(repr=False)
    resource_variable_keys: frozenset[str]

    def covers_action(self, action: str) -> bool:
        """Whether the statement covers an action by name, in the catalogue or not; any case."""
        return self._action_test(action.lower()) is not self.not_action

    def covers_index(self, index: int) -> bool:
        """Whether the statement covers an action of the catalogue, by its index there."""
        found = self._action_bytes
        return index >> 3 < len(found) and bool(found[index >> 3] >> (index & 7) & 1)

    @cached_property
    def _action_bytes(self) -> bytes:
        # Shifting the int copies it; in bytes each bit has its place.
        return self.action_bits.to_bytes(self.action_bits.bit_length() // 8 + 1, "little")

    @cached_property
    def _action_test(self) -> Callable[[str], bool]:
        return any_matches(map(action_glob, self.action_patterns))

    @cached_property
    def fixed_resource_test(self) -> Callable[[str], bool] | None:
        """The test of a resource's ARN (or `*`); None if variables must be put in first."""
        if self.resource_variable_keys:
            return None
        if self.resources is None:
            return _covers_all
        test = any_matches(resource_glob(_fixed(parts)) for parts in self.resource_templates)
        if self.not_resource:
            return lambda arn: not test(arn)
        return test

    def covers_resource(self, arn: str, lookup: Lookup) -> bool | None:
        """Whether the statement covers a resource; None where that is not known."""
        test = self.fixed_resource_test
        if test is not None:
            return test(arn)
        unknown = False
        for parts in self.resource_templates:
            found = resolve(parts, lookup)
            if found is UNKNOWN:
                unknown = True
            elif not isinstance(found, Missing) and resource_glob(found).matches(arn):
                return not self.not_resource
        return None if unknown else self.not_resource

    @property
    def is_unconditional(self) -> bool:
        """Whether nothing but the action decides: every resource, no condition, no principal."""
        return (
            self.resources is None
            and not self.conditions
            and self.principals in (None, (PrincipalElement("*", "*"),))
            and not self.not_principal
        )


@dataclass(frozen=True, eq=False)
class PolicyLevel:
    """The distinct statements that hold at one place: a target's policies, or any other set."""

    statements: frozenset[CompiledStatement]
    allows: tuple[CompiledStatement, ...]
    denies: tuple[CompiledStatement, ...]


_ConditionKey = tuple[
    str, Operator | None, bool, SetOperator | None, bool, tuple[str, ...], str, bool
]
_StatementKey = tuple[
    Effect,
    tuple[str, ...],
    bool,
    tuple[str, ...] | None,
    bool,
    bool,
    tuple[PrincipalElement, ...] | None,
    bool,
    tuple[CompiledCondition, ...],
]


class Compiler:
    """Compiles documents against one catalogue; equal things are one object.

    An object goes when its last user drops it; a document's statements live as long as the
    document. Safe in threads.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._lock = Lock()
        self._documents: dict[int, tuple[ref[PolicyDocument], tuple[CompiledStatement, ...]]] = {}
        self._conditions: WeakValueDictionary[_ConditionKey, CompiledCondition] = (
            WeakValueDictionary()
        )
        self._statements: WeakValueDictionary[_StatementKey, CompiledStatement] = (
            WeakValueDictionary()
        )
        self._levels: WeakValueDictionary[frozenset[CompiledStatement], PolicyLevel] = (
            WeakValueDictionary()
        )

    def document(self, document: PolicyDocument) -> tuple[CompiledStatement, ...]:
        """Compile a document: one compiled statement for each of `document.statements`, in order.

        Two statements that mean the same are the same object, here and in any other document.
        """
        # By identity: hashing a document costs as much as compiling it.
        known = self._documents.get(id(document))
        if known is not None and known[0]() is document:
            return known[1]
        expands = document.expands_variables
        with self._lock:
            compiled = tuple(self._statement(item, expands) for item in document.statements)
        key, documents = id(document), self._documents
        documents[key] = (ref(document, lambda _: documents.pop(key, None)), compiled)
        return compiled

    def level(self, documents: Iterable[PolicyDocument]) -> PolicyLevel:
        """Compile all policies of one place, such as the SCPs attached to one target."""
        return self.level_of(
            statement for document in documents for statement in self.document(document)
        )

    def level_of(self, statements: Iterable[CompiledStatement]) -> PolicyLevel:
        """Return the one level that holds exactly these statements."""
        ordered = tuple(dict.fromkeys(statements))
        key = frozenset(ordered)
        with self._lock:
            found = self._levels.get(key)
            if found is None:
                found = PolicyLevel(
                    statements=key,
                    allows=tuple(s for s in ordered if s.effect is Effect.ALLOW),
                    denies=tuple(s for s in ordered if s.effect is Effect.DENY),
                )
                self._levels[key] = found
            return found

    def _statement(self, statement: Statement, expands: bool) -> CompiledStatement:
        not_action = statement.actions is None
        patterns = _patterns(statement.not_actions if not_action else statement.actions)
        not_resource = statement.not_resources is not None
        resources = _resources(statement)
        templates = tuple(template(text, expands) for text in resources or ())
        not_principal = statement.not_principals is not None
        named = statement.not_principals if not_principal else statement.principals
        principals = None if named is None else tuple(sorted(set(named)))
        conditions = self._sorted_conditions(statement.conditions, expands)
        keys = frozenset[str]().union(*map(variable_keys, templates))
        key = (
            statement.effect,
            patterns,
            not_action,
            resources,
            not_resource,
            expands and any("${" in text for text in resources or ()),
            principals,
            not_principal,
            conditions,
        )
        found = self._statements.get(key)
        if found is None:
            bits = self.catalogue.union(patterns)
            found = CompiledStatement(
                effect=statement.effect,
                action_patterns=patterns,
                not_action=not_action,
                action_bits=self.catalogue.all_bits & ~bits if not_action else bits,
                resources=resources,
                not_resource=not_resource,
                principals=principals,
                not_principal=not_principal,
                conditions=conditions,
                resource_templates=templates,
                resource_variable_keys=keys,
            )
            self._statements[key] = found
        return found

    def _sorted_conditions(
        self, conditions: Iterable[Condition], expands: bool
    ) -> tuple[CompiledCondition, ...]:
        keyed = {_condition_key(condition, expands) for condition in conditions}
        return tuple(self._condition(key) for key in sorted(keyed, key=repr))

    def _condition(self, identity: _ConditionKey) -> CompiledCondition:
        found = self._conditions.get(identity)
        if found is None:
            key, operator, negated, set_operator, if_exists, values, written, expands = identity
            templates = tuple(template(value, expands) for value in values)
            found = CompiledCondition(
                key=key,
                operator=operator,
                negated=negated,
                set_operator=set_operator,
                if_exists=if_exists,
                values=values,
                written_operator=written,
                templates=templates,
                variable_keys=frozenset[str]().union(*map(variable_keys, templates)),
            )
            self._conditions[identity] = found
        return found


@lru_cache(maxsize=1)
def default_compiler() -> Compiler:
    """Return this process's compiler, with the installed catalogue."""
    return Compiler(load_catalogue())


def _patterns(written: tuple[str, ...] | None) -> tuple[str, ...]:
    lowered = {pattern.lower() for pattern in written or ()}
    return ("*",) if "*" in lowered else tuple(sorted(lowered))


def _resources(statement: Statement) -> tuple[str, ...] | None:
    if statement.not_resources is not None:
        return tuple(sorted(set(statement.not_resources)))
    if statement.resources is None or "*" in statement.resources:
        return None
    return tuple(sorted(set(statement.resources)))


def _condition_key(condition: Condition, expands: bool) -> _ConditionKey:
    values = tuple(sorted(set(condition.values)))
    operator = condition.operator
    return (
        condition.key.lower(),
        operator,
        condition.negated,
        condition.set_operator,
        condition.if_exists,
        values,
        condition.written_operator.lower() if operator is None else "",
        expands and operator in VARIABLE_OPERATORS and any("${" in value for value in values),
    )


def _fixed(parts: Template) -> tuple[Piece, ...]:
    found = resolve(parts, _no_value)
    return () if isinstance(found, Missing) else found


def _no_value(_: str) -> Missing:
    return UNKNOWN


def _covers_all(_: str) -> bool:
    return True
