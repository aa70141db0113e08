"""The names of condition operators: `ForAllValues:StringNotLikeIfExists` → what it consists of."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from policies.language.document import Operator, SetOperator

_NEGATED: Final = {
    "StringNotEquals": Operator.STRING_EQUALS,
    "StringNotEqualsIgnoreCase": Operator.STRING_EQUALS_IGNORE_CASE,
    "StringNotLike": Operator.STRING_LIKE,
    "NumericNotEquals": Operator.NUMERIC_EQUALS,
    "DateNotEquals": Operator.DATE_EQUALS,
    "NotIpAddress": Operator.IP_ADDRESS,
    "ArnNotEquals": Operator.ARN_EQUALS,
    "ArnNotLike": Operator.ARN_LIKE,
}
NEGATABLE: Final = frozenset(_NEGATED.values())
"""The operators that AWS has negations of."""
_BY_NAME: Final = {
    **{operator.value.lower(): (operator, False) for operator in Operator},
    **{name.lower(): (operator, True) for name, operator in _NEGATED.items()},
}
_NEGATED_NAME: Final = {operator: name for name, operator in _NEGATED.items()}
_SETS: Final = {operator.value.lower(): operator for operator in SetOperator}

OPERATOR_NAMES: Final = tuple(sorted({*(o.value for o in Operator), *_NEGATED}))
"""Every operator as AWS spells it, without set operators and IfExists."""


class OperatorParts(NamedTuple):
    """What a written operator consists of; `operator` is None where AWS has no such operator."""

    operator: Operator | None
    negated: bool
    set_operator: SetOperator | None
    if_exists: bool


@lru_cache(maxsize=2048)
def operator_parts(written: str) -> OperatorParts:
    """Take an operator's name apart, ignoring case.

    `Null` takes no IfExists (IAM user guide, "...IfExists condition operators"), so
    `NullIfExists` is no operator.
    """
    rest = written.lower()
    set_operator: SetOperator | None = None
    prefix, colon, tail = rest.partition(":")
    if colon:
        set_operator = _SETS.get(prefix)
        if set_operator is None:
            return OperatorParts(None, False, None, False)
        rest = tail
    if_exists = rest.endswith("ifexists")
    base, negated = _BY_NAME.get(rest.removesuffix("ifexists"), (None, False))
    if if_exists and base is Operator.NULL:
        base = None
    return OperatorParts(base, negated, set_operator, if_exists)


def operator_name(parts: OperatorParts) -> str:
    """Spell an operator as AWS does.

    :raises ValueError: `parts` names no operator.
    """
    if parts.operator is None:
        raise ValueError("an unknown operator has no spelling of AWS's")
    name = _NEGATED_NAME[parts.operator] if parts.negated else parts.operator.value
    prefix = f"{parts.set_operator.value}:" if parts.set_operator else ""
    return f"{prefix}{name}{'IfExists' if parts.if_exists else ''}"
