"""Sample values of a key: one of each kind that given conditions distinguish."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from functools import lru_cache
from ipaddress import ip_address
from itertools import pairwise
from typing import Final, NamedTuple

from policies.compiled import CompiledCondition
from policies.language.conditions import (
    ARN_OPERATORS,
    DATE_OPERATORS,
    NUMERIC_OPERATORS,
    STRING_OPERATORS,
)
from policies.language.conditions.dates import parse_date
from policies.language.conditions.ip import parse_network
from policies.language.conditions.numeric import ORDERED, parse_number
from policies.language.conditions.string import plain_text
from policies.language.conditions.values import ABSENT, Missing
from policies.language.document import Operator
from policies.language.patterns import Glob, Piece, arn_glob, string_glob
from policies.language.variables import resolve

FRESH: Final = "\x00 fresh"
"""A text that is not a number, date, address, boolean or base64, and that no policy writes."""

_MANY_DIGITS: Final = 400


class Patterns(NamedTuple):
    """A text condition's values: single texts, patterns with wildcards, or simply everything."""

    literals: frozenset[str]
    wild: tuple[Glob, ...]
    everything: bool


@lru_cache(maxsize=16384)
def fixed_values(condition: CompiledCondition) -> tuple[tuple[Piece, ...], ...]:
    """Return the values of a condition without variables of the request."""
    found = (resolve(parts, lambda _: ABSENT) for parts in condition.templates)
    return tuple(pieces for pieces in found if not isinstance(pieces, Missing))


@lru_cache(maxsize=16384)
def patterns(condition: CompiledCondition) -> Patterns:
    """Take the values of a string or ARN condition apart; empty for every other operator."""
    operator = condition.operator
    values = fixed_values(condition)
    if operator is Operator.STRING_LIKE:
        globs = [string_glob(value) for value in values]
    elif operator in ARN_OPERATORS:
        globs = [glob for value in values if (glob := arn_glob(value)) is not None]
    elif operator in STRING_OPERATORS:
        return Patterns(frozenset(map(plain_text, values)), (), False)
    else:
        return Patterns(frozenset(), (), False)
    literals = {literal for glob in globs if (literal := glob.literal) is not None}
    wild = tuple(g for g in dict.fromkeys(globs) if g.literal is None and not g.matches_all)
    return Patterns(frozenset(literals), wild, any(glob.matches_all for glob in globs))


def limits_of(condition: CompiledCondition) -> list[Decimal]:
    """Return the numbers, or seconds since 1970, that a numeric or date condition names."""
    parse = parse_number if condition.operator in NUMERIC_OPERATORS else parse_date
    texts = map(plain_text, fixed_values(condition))
    return [limit for text in texts if (limit := parse(text)) is not None]


def is_ordered(condition: CompiledCondition) -> bool:
    """Whether the condition compares numbers or dates."""
    return condition.operator in NUMERIC_OPERATORS or condition.operator in DATE_OPERATORS


def number_samples(conditions: Iterable[CompiledCondition]) -> list[Decimal]:
    """Return every limit, one number between each two, one below and one above all."""
    limits = sorted({limit for c in conditions if is_ordered(c) for limit in limits_of(c)})
    if not limits:
        return []
    with localcontext() as context:
        context.prec = _MANY_DIGITS
        between = [(a + b) / 2 for a, b in pairwise(limits)]
        return [Decimal("-Infinity"), *limits, *between, Decimal("Infinity")]


def number_meets(condition: CompiledCondition, number: Decimal) -> bool:
    """Whether a number or date meets an ordered condition, taken without its set operator."""
    operator = condition.operator
    limits = limits_of(condition)
    if operator is None or not limits:
        return condition.negated
    relation = operator.value.removeprefix("Numeric").removeprefix("Date")
    return ORDERED[relation](number, limits) is not condition.negated


def text_samples(condition: CompiledCondition) -> list[str]:
    """Return texts that a condition other than numeric, date or pattern distinguishes."""
    operator = condition.operator
    if operator in STRING_OPERATORS or operator in ARN_OPERATORS:
        literals = sorted(patterns(condition).literals)
        if operator is Operator.STRING_EQUALS_IGNORE_CASE:
            return [*literals, *(text.swapcase() for text in literals)]
        return literals
    texts = list(map(plain_text, fixed_values(condition)))
    if operator is Operator.BOOL:
        return ["true", "false"]
    if operator is Operator.IP_ADDRESS:
        return _addresses(texts)
    return texts


def _addresses(texts: Iterable[str]) -> list[str]:
    """Return an address of every stretch between the first and last addresses of ranges."""
    # Addresses to compare, none to bind to.
    found = {"0.0.0.0": None, "::": None}  # noqa: S104  # nosec B104
    for text in texts:
        network = parse_network(text)
        if network is None:
            continue
        found[str(network.network_address)] = None
        last = int(network.broadcast_address)
        if last + 1 < 1 << network.max_prefixlen:
            kind = type(network.network_address)
            found[str(kind(last + 1))] = None
    return [str(ip_address(text)) for text in found]
