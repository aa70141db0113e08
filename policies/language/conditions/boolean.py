"""Bool and Null's values. Source: IAM user guide, "Boolean condition operators"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from policies.language.conditions.values import Leaf

_BOOLEANS: Final = {"true": True, "false": False}


def parse_boolean(text: str) -> bool | None:
    """Return the truth a text stands for, in any case; None for other text."""
    return _BOOLEANS.get(text.lower())


def boolean_leaf(values: Sequence[str]) -> Leaf:
    """Return the test of one text against Bool's values; what is no boolean matches nothing."""
    wanted = frozenset(map(parse_boolean, values)) - {None}
    return lambda text: parse_boolean(text) in wanted
