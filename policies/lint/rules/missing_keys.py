"""What a condition says where its key is missing, which authors rarely think of.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" (evaluation of missing
keys), "...IfExists condition operators", "AWS: Specific access by MFA".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.document import Condition, Effect, Operator, SetOperator, Statement
from policies.language.json_reader import shown
from policies.lint.finding import LintFinding
from policies.lint.keys import KeyFacts, Presence, find_key
from policies.lint.reach import reaching_values
from policies.lint.subject import LintSubject, some_names

_MULTI_FACTOR: Final = "aws:multifactorauthpresent"
_MOST_ACTIONS: Final = 60
"""Beyond so many actions their resource types are not looked at one by one."""


def check_missing_keys(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield conditions that decide by the absence of their key."""
    for index, statement, compiled in subject.statements():
        for condition in statement.conditions:
            facts = find_key(subject.catalogue, condition.key)
            if facts is None or _guarded(condition, compiled):
                continue
            if condition.operator is Operator.NULL or facts.presence is Presence.ALWAYS:
                continue
            if condition.negated and not condition.set_operator and not condition.if_exists:
                yield from _negated(subject, index, condition, compiled, facts)
            if not condition.negated:
                yield from _positive(subject, index, statement, condition, facts)


def _negated(
    subject: LintSubject,
    index: int,
    condition: Condition,
    compiled: CompiledStatement,
    facts: KeyFacts,
) -> Iterator[LintFinding]:
    if facts.presence is Presence.SIGNED:
        return
    if compiled.effect is Effect.ALLOW:
        yield subject.warning(
            "negated_operator_allows_missing",
            f"{condition.written_operator} holds where {shown(condition.key)} is missing, so this "
            f'allows requests without it; add "Null": {{"{condition.key}": "false"}}.',
            condition.path,
            index,
        )
        return
    lacking = _types_without_key(subject, compiled, facts)
    if lacking:
        yield subject.warning(
            "if_exists_missing",
            f"{shown(condition.key)} comes with some of these resources only: the deny also hits "
            f"{some_names(lacking)}. Write {condition.written_operator}IfExists, or name the "
            "resources that supply the key.",
            condition.path,
            index,
        )
    else:
        yield subject.note(
            "negated_operator_denies_missing",
            f"{condition.written_operator} holds where {shown(condition.key)} is missing, so "
            f"requests without it are denied; write {condition.written_operator}IfExists if that "
            "is not intended.",
            condition.path,
            index,
        )


def _types_without_key(
    subject: LintSubject, compiled: CompiledStatement, facts: KeyFacts
) -> list[str]:
    """The resource types of the statement's actions that come without the key, if some have it."""
    catalogue = subject.catalogue
    key = facts.name
    bits = compiled.action_bits & catalogue.key_bits(key)
    if not bits or bits.bit_count() > _MOST_ACTIONS or facts.is_global or compiled.not_resource:
        return []
    found: dict[str, None] = {}
    for at in catalogue.indexes(bits):
        if any(own.name == key for own in catalogue.own_condition_keys(at)):
            continue
        for kind, _ in catalogue.resource_types(at):
            hit = reaching_values(compiled, kind) is not None
            if hit and key not in kind.condition_keys:
                found[f"{catalogue.names[at]} on {kind.name}"] = None
    return list(found)


def _positive(
    subject: LintSubject, index: int, statement: Statement, condition: Condition, facts: KeyFacts
) -> Iterator[LintFinding]:
    key = condition.key.lower()
    if statement.effect is Effect.ALLOW:
        if condition.if_exists and facts.presence is Presence.SOMETIMES:
            yield subject.warning(
                "if_exists_allows_missing",
                f"{condition.written_operator} holds where {shown(condition.key)} is missing, so "
                "this allows requests without it; write the operator without IfExists.",
                condition.path,
                index,
            )
        return
    denies_without = condition.operator is Operator.BOOL and any(
        value.lower() == "false" for value in condition.values
    )
    if (
        key == _MULTI_FACTOR
        and denies_without
        and not condition.if_exists
        and condition.set_operator is not SetOperator.FOR_ALL_VALUES
    ):
        yield subject.warning(
            "if_exists_missing",
            f"{shown(condition.key)} is missing where someone uses long-term access keys, and "
            "then this deny does not apply; write BoolIfExists.",
            condition.path,
            index,
        )


def _guarded(condition: Condition, compiled: CompiledStatement) -> bool:
    """Whether the statement asks for the key's presence beside the condition."""
    return any(
        other.operator is Operator.NULL
        and other.key == condition.key.lower()
        and set(map(str.lower, other.values)) == {"false"}
        for other in compiled.conditions
    )
