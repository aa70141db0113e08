"""Numbers for combinations of numbers, over arrays of very many."""

from collections.abc import Sequence
from typing import Final

import numpy
from numpy.typing import NDArray

Numbers = NDArray[numpy.int64]

_DENSE: Final = 1 << 23


def alike(columns: Sequence[Numbers], count: int) -> tuple[Numbers, Numbers]:
    """Number the combinations of values in `columns`, each of `count` numbers from 0 up.

    Returns for each row the number of its combination, and for each combination a row that has it.
    """
    numbers = numpy.zeros(count, dtype=numpy.int64)
    if not count:
        return numbers, numbers
    for column in columns:
        if (column == column[0]).all():
            continue
        # Small again each time, so that many columns never grow past what a number holds.
        numbers = renumbered(numbers * (int(column.max()) + 1) + column)
    examples = numpy.zeros(int(numbers.max()) + 1, dtype=numpy.int64)
    examples[numbers[::-1]] = numpy.arange(count - 1, -1, -1)
    return numbers, examples


def renumbered(values: Numbers) -> Numbers:
    """Return the place of each value among the distinct ones."""
    if not len(values):
        return values
    highest = int(values.max())
    if highest < _DENSE:
        seen = numpy.zeros(highest + 1, dtype=bool)
        seen[values] = True
        return (numpy.cumsum(seen) - 1)[values]
    return numpy.unique(values, return_inverse=True)[1].astype(numpy.int64)
