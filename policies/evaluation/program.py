"""What is left of all policies once the action and the caller are known: a table of decisions.

The statements that cover the action become conjunctions of predicates (a resource element, a
condition). Predicates that read the same key share a cell, which remembers for each value of the
key which of them hold; the answers of all cells are the row of the table. A new value is tested
once, a new row is decided once, and everything after that is a look-up, three-valued answers
included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final, NamedTuple

from policies.compiled import CompiledCondition, CompiledStatement
from policies.evaluation.layers import BoundEntry, BoundLayer, Decider
from policies.evaluation.principal import Reach
from policies.evaluation.unknowns import OpenPredicate, decide_under_unknowns
from policies.evaluation.verdict import Decision, MatchedStatements, Rules, combine
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.document import Effect
from policies.language.variables import Lookup

RESOURCE: Final = ""
"""The name under which the resource's ARN is looked up; no context key is empty."""

_REMEMBERED: Final = 4096
"""How many values a cell, and how many rows a table, remembers before it forgets them all."""

Ternary = bool | None


class Predicate(NamedTuple):
    """Something that holds, does not, or is not known, by the values of `keys`.

    `condition` is set where it is one condition with fixed values: then what values its key can
    have at all is known to `decide_under_unknowns`.
    """

    keys: tuple[str, ...]
    test: Callable[[Lookup], Ternary]
    condition: CompiledCondition | None


class Clause(NamedTuple):
    """A statement that covers the action: it holds where all of its predicates do."""

    layer: int
    effect: Effect
    reach: Reach
    predicates: tuple[int, ...]


class CellAnswer(NamedTuple):
    """What a cell answers for one value: its predicates' answers, and which keys left them open."""

    answers: tuple[Ternary, ...]
    unknown_keys: tuple[str, ...]


class _KeyCell:
    """The predicates that read the same keys."""

    __slots__ = ("keys", "memo", "numbers", "predicates", "seen", "tests")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.predicates: list[int] = []
        self.tests: list[Callable[[Lookup], Ternary]] = []
        self.memo: dict[ContextValue | tuple[ContextValue, ...], int] = {}
        self.numbers: dict[CellAnswer, int] = {}
        self.seen: list[CellAnswer] = []

    def look(self, lookup: Lookup) -> int:
        """Test a value not met before and return the number of its answer."""
        values = tuple([lookup(key) for key in self.keys])
        answers = tuple([test(lookup) for test in self.tests])
        open_keys: tuple[str, ...] = ()
        if None in answers:
            open_keys = tuple(
                key for key, value in zip(self.keys, values, strict=True) if value is UNKNOWN
            )
        seen = CellAnswer(answers, open_keys)
        number = self.numbers.get(seen)
        if number is None:
            number = self.numbers[seen] = len(self.seen)
            self.seen.append(seen)
        if len(self.memo) >= _REMEMBERED:
            self.memo.clear()
        self.memo[values[0] if len(values) == 1 else values] = number
        return number


class Program:
    """Decides the requests of one caller for the actions that the same statements cover."""

    __slots__ = (
        "_by_key",
        "_cells",
        "_clauses",
        "_compound",
        "_derived",
        "_layers",
        "_lock",
        "_meanings",
        "_must",
        "_never",
        "_predicates",
        "_rcp_binds",
        "_resource",
        "_rules",
        "_table",
        "covering",
    )  # fmt: skip

    def __init__(
        self,
        layers: Sequence[BoundLayer],
        covering: Sequence[tuple[int, BoundEntry]],
        rules: Rules,
        special: Special,
        derived: Mapping[str, ContextValue],
    ) -> None:
        """`derived`: the values of keys that the request need not give."""
        self._derived = derived
        self.covering = frozenset(bound for _, bound in covering)
        self._lock = Lock()
        self._layers = layers
        self._rules = rules
        self._predicates: list[Predicate] = []
        self._meanings: list[object] = []
        numbers: dict[object, int] = {}
        self._must = self._number(numbers, special.must_allow_where)
        self._never = self._number(numbers, special.never_permitted_where)
        of_rcp = any(_is_rcp(layers[layer]) for layer, _ in covering)
        self._rcp_binds = self._number(numbers, special.rcp_binds_where if of_rcp else None)
        clauses: dict[Clause, None] = {}
        for layer, bound in covering:
            predicates = [
                self._number_statement(numbers, predicate) for predicate in _predicates_of(bound)
            ]
            if self._rcp_binds is not None and _is_rcp(layers[layer]):
                predicates.append(self._rcp_binds)
            effect = bound.entry.statement.effect
            distinct = tuple(dict.fromkeys(predicates))
            clauses[Clause(layer, effect, bound.reach, distinct)] = None
        self._clauses = _simplified(tuple(clauses))
        self._make_cells()
        self._table: dict[tuple[int, ...], Decision] = {}

    def _number(self, numbers: dict[object, int], predicate: Predicate | None) -> int | None:
        return (
            None if predicate is None else self._number_statement(numbers, (predicate, predicate))
        )

    def _number_statement(self, numbers: dict[object, int], keyed: tuple[object, Predicate]) -> int:
        identity, predicate = keyed
        found = numbers.get(identity)
        if found is None:
            found = numbers[identity] = len(self._predicates)
            self._predicates.append(predicate)
            self._meanings.append(identity)
        return found

    def _make_cells(self) -> None:
        used = {predicate for clause in self._clauses for predicate in clause.predicates}
        special = (self._must, self._never, self._rcp_binds)
        used.update(number for number in special if number is not None)
        cells: dict[tuple[str, ...], _KeyCell] = {}
        for number in sorted(used):
            predicate = self._predicates[number]
            cell = cells.setdefault(predicate.keys, _KeyCell(predicate.keys))
            cell.predicates.append(number)
            cell.tests.append(predicate.test)
        self._resource = cells.pop((RESOURCE,), None)
        simple = [cell for cell in cells.values() if len(cell.keys) == 1]
        default = self._derived.get
        self._by_key = [(cell.keys[0], default(cell.keys[0], ABSENT), cell.memo) for cell in simple]
        compound = [cell for cell in cells.values() if len(cell.keys) != 1]
        self._compound = [
            ([(key, default(key, ABSENT)) for key in cell.keys], cell.memo) for cell in compound
        ]
        resource = [self._resource] if self._resource else []
        self._cells = (*simple, *resource, *compound)

    def decide(self, resource: str, context: Mapping[str, ContextValue]) -> Decision:
        """Decide for one resource and one context (by lower-case key)."""
        try:
            return self._table[self._known_row(resource, context)]
        except KeyError:
            return self._decide_anew(resource, context)

    def row(self, resource: str, context: Mapping[str, ContextValue]) -> tuple[int, ...]:
        """Return what all cells answer; requests with an equal row are decided alike."""
        try:
            return self._known_row(resource, context)
        except KeyError:
            with self._lock:
                return self._new_row(resource, context)

    def _known_row(self, resource: str, context: Mapping[str, ContextValue]) -> tuple[int, ...]:
        """Return the row of values that were all met before.

        :raises KeyError: one was not.
        """
        get = context.get
        row = [memo[get(key, default)] for key, default, memo in self._by_key]
        if self._resource is not None:
            row.append(self._resource.memo[resource])
        for keys, memo in self._compound:
            values = [get(key, default) if key else resource for key, default in keys]
            row.append(memo[tuple(values)])
        return tuple(row)

    def _new_row(self, resource: str, context: Mapping[str, ContextValue]) -> tuple[int, ...]:
        lookup = self._lookup(resource, context)
        return tuple([cell.look(lookup) for cell in self._cells])

    def _lookup(self, resource: str, context: Mapping[str, ContextValue]) -> Lookup:
        def lookup(key: str) -> ContextValue:
            if not key:
                return resource
            value = context.get(key)
            return self._derived.get(key, ABSENT) if value is None else value

        return lookup

    def _decide_anew(self, resource: str, context: Mapping[str, ContextValue]) -> Decision:
        with self._lock:
            row = self._new_row(resource, context)
            found = self._table.get(row)
            if found is None:
                if len(self._table) >= _REMEMBERED:
                    self._table.clear()
                found = self._table[row] = self._settle(row)
            return found

    def _settle(self, row: tuple[int, ...]) -> Decision:
        answers, unsettled = self._answers(row)
        return decide_under_unknowns(self.combine, answers, unsettled)

    @property
    def keys(self) -> frozenset[str]:
        """The context keys, in lower case, that can decide; RESOURCE among them if it can."""
        return frozenset(key for cell in self._cells for key in cell.keys)

    def open_answers(
        self, resource: str, context: Mapping[str, ContextValue]
    ) -> tuple[list[Ternary], list[OpenPredicate]]:
        """Return the predicates' answers, for `combine`, and those that are not known."""
        with self._lock:
            return self._answers(self._new_row(resource, context))

    def _answers(self, row: tuple[int, ...]) -> tuple[list[Ternary], list[OpenPredicate]]:
        answers: list[Ternary] = [None] * len(self._predicates)
        unsettled: list[OpenPredicate] = []
        for cell, number in zip(self._cells, row, strict=True):
            seen = cell.seen[number]
            for predicate, answer in zip(cell.predicates, seen.answers, strict=True):
                answers[predicate] = answer
                if answer is None:
                    condition = self._predicates[predicate].condition
                    meaning = self._meanings[predicate]
                    unsettled.append(
                        OpenPredicate(predicate, seen.unknown_keys, condition, meaning)
                    )
        return answers, unsettled

    def combine(self, answers: Sequence[Ternary]) -> Decision:
        """Decide by the answers of all predicates; one that is not known counts as not holding."""
        denying: set[int] = set()
        allowing: dict[int, Reach] = {}
        for layer, effect, reach, predicates in self._clauses:
            for predicate in predicates:
                if not answers[predicate]:
                    break
            else:
                if effect is Effect.DENY:
                    denying.add(layer)
                elif reach > allowing.get(layer, Reach.NONE):
                    allowing[layer] = reach
        rules = self._rules
        if self._must is not None and answers[self._must]:
            rules = rules._replace(resource_policy_must_allow=True)
        if self._never is not None and answers[self._never]:
            rules = rules._replace(never_permitted=True)
        return combine(self._layers, MatchedStatements(frozenset(denying), allowing), rules)


class Special(NamedTuple):
    """Rules of single services that hang on the resource.

    `must_allow_where`: there the resource policy must allow explicitly. `rcp_binds_where`: there,
    and only there, resource control policies bind. `never_permitted_where`: there AWS itself
    refuses.
    """

    must_allow_where: Predicate | None
    rcp_binds_where: Predicate | None
    never_permitted_where: Predicate | None = None


def _is_rcp(layer: BoundLayer) -> bool:
    return layer.layer.decider is Decider.RESOURCE_CONTROL_POLICY


def _simplified(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Leave out clauses that an unconditional one of the same layer, effect and reach covers."""
    sure = {(c.layer, c.effect, c.reach) for c in clauses if not c.predicates}
    return tuple(c for c in clauses if not c.predicates or (c.layer, c.effect, c.reach) not in sure)


def _predicates_of(bound: BoundEntry) -> list[tuple[object, Predicate]]:
    statement = bound.entry.statement
    predicates: list[tuple[object, Predicate]] = []
    if statement.resources is not None:
        predicates.append(_resource_predicate(statement))
    predicates.extend(
        (condition, _condition_predicate(condition)) for condition in statement.conditions
    )
    if not bound.certain:
        predicates.append((bound, Predicate((RESOURCE,), _not_known, None)))
    return predicates


def _resource_predicate(statement: CompiledStatement) -> tuple[object, Predicate]:
    identity = (statement.resource_templates, statement.not_resource)
    if not statement.resource_variable_keys:
        test = statement.fixed_resource_test
        if test is not None:
            fixed = test
            return identity, Predicate(
                (RESOURCE,), lambda lookup: fixed(str(lookup(RESOURCE))), None
            )
    keys = (RESOURCE, *sorted(statement.resource_variable_keys))
    return identity, Predicate(
        keys, lambda lookup: statement.covers_resource(str(lookup(RESOURCE)), lookup), None
    )


def _condition_predicate(condition: CompiledCondition) -> Predicate:
    test = condition.fixed_test
    if test is None:
        keys = tuple(sorted({condition.key, *condition.variable_keys}))
        return Predicate(keys, condition.holds, None)
    fixed, key = test, condition.key
    known = condition if condition.operator is not None else None
    return Predicate((key,), lambda lookup: fixed(lookup(key)), known)


def _not_known(_: Lookup) -> Ternary:
    return None
