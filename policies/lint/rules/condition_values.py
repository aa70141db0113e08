"""Condition values that cannot match, and policy variables that stay plain text.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "…: Variables and tags".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.language.conditions import (
    ARN_OPERATORS,
    DATE_OPERATORS,
    NUMERIC_OPERATORS,
    VARIABLE_OPERATORS,
)
from policies.language.conditions.boolean import parse_boolean
from policies.language.conditions.dates import parse_date
from policies.language.conditions.ip import parse_network
from policies.language.conditions.numeric import parse_number
from policies.language.document import Condition, Operator
from policies.language.json_reader import shown
from policies.language.patterns import arn_glob
from policies.language.variables import template, variable_keys
from policies.lint.finding import LintFinding
from policies.lint.keys import find_key, is_identity_provider_key, suggest_key
from policies.lint.subject import LintSubject

_Check = Callable[[str], bool]


class _LiteralWildcard(TypedDict):
    key: str
    values: str


_SHAPES: Final[tuple[tuple[frozenset[Operator], _Check, str], ...]] = (
    (NUMERIC_OPERATORS, lambda value: parse_number(value) is not None, "a number such as 3600"),
    (
        DATE_OPERATORS,
        lambda value: parse_date(value) is not None,
        "a date such as 2026-01-31T00:00:00Z, or seconds since 1970",
    ),
    (
        frozenset({Operator.BOOL, Operator.NULL}),
        lambda value: parse_boolean(value) is not None,
        "true or false",
    ),
    (
        frozenset({Operator.IP_ADDRESS}),
        lambda value: parse_network(value) is not None,
        "an address or a range such as 203.0.113.0/24",
    ),
    (
        ARN_OPERATORS,
        lambda value: arn_glob((value,)) is not None,
        "an ARN of six parts such as arn:aws:iam::*:role/Admin",
    ),
)
_COMPARES_TEXT: Final = frozenset({Operator.STRING_EQUALS, Operator.STRING_EQUALS_IGNORE_CASE})
_WRITTEN_VARIABLE = re.compile(r"\$\{[^}]*\}")


def check_condition_values(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield values that can never match, and variables that are none."""
    for index, statement, _ in subject.statements():
        for condition in statement.conditions:
            yield from _shape(subject, index, condition)
            yield from _wildcard_in_equals(subject, index, condition)
            if condition.operator in VARIABLE_OPERATORS:
                for value in condition.values:
                    yield from _variables(subject, index, value, condition.path)
        for element, values in (
            ("Resource", statement.resources),
            ("NotResource", statement.not_resources),
        ):
            for value in values or ():
                yield from _variables(subject, index, value, (*statement.path, element))


def fits(operator: Operator | None, value: str) -> bool:
    """Whether a value has the form that an operator compares with; variables may have any."""
    return "${" in value or all(
        check(value) for operators, check, _ in _SHAPES if operator in operators
    )


def _shape(subject: LintSubject, index: int, condition: Condition) -> Iterator[LintFinding]:
    for operators, _, wanted in _SHAPES:
        if condition.operator not in operators:
            continue
        for value in condition.values:
            if fits(condition.operator, value):
                continue
            yield subject.warning(
                "value_never_matches",
                f"{condition.written_operator} takes {wanted}; {shown(value)} is none and never "
                "matches.",
                condition.path,
                index,
            )


def _wildcard_in_equals(
    subject: LintSubject, index: int, condition: Condition
) -> Iterator[LintFinding]:
    if condition.operator not in _COMPARES_TEXT:
        return
    for value in condition.values:
        bare = _WRITTEN_VARIABLE.sub("", value)
        if ("*" in bare or "?" in bare) and not _is_literal(subject, condition.key, bare):
            better = "StringNotLike" if condition.negated else "StringLike"
            yield subject.warning(
                "wildcard_taken_literally",
                f"{condition.written_operator} takes the wildcard in {shown(value)} literally; "
                f"use {better}.",
                condition.path,
                index,
            )


def _is_literal(subject: LintSubject, key: str, value: str) -> bool:
    """Whether a key holds this very text, wildcard and all, in some request."""
    facts = find_key(subject.catalogue, key)
    literal = literal_wildcards().get(facts.name) if facts else None
    return literal is not None and re.fullmatch(literal, value) is not None


@lru_cache(maxsize=1)
def literal_wildcards() -> dict[str, str]:
    """Return the keys that hold texts with a `*` of their own, each with a regular expression."""
    text = resources.files("policies.lint").joinpath("literal_wildcards.json").read_text("utf-8")
    return {
        row["key"]: row["values"] for row in cast(list[_LiteralWildcard], json.loads(text)["keys"])
    }


def _variables(
    subject: LintSubject, index: int, value: str, path: tuple[str | int, ...]
) -> Iterator[LintFinding]:
    if "${" not in value:
        return
    if not subject.document.expands_variables:
        yield subject.warning(
            "variable_in_old_version",
            f'{shown(value)} is plain text in this version; write "Version": "2012-10-17".',
            path,
            index,
        )
        return
    for key in sorted(variable_keys(template(value, True))):
        facts = find_key(subject.catalogue, key)
        if facts is None:
            if is_identity_provider_key(key):
                continue
            if ":" not in key:
                yield subject.warning(
                    "placeholder", f"Fill in the placeholder of {shown(value)}.", path, index
                )
                continue
            better = suggest_key(subject.catalogue, key)
            hint = f" Did you mean '{better}'?" if better else ""
            yield subject.warning(
                "unknown_variable",
                f"AWS has no policy variable ${{{key}}}, so {shown(value)} never matches.{hint}",
                path,
                index,
            )
        elif facts.is_multivalued:
            yield subject.warning(
                "multivalued_variable",
                f"{facts.name} holds several values and cannot be a policy variable, so "
                f"{shown(value)} never matches.",
                path,
                index,
            )
