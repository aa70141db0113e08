"""Level by level and statement by statement: what matched, what did not, and why.

No trace is recorded while deciding; it is made on request. Statements are remembered by the
values they read, so a trace of many requests costs little more than their decisions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from policies.compiled import CompiledCondition
from policies.evaluation.aws_rules import AwsRule, RuleKind
from policies.evaluation.layers import BoundEntry, BoundLayer, Decider
from policies.evaluation.principal import Reach
from policies.evaluation.verdict import DecisionOutcome
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.document import Effect
from policies.language.operators import OperatorParts, operator_name

_REMEMBERED: Final = 1024

_Lookup = Callable[[str], ContextValue]

Ternary = bool | None


@dataclass(frozen=True, eq=False)
class MatchReason:
    """One element of a statement, whether it holds (None: not known), and a sentence for people.

    `element` is Action, NotAction, Principal, NotPrincipal, Resource, NotResource or Condition.
    For a condition, `operator`, `key`, `values` and the key's `value` in the request are set.
    """

    element: str
    holds: Ternary
    text: str
    operator: str | None = None
    key: str | None = None
    values: tuple[str, ...] = ()
    value: ContextValue = ABSENT

    def as_json(self) -> dict[str, object]:
        """Return the JSON form: `value` is null where absent, `"value_unknown": true` else."""
        found: dict[str, object] = {
            "element": self.element,
            "holds": self.holds,
            "text": self.text,
        }
        if self.operator is not None:
            found.update(operator=self.operator, key=self.key, values=self.values)
            if self.value is UNKNOWN:
                found["value_unknown"] = True
            else:
                found["value"] = None if self.value is ABSENT else self.value
        return found


@dataclass(frozen=True, eq=False)
class StatementTrace:
    """What became of one statement; `policy` and `statement` count from 0 within the layer."""

    policy: int
    statement: int
    sid: str | None
    effect: Effect
    matched: Ternary
    because: tuple[MatchReason, ...]

    @cached_property
    def json_text(self) -> str:
        """The JSON form as text."""
        return json.dumps(
            {
                "policy": self.policy,
                "statement": self.statement,
                "sid": self.sid,
                "effect": self.effect,
                "matched": self.matched,
                "because": [reason.as_json() for reason in self.because],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What became of one attachment point. `exempt` says why it does not apply, if so.

    `result`: `explicitDeny`, `allowed`, `implicitDeny` (nothing allows here) or `unknown`; None
    for a layer that does not apply. `rule`: set where no policy but AWS itself decides; then there
    are no statements.
    """

    decider: Decider
    target_id: str | None
    result: DecisionOutcome | None
    exempt: str | None
    statements: tuple[StatementTrace, ...]
    rule: AwsRule | None = None

    @cached_property
    def json_text(self) -> str:
        """The JSON form as text; `rule` with its text and source where AWS itself decides."""
        members: dict[str, object] = {
            "policy_type": self.decider,
            "target_id": self.target_id,
            "result": self.result,
            "exempt": self.exempt,
        }
        if self.rule is not None:
            members["rule"] = {"text": self.rule.text, "source": self.rule.source}
        head = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        statements = ",".join([statement.json_text for statement in self.statements])
        return f'{head[:-1]},"statements":[{statements}]}}'


@lru_cache(maxsize=256)
def rule_trace(rule: AwsRule, holds: Ternary) -> LayerTrace:
    """Trace a rule of AWS's own that holds, or may (None)."""
    if rule.kind is RuleKind.NO_PERMISSION_NEEDED:
        return LayerTrace(Decider.ALWAYS_ALLOWED, None, DecisionOutcome.ALLOWED, None, (), rule)
    result = DecisionOutcome.EXPLICIT_DENY if holds else DecisionOutcome.UNKNOWN
    return LayerTrace(Decider.NEVER_PERMITTED, None, result, None, (), rule)


class Sheet:
    """Traces the requests of one caller for the actions that the same statements cover."""

    def __init__(
        self,
        layers: Iterable[BoundLayer],
        covering: frozenset[BoundEntry],
        derived: Mapping[str, ContextValue],
        exemptions: Mapping[Decider, str],
    ) -> None:
        """`exemptions`: why layers do not apply to these requests, by what they decide."""
        self._derived = derived
        self._layers: list[_LayerSheet] = []
        for bound in layers:
            exempt = bound.exempt or exemptions.get(bound.layer.decider)
            self._layers.append(_LayerSheet(bound, exempt, covering))

    def trace(self, resource: str, context: Mapping[str, ContextValue]) -> tuple[LayerTrace, ...]:
        """Trace one request."""
        derived = self._derived

        def lookup(key: str) -> ContextValue:
            value = context.get(key)
            return derived.get(key, ABSENT) if value is None else value

        return tuple([layer.trace(resource, lookup) for layer in self._layers])


class _Lines:
    """A statement that covers the action; remembers its traces by the values it reads."""

    __slots__ = ("_bound", "_keys", "_memo", "_spelled")

    def __init__(self, bound: BoundEntry) -> None:
        self._bound = bound
        statement = bound.entry.statement
        keys = {condition.key for condition in statement.conditions}
        for condition in statement.conditions:
            keys |= condition.variable_keys
        keys |= statement.resource_variable_keys
        self._keys = tuple(sorted(keys))
        self._memo: dict[tuple[str | ContextValue, ...], StatementTrace] = {}
        written = bound.entry.written
        self._spelled = {c.key.lower(): c.key for c in written.conditions} if written else {}

    def trace(self, resource: str, lookup: _Lookup) -> StatementTrace:
        values = (resource, *[lookup(key) for key in self._keys])
        found = self._memo.get(values)
        if found is None:
            if len(self._memo) >= _REMEMBERED:
                self._memo.clear()
            found = self._memo[values] = self._make(resource, lookup)
        return found

    def _make(self, resource: str, lookup: _Lookup) -> StatementTrace:
        entry = self._bound.entry
        statement = entry.statement
        reasons = [_action_reason(self._bound, covered=True)]
        if self._bound.by_boundary:
            reasons.append(MatchReason("NotPrincipal", True, _BOUNDED))
        if not self._bound.certain:
            reasons.append(
                MatchReason(
                    "Principal", None, "a canonical user id does not say which account it is of"
                )
            )
        if statement.resources is not None:
            element = "NotResource" if statement.not_resource else "Resource"
            holds = statement.covers_resource(resource, lookup)
            reasons.append(MatchReason(element, holds, _resource_text(element, holds, resource)))
        reasons += [self._condition_reason(c, lookup) for c in statement.conditions]
        answers = [reason.holds for reason in reasons]
        matched: Ternary = False if False in answers else None if None in answers else True
        return _statement_trace(self._bound, matched, reasons)

    def _condition_reason(self, condition: CompiledCondition, lookup: _Lookup) -> MatchReason:
        value = lookup(condition.key)
        holds = condition.holds(lookup)
        operator = condition.written_operator
        if condition.operator is not None:
            operator = operator_name(
                OperatorParts(
                    condition.operator,
                    condition.negated,
                    condition.set_operator,
                    condition.if_exists,
                )
            )
        key = self._spelled.get(condition.key, condition.key)
        if condition.operator is None:
            text = (
                f"{operator} is not a condition operator of AWS, so whether this holds is not known"
            )
        else:
            verdict = {True: "holds", False: "does not hold", None: "may hold or not"}[holds]
            text = (
                f"{key} {_value_text(value)}: {operator} {_list_text(condition.values)} {verdict}"
            )
        return MatchReason("Condition", holds, text, operator, key, condition.values, value)


class _LayerSheet:
    def __init__(
        self, bound: BoundLayer, exempt: str | None, covering: frozenset[BoundEntry]
    ) -> None:
        self._layer = bound.layer
        self._fixed: LayerTrace | None = None
        self._rows: list[_Lines | StatementTrace] = []
        self._memo: dict[tuple[StatementTrace, ...], LayerTrace] = {}
        if exempt is not None:
            self._fixed = LayerTrace(bound.layer.decider, bound.layer.target_id, None, exempt, ())
            return
        for entry in bound.entries:
            if entry in covering:
                self._rows.append(_Lines(entry))
            else:
                self._rows.append(_statement_trace(entry, False, [_why_not(entry)]))

    def trace(self, resource: str, lookup: _Lookup) -> LayerTrace:
        if self._fixed is not None:
            return self._fixed
        statements = tuple(
            [
                row if isinstance(row, StatementTrace) else row.trace(resource, lookup)
                for row in self._rows
            ]
        )
        found = self._memo.get(statements)
        if found is None:
            if len(self._memo) >= _REMEMBERED:
                self._memo.clear()
            found = self._memo[statements] = LayerTrace(
                self._layer.decider,
                self._layer.target_id,
                _result(self._layer.decider, statements),
                None,
                statements,
            )
        return found


def _result(decider: Decider, statements: Sequence[StatementTrace]) -> DecisionOutcome:
    denies = [s.matched for s in statements if s.effect is Effect.DENY]
    allows = [s.matched for s in statements if s.effect is Effect.ALLOW]
    if True in denies:
        return DecisionOutcome.EXPLICIT_DENY
    if None in denies:
        return DecisionOutcome.UNKNOWN
    if True in allows or decider is Decider.RESOURCE_CONTROL_POLICY:
        return DecisionOutcome.ALLOWED
    return DecisionOutcome.UNKNOWN if None in allows else DecisionOutcome.IMPLICIT_DENY


_BOUNDED: Final = (
    "the caller has a permissions boundary, and a Deny with NotPrincipal denies every principal "
    "that has one, whatever NotPrincipal lists"
)


def _why_not(bound: BoundEntry) -> MatchReason:
    if bound.reach is Reach.NONE:
        negated = bound.entry.statement.not_principal
        element = "NotPrincipal" if negated else "Principal"
        text = "the caller is excepted" if negated else "the caller is not among its principals"
        return MatchReason(element, False, text)
    return _action_reason(bound, covered=False)


def _action_reason(bound: BoundEntry, *, covered: bool) -> MatchReason:
    if bound.entry.statement.not_action:
        text = "the action is not excepted" if covered else "the action is excepted"
        return MatchReason("NotAction", covered, text)
    text = "the action is among its actions" if covered else "the action is not among its actions"
    return MatchReason("Action", covered, text)


def _statement_trace(
    bound: BoundEntry, matched: Ternary, reasons: Sequence[MatchReason]
) -> StatementTrace:
    entry = bound.entry
    return StatementTrace(
        entry.policy,
        entry.number,
        entry.written.sid if entry.written else None,
        entry.statement.effect,
        matched,
        tuple(reasons),
    )


def _resource_text(element: str, holds: Ternary, resource: str) -> str:
    if holds is None:
        return f"whether it covers {resource} depends on a variable whose value is not known"
    if element == "NotResource":
        return f"{resource} is {'not ' if holds else ''}excepted"
    return f"{resource} is {'' if holds else 'not '}among its resources"


def _value_text(value: ContextValue) -> str:
    if value is UNKNOWN:
        return "is not known"
    if value is ABSENT or value == ():
        return "is absent"
    return f"is {value!r}" if isinstance(value, str) else f"is {_list_text(value)}"


def _list_text(values: object) -> str:
    return "[" + ", ".join(map(repr, values)) + "]" if isinstance(values, tuple) else str(values)
