"""What a change to an organization's policies newly denies or newly allows, proven.

Unchanged is proven; every difference has a request that the evaluator confirmed; everything else
is undecided, with its reason.
"""

from policies.comparison.compare import Comparison, UnknownTarget, compare
from policies.comparison.differences import (
    ComparedActions,
    Difference,
    PolicyChange,
    TargetComparison,
    UndecidedDifference,
)
from policies.comparison.reasons import Undecided
from policies.comparison.transients import (
    IntermediateStates,
    Transient,
    TransientKind,
    UndecidedTransient,
    find_transients,
)
from policies.comparison.witness import Witness

__all__ = [
    "ComparedActions",
    "Comparison",
    "Difference",
    "IntermediateStates",
    "PolicyChange",
    "TargetComparison",
    "Transient",
    "TransientKind",
    "Undecided",
    "UndecidedDifference",
    "UndecidedTransient",
    "UnknownTarget",
    "Witness",
    "compare",
    "find_transients",
]
