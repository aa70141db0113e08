"""ArnEquals and ArnLike, which behave alike: part by part, with wildcards.

Source: IAM user guide, "Amazon Resource Name (ARN) condition operators".
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.language.conditions.values import Leaf
from policies.language.patterns import Piece, any_matches, arn_glob


def arn_leaf(values: Sequence[Sequence[Piece]]) -> Leaf:
    """Return the test of one ARN against an ARN operator's values."""
    return any_matches([glob for value in values if (glob := arn_glob(value)) is not None])
