"""What an account may do at most: sets of actions over the whole catalogue, and what they hang on.

A ceiling grants nothing: it is what SCPs (or, for a resource, RCPs) leave possible.
"""

from policies.ceiling.assumptions import Assumptions, BadAssumption
from policies.ceiling.ceilings import Ceiling, CeilingMaker, ConditionalStatement, LevelCeiling
from policies.ceiling.residual import (
    DecidingStatement,
    LevelEffect,
    Residual,
    level_effects,
    residual,
)

__all__ = [
    "Assumptions",
    "BadAssumption",
    "Ceiling",
    "CeilingMaker",
    "ConditionalStatement",
    "DecidingStatement",
    "LevelCeiling",
    "LevelEffect",
    "Residual",
    "level_effects",
    "residual",
]
