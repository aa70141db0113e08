"""Condition keys: unknown ones, and keys that the statement's actions do not supply.

Source: IAM user guide, "AWS global condition context keys", "Single-valued vs. multivalued context
keys"; Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.document import Condition, Effect, Operator, SetOperator, Statement
from policies.language.json_reader import shown
from policies.lint.finding import LintFinding
from policies.lint.keys import (
    KeyFacts,
    find_key,
    is_identity_provider_key,
    is_of_no_action,
    suggest_key,
)
from policies.lint.subject import LintSubject, some_names

_BY_ACTION: Final = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
"""Global keys for which the catalogue lists the actions that supply them."""


def check_condition_keys(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield keys that AWS does not have, or that say nothing about these actions."""
    for index, statement, compiled in subject.statements():
        yield from _repeated(subject, index, statement)
        for condition in statement.conditions:
            facts = find_key(subject.catalogue, condition.key)
            if facts is None:
                yield from _unknown(subject, index, condition)
            else:
                yield from _not_supplied(subject, index, condition, compiled, facts)
                yield from _set_operator(subject, index, condition, compiled, facts)


def _repeated(subject: LintSubject, index: int, statement: Statement) -> Iterator[LintFinding]:
    """Yield keys that stand twice below one operator, in different case."""
    seen: dict[tuple[str, str], Condition] = {}
    for condition in statement.conditions:
        first = seen.setdefault(
            (condition.written_operator.lower(), condition.key.lower()), condition
        )
        if first is condition:
            continue
        if first.key != condition.key:
            what, one, other = "key", first.key, condition.key
        else:
            what, one, other = "operator", first.written_operator, condition.written_operator
        yield subject.warning(
            "repeated_condition_key",
            f"{shown(one)} and {shown(other)} are the same {what}, since case does not count; "
            "both conditions must then hold. Merge them into one with all the values.",
            condition.path,
            index,
        )


def _unknown(subject: LintSubject, index: int, condition: Condition) -> Iterator[LintFinding]:
    key = condition.key
    if is_identity_provider_key(key) or ":" not in key:
        return
    better = suggest_key(subject.catalogue, key)
    hint = f"Did you mean '{better}'?" if better else "Correct it or remove the condition."
    absent = _when_absent(condition)
    yield subject.warning(
        "unknown_condition_key",
        f"AWS has no condition key {shown(key)}; {absent}. {hint}",
        condition.path,
        index,
    )


def _when_absent(condition: Condition) -> str:
    holds = (
        condition.if_exists
        or condition.set_operator is SetOperator.FOR_ALL_VALUES
        or (condition.negated and condition.set_operator is None)
    )
    if condition.operator is Operator.NULL:
        holds = "true" in {value.lower() for value in condition.values}
    return "the condition always holds" if holds else "the condition never holds"


def _not_supplied(
    subject: LintSubject,
    index: int,
    condition: Condition,
    compiled: CompiledStatement,
    facts: KeyFacts,
) -> Iterator[LintFinding]:
    key = condition.key.lower()
    if facts.is_global and not key.startswith(_BY_ACTION):
        return
    if is_identity_provider_key(key) or compiled.not_action:
        return
    if not facts.is_global and is_of_no_action(subject.catalogue, key):
        return
    catalogue = subject.catalogue
    supplying = catalogue.key_bits(key)
    without = compiled.action_bits & ~supplying
    if not without or not compiled.action_bits:
        return
    names = catalogue.actions(without)
    if without == compiled.action_bits:
        yield subject.warning(
            "key_not_supplied",
            f"No action of this statement supplies {shown(condition.key)}, so "
            f"{_when_absent(condition)}; use a key that {some_names(names, shown=2)} supplies.",
            condition.path,
            index,
        )
    elif any("*" not in pattern for pattern in compiled.action_patterns) or _acts(condition):
        yield subject.note(
            "key_not_supplied_by_all",
            f"{shown(condition.key)} is not supplied by {some_names(names)}: for these "
            f"{_when_absent(condition)}. Put them into a separate statement if that is not "
            "intended.",
            condition.path,
            index,
        )


def _acts(condition: Condition) -> bool:
    return condition.negated or condition.if_exists


def _set_operator(
    subject: LintSubject,
    index: int,
    condition: Condition,
    compiled: CompiledStatement,
    facts: KeyFacts,
) -> Iterator[LintFinding]:
    if condition.operator is Operator.NULL:
        return
    if facts.is_multivalued and condition.set_operator is None:
        yield subject.warning(
            "set_operator_missing",
            f"{shown(condition.key)} holds several values; say ForAllValues: or ForAnyValue: "
            f"before {condition.written_operator}.",
            condition.path,
            index,
        )
    if not facts.is_multivalued and condition.set_operator is not None:
        yield _on_single_value(subject, index, condition)
    if (
        condition.set_operator is SetOperator.FOR_ALL_VALUES
        and compiled.effect is Effect.ALLOW
        and not _required(condition, compiled)
    ):
        yield subject.warning(
            "for_all_values_allows_missing",
            f"ForAllValues holds where {shown(condition.key)} is missing, so this allows requests "
            f'without it; add "Null": {{"{condition.key}": "false"}}.',
            condition.path,
            index,
        )


def _on_single_value(subject: LintSubject, index: int, condition: Condition) -> LintFinding:
    """Report a set operator that can only decide what a missing key does, and say what it does.

    Source: IAM user guide, "Single-valued vs. multivalued context keys" (set operators there "can
    lead to overly permissive policies"), "Set operators for multivalued context keys".
    """
    code, plain = "set_operator_on_single_value", _plain(condition)
    says = f"{shown(condition.key)} holds one value"
    for_all = condition.set_operator is SetOperator.FOR_ALL_VALUES
    if for_all and not condition.negated and not condition.if_exists:
        says += f", and ForAllValues also holds where it is missing. Write {plain}, or {plain}"
        return subject.warning(code, f"{says}IfExists if that is intended.", condition.path, index)
    if for_all or not condition.negated or condition.if_exists:
        says += f", so {condition.written_operator} is the same as {plain}; write that."
    else:
        says += f"; where it is missing, {plain} holds and {condition.written_operator} does not. "
        says += f'If that is intended, write {plain} and "Null": {{"{condition.key}": "false"}}.'
    return subject.note(code, says, condition.path, index)


def _plain(condition: Condition) -> str:
    return condition.written_operator.partition(":")[2]


def _required(condition: Condition, compiled: CompiledStatement) -> bool:
    return any(
        other.operator is Operator.NULL
        and other.key == condition.key.lower()
        and set(map(str.lower, other.values)) == {"false"}
        for other in compiled.conditions
    )
