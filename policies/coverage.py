"""Whether one statement covers another: a sufficient test, true only where it is certain.

It reads patterns as text. `policies.comparison` decides such questions exactly; this answers at
once for what an author sees while writing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.conditions import (
    ARN_OPERATORS,
    STRING_OPERATORS,
)
from policies.language.document import Operator, PrincipalElement, SetOperator
from policies.language.variables import Template


@lru_cache(maxsize=8192)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    # A `*` of the narrower pattern may only meet a `*` here, since it stands for any length.
    pieces = {"*": ".*", "?": "[^*]"}
    expression = "".join(
        pieces.get(char) or re.escape(char) for char in re.sub(r"\*+", "*", pattern)
    )
    return re.compile(expression, re.DOTALL).fullmatch


def pattern_covers(wide: str, narrow: str) -> bool:
    """Whether every text that `narrow` matches is matched by `wide` too; false if in doubt.

    Both are patterns in which wildcards match any characters, as in actions.
    """
    return wide in ("*", narrow) or _matcher(wide)(narrow) is not None


def patterns_cover(wide: Iterable[str], narrow: Iterable[str]) -> bool:
    """Whether each of `narrow` is covered by one of `wide`; false if in doubt."""
    listed = list(wide)
    return all(any(pattern_covers(w, n) for w in listed) for n in narrow)


@lru_cache(maxsize=8192)
def resource_covers(wide: str, narrow: str) -> bool:
    """Whether a Resource value covers another; false if in doubt.

    Wildcards in the first five parts of an ARN stay in their part (see `patterns.resource_glob`),
    so parts are compared one by one there. Neither value has a policy variable.
    """
    if wide in ("*", narrow):
        return True
    parts, others = wide.split(":", 5), narrow.split(":", 5)
    if len(parts) != 6 or len(others) != 6:
        return False
    return all(pattern_covers(part, other) for part, other in zip(parts, others, strict=True))


def covers(wide: CompiledStatement, narrow: CompiledStatement) -> bool:
    """Whether `wide` applies to every request that `narrow` applies to; false if in doubt.

    Effects are not looked at.
    """
    return wide is narrow or (
        (not narrow.action_bits & ~wide.action_bits)
        and actions_cover(wide, narrow)
        and resources_cover(wide, narrow)
        and principals_cover(wide, narrow)
        and conditions_cover(wide.conditions, narrow.conditions)
    )


def actions_cover(wide: CompiledStatement, narrow: CompiledStatement) -> bool:
    """The same for actions, also those that are not in the catalogue."""
    if not wide.not_action and "*" in wide.action_patterns:
        return True
    if not narrow.not_action:
        if not wide.not_action:
            return patterns_cover(wide.action_patterns, narrow.action_patterns)
        return _disjoint(wide.action_patterns, narrow.action_patterns)
    return wide.not_action and patterns_cover(narrow.action_patterns, wide.action_patterns)


def _disjoint(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether no action matches both lists, judged by what they begin with."""
    heads = [re.split(r"[*?]", pattern, maxsplit=1)[0] for pattern in right]
    return not any(
        head.startswith(own) or own.startswith(head)
        for pattern in left
        for own in (re.split(r"[*?]", pattern, maxsplit=1)[0],)
        for head in heads
    )


def resources_cover(wide: CompiledStatement, narrow: CompiledStatement) -> bool:
    """The same for resources."""
    if wide.resources is None:
        return True
    if narrow.resources is None or wide.not_resource is not narrow.not_resource:
        return False
    outer, inner = wide, narrow
    if wide.not_resource:
        outer, inner = narrow, wide
    return all(
        covers_resource(outer, text, parts)
        for text, parts in zip(inner.resources or (), inner.resource_templates, strict=True)
    )


def covers_resource(statement: CompiledStatement, text: str, parts: Template) -> bool:
    """Whether a statement's Resource list covers one value; false if in doubt.

    `parts`: the value taken apart, for the same text may be a variable or not.
    """
    return parts in statement.resource_templates or (
        "${" not in text
        and any(
            resource_covers(wide, text) for wide in statement.resources or () if "${" not in wide
        )
    )


_EVERYBODY = PrincipalElement("*", "*")


def principals_cover(wide: CompiledStatement, narrow: CompiledStatement) -> bool:
    """The same for principals."""
    if (wide.principals, wide.not_principal) == (narrow.principals, narrow.not_principal):
        return True
    if wide.not_principal or narrow.not_principal:
        return False
    if wide.principals is None or narrow.principals is None:
        return False
    return _EVERYBODY in wide.principals or set(narrow.principals) <= set(wide.principals)


def conditions_cover(
    wide: Iterable[CompiledCondition], narrow: Iterable[CompiledCondition]
) -> bool:
    """Whether `wide` hold wherever `narrow` hold: each of them follows from one of the others."""
    given = list(narrow)
    return all(any(_follows(condition, other) for other in given) for condition in wide)


def _follows(condition: CompiledCondition, given: CompiledCondition) -> bool:
    """Whether `condition` holds wherever `given` holds."""
    if condition is given:
        return True
    same = (
        condition.key == given.key
        and condition.operator is given.operator
        and condition.operator is not None
        and condition.negated is given.negated
        and condition.set_operator is given.set_operator
        and (condition.if_exists or not given.if_exists)
    )
    if not same:
        return False
    if condition.operator not in _LISTS or condition.set_operator is SetOperator.FOR_ALL_VALUES:
        return condition.templates == given.templates
    left, right = set(condition.templates), set(given.templates)
    return left <= right if condition.negated else right <= left


_LISTS = STRING_OPERATORS | ARN_OPERATORS | {Operator.IP_ADDRESS, Operator.BINARY_EQUALS}
"""Operators whose list means "one of", so that a longer list matches more."""
