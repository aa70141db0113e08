"""What operations would do to whom, before anybody proposes them: for whom would have to agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.approvals.effects import TargetEffect
from governance.changes.evidence.affected import affected_targets
from governance.changes.evidence.collected import collected_state
from governance.changes.evidence.contents import ChangeEffects
from governance.changes.evidence.management_changes import (
    management_after,
    management_differences,
)
from governance.changes.evidence.plans import planned_change
from governance.changes.models import ChangeRequest
from governance.edits.operations import Operation
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What evidence of some operations would find. `refused`: of those that cannot be done, why."""

    targets: tuple[TargetEffect, ...]
    refused: tuple[str, ...] = ()


def previewed_change(
    connection: Connection, operations: Sequence[Operation], *, now: datetime
) -> ChangePreview:
    """Return what evidence of these operations would find affected; nothing is stored.

    From the newest complete run, as `make_evidence` concludes it.
    """
    state = collected_state(connection)
    given = tuple(operations)
    planned = planned_change(
        state, given, [], policy_ids=ChangeRequest.PolicyIds.KEEP, number=0, today=now.date()
    )
    settings = management_differences(
        state.management, management_after(state.management, given, planned.final)
    )
    by_type: dict[str, frozenset[str]] = {}
    for one in settings:
        by_type[one.policy_type] = by_type.get(one.policy_type, frozenset()) | set(one.account_ids)
    effects = ChangeEffects(planned.final).effects
    return ChangePreview(
        affected_targets(effects, planned.final, given, by_type),
        tuple(
            f"Edit {one.number + 1} cannot be made: {one.message}."
            for one in planned.final.problems
        ),
    )
