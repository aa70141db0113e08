"""BinaryEquals: byte for byte, both sides in base64.

Source: IAM user guide, "Binary condition operators".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from policies.language.conditions.values import Leaf


def parse_binary(text: str) -> bytes | None:
    """Return the bytes a base64 text stands for; None for other text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def binary_leaf(values: Sequence[str]) -> Leaf:
    """Return the test of one text against BinaryEquals' values; no base64 matches nothing."""
    wanted = frozenset(map(parse_binary, values)) - {None}
    return lambda text: parse_binary(text) in wanted
