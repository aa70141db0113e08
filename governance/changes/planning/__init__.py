"""Operations and rings → the single AWS calls in their order, and what each leaves behind."""

from governance.changes.planning.base import ChangeDelta, PlanBase, delta_of
from governance.changes.planning.plan import plan_of
from governance.changes.planning.plan_table import plan_table, rollback_of
from governance.changes.planning.proposed_rings import propose_rings
from governance.changes.planning.rollback import rollback_differs
from governance.changes.planning.states import states_of

__all__ = [
    "ChangeDelta",
    "PlanBase",
    "delta_of",
    "plan_of",
    "plan_table",
    "propose_rings",
    "rollback_differs",
    "rollback_of",
    "states_of",
]
