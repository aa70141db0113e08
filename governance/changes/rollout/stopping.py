"""How a rollout stops that cannot go on."""

from collections.abc import Sequence
from datetime import datetime

from governance.changes.life.transitions import transition
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.planning.steps import Step
from governance.changes.rollout import leases, locks
from governance.changes.rollout.journal import (
    HALTED,
    ROLLOUT_ACTOR,
    Phase,
    has_written,
    write_line,
)
from governance.changes.rollout.plans import steps_of
from governance.changes.states import ChangeState


def rollout_stop(
    request: ChangeRequest,
    rollout: Rollout,
    *,
    reason: str,
    differs: Sequence[str] = (),
    by_person: bool = False,
    now: datetime,
) -> None:
    """Stop a rollout whose rows are locked.

    Its request becomes STALE where the live state is not the reviewed one and nothing was written
    yet, HALTED otherwise; of a way back, ROLLBACK_FAILED. `by_person`: somebody pressed halt.
    """
    steps = steps_of(rollout)
    if steps:
        step: Step = steps[min(rollout.position, len(steps) - 1)]
        write_line(
            rollout,
            step,
            Phase.STOPPED,
            attempt=1,
            outcome=HALTED if by_person else "stopped",
            now=now,
            detail={"reason": reason, "differs": list(differs)},
        )
    if rollout.kind != Rollout.Kind.FORWARD:
        to = ChangeState.ROLLBACK_FAILED
    elif differs and not has_written(rollout):
        to = ChangeState.STALE
        rollout.ended_at = now
        rollout.save(update_fields=["ended_at"])
        locks.locks_release(request)
    else:
        to = ChangeState.HALTED
    leases.let_go(rollout, not_before=None)
    if request.state != to:
        transition(request, to, actor=ROLLOUT_ACTOR, now=now, reason=reason)
