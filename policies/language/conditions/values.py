"""What a context key can hold when a condition looks at it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final


class Missing(Enum):
    """Why a key has no value: the request has none, or it is not known whether and which."""

    ABSENT = "absent"
    UNKNOWN = "unknown"

    # Evaluation looks values up in dictionaries; Enum's own hash runs Python code each time.
    __hash__ = object.__hash__


ABSENT: Final = Missing.ABSENT
UNKNOWN: Final = Missing.UNKNOWN

ContextValue = str | tuple[str, ...] | Missing
"""One text, the texts of a multivalued key, or why there is none. `()` counts as ABSENT."""

Leaf = Callable[[str], bool]
"""Does one value of a key match one of a condition's values, the operator taken positively?"""
