"""StringEquals, StringEqualsIgnoreCase, StringLike.

Source: IAM user guide, "String condition operators". Only StringLike expands wildcards.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.language.conditions.values import Leaf
from policies.language.document import Operator
from policies.language.patterns import Literal, Piece, any_matches, string_glob


def plain_text(pieces: Sequence[Piece]) -> str:
    """Return a value's text where wildcards mean nothing."""
    return "".join(piece.text if isinstance(piece, Literal) else piece for piece in pieces)


def string_leaf(operator: Operator, values: Sequence[Sequence[Piece]]) -> Leaf:
    """Return the test of one text against a string operator's values."""
    if operator is Operator.STRING_LIKE:
        return any_matches([string_glob(value) for value in values])
    texts = frozenset(map(plain_text, values))
    if operator is Operator.STRING_EQUALS:
        return texts.__contains__
    lowered = frozenset(text.lower() for text in texts)
    return lambda text: text.lower() in lowered
