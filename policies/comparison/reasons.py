"""Why something could not be decided."""

from __future__ import annotations

from enum import Enum


class Undecided(Enum):
    """The reasons; each value is the sentence that people read.

    Not texts themselves: where one stands in for a value, it is never taken for that value.
    """

    STATE_LIMIT = "the patterns combine in more ways than the search may try"
    TWO_FAMILIES = "one key is compared both as text and as a number, date or address"
    UNKNOWN_OPERATOR = "a condition has an operator that AWS does not have"
    VARIABLES = "a policy variable relates two keys, and no request was found that shows it"
    PRINCIPALS = "it depends on which principal a statement names"
    NOT_CONFIRMED = "the evaluator did not confirm the request that was found"
    BOX_LIMIT = "the exemptions overlap in more ways than the search may try"

    def __str__(self) -> str:
        return self.value
