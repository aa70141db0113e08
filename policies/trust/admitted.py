"""What the conditions on one key of a statement admit, decided by the engine.

The values of a key are a dimension of the comparison's boxes: a set of them is empty, or has a
value that is found. A policy variable whose value is not known here counts as any text, so that
what is proven holds for every value of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from policies.comparison.dimensions import AtomBits, KeyDimension
from policies.comparison.reasons import Undecided
from policies.comparison.text_space import TextSpace
from policies.compiled import CompiledCondition
from policies.language.conditions import ARN_OPERATORS, VARIABLE_OPERATORS
from policies.language.conditions.values import ContextValue
from policies.language.document import Condition, Operator, SetOperator
from policies.language.patterns import Glob, Literal, Piece, Wild, arn_glob, string_glob
from policies.language.variables import Variable, template

Pieces = tuple[Piece, ...]
Found = ContextValue | Undecided | None
"""A value that was found, why it is not known whether there is one, or None: there is none."""

_ANYTHING: Final[Pieces] = ("*",)


def fixed_condition(
    condition: Condition, *, expands: bool, known: Mapping[str, str]
) -> CompiledCondition:
    """Return a condition without policy variables.

    `known`: values by key in lower case; any other variable, and the key's own one, may stand for
    any text, so that the result admits at least what the condition admits.
    """
    operator, key = condition.operator, condition.key.lower()
    values: list[Pieces] = []
    loose = False
    for text in condition.values:
        pieces: list[Piece] = []
        open_ended = False
        for part in template(text, expands and operator in VARIABLE_OPERATORS):
            if not isinstance(part, Variable):
                pieces.append(part)
            elif part.key in known and part.key != key:
                pieces.append(Literal(known[part.key]))
            else:
                open_ended = True
                pieces.append("*")
        if open_ended and operator in (Operator.STRING_EQUALS, Operator.STRING_EQUALS_IGNORE_CASE):
            loose = True
        if not (open_ended and condition.negated):
            values.append(tuple(pieces))
        elif open_ended:
            # "Not one of some unknown texts" admits everything else, and possibly that, too.
            loose = False
    if loose and not condition.negated:
        operator, values = Operator.STRING_LIKE, _as_patterns(condition, values, expands)
    return compiled_condition(
        key,
        operator,
        tuple(values),
        negated=condition.negated,
        set_operator=condition.set_operator,
        if_exists=condition.if_exists,
    )


def _as_patterns(condition: Condition, values: list[Pieces], expands: bool) -> list[Pieces]:
    """Write values of StringEquals, of which some hold an unknown variable, for StringLike."""
    if condition.operator is Operator.STRING_EQUALS_IGNORE_CASE:
        return [_ANYTHING]
    made: list[Pieces] = []
    for text, pieces in zip(condition.values, values, strict=True):
        parts = template(text, expands)
        made.append(
            tuple(
                piece
                if isinstance(part, Variable) or isinstance(piece, Literal)
                else Literal(piece)
                for part, piece in zip(parts, pieces, strict=True)
            )
        )
    return made


@lru_cache(maxsize=65_536)
def compiled_condition(
    key: str,
    operator: Operator | None,
    values: tuple[Pieces, ...],
    *,
    negated: bool = False,
    set_operator: SetOperator | None = None,
    if_exists: bool = False,
) -> CompiledCondition:
    """Return a condition on a key (lower case) whose values hold no variables.

    Equal arguments give one object.
    """
    return CompiledCondition(
        key=key,
        operator=operator,
        negated=negated,
        set_operator=set_operator,
        if_exists=if_exists,
        values=tuple(map(_text, values)),
        written_operator="",
        templates=values,
        variable_keys=frozenset(),
    )


def _text(pieces: Pieces) -> str:
    return "".join(piece.text if isinstance(piece, Literal) else piece for piece in pieces)


def like(key: str, *pieces: Piece) -> CompiledCondition:
    """Return the condition that a key's text matches a pattern: `str` pieces hold wildcards."""
    return compiled_condition(key, Operator.STRING_LIKE, (pieces,))


def patterns(condition: CompiledCondition) -> Iterator[Glob]:
    """Yield what a positive condition on text admits, as patterns; nothing for any other."""
    if condition.negated:
        return
    for parts in condition.templates:
        pieces = tuple(part for part in parts if not isinstance(part, Variable))
        if condition.operator is Operator.STRING_LIKE:
            yield string_glob(pieces)
        elif condition.operator in ARN_OPERATORS:
            glob = arn_glob(pieces)
            if glob is not None:
                yield glob
        elif condition.operator in (Operator.STRING_EQUALS, Operator.STRING_EQUALS_IGNORE_CASE):
            yield string_glob((Literal(_text(pieces)),))


def leading_text(glob: Glob) -> str:
    """Return the text with which everything that a pattern matches begins."""
    first = glob.tokens[0] if glob.tokens else ""
    return "" if isinstance(first, Wild) else first


class AdmittedValues:
    """The values of one key for which some conditions on it all hold.

    `domain`: every text of the key matches one of these (none: any text), and none of `barred`.
    """

    def __init__(
        self,
        conditions: Iterable[CompiledCondition],
        *,
        domain: tuple[Glob, ...] = (),
        barred: tuple[Glob, ...] = (),
        seeds: tuple[str, ...] = (),
        is_list: bool = False,
        may_be_absent: bool = True,
    ) -> None:
        self._dimension = KeyDimension(
            TextSpace(domain=domain, barred=barred, seeds=seeds),
            AtomBits(),
            is_list=is_list,
            may_be_absent=may_be_absent,
        )
        self._conditions = tuple(conditions)
        self._bits = 0
        for condition in self._conditions:
            self._bits |= self._dimension.atom(condition)

    def some(self) -> Found:
        """Return a value that is admitted; None if none is."""
        return self._dimension.find(self._bits, 0)

    def outside(self, within: Iterable[CompiledCondition]) -> Found:
        """Return a value, or the absence, that is admitted though none of `within` holds for it."""
        false = 0
        for condition in within:
            false |= self._dimension.atom(condition)
        return self._dimension.find(self._bits, false)

    def missing(self) -> Found:
        """Return a value for which not all the conditions hold, where there is just one of them.

        :raises ValueError: there are several conditions.
        """
        if len(self._conditions) != 1:
            raise ValueError("only of one condition is it one question what it does not admit")
        return self._dimension.find(0, self._bits)

    def admits(self, value: ContextValue) -> bool:
        """Whether the conditions hold for one value, or for ABSENT."""
        return all(c.holds(lambda _: value) is True for c in self._conditions)
