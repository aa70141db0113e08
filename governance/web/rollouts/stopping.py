"""What a rollout leaves behind if it is stopped now, and what taking it back brings."""

from dataclasses import dataclass

from governance.changes.models import ChangeRequest, Rollout
from governance.changes.rollout.commands import (
    halt_commands,
    resume_commands,
    rollback_commands,
)
from governance.changes.rollout.services import WayBack, way_back
from governance.changes.states import ROLLING, ChangeState
from governance.web.rollouts.monitor import Monitor

_STILL: "frozenset[ChangeState]" = ROLLING | {
    ChangeState.APPLIED_PENDING_REVIEW,
    ChangeState.REVERT_DUE,
}


@dataclass(frozen=True, slots=True)
class IfStopped:
    """`kept`, `unchanged`: accounts with the change and without it if no further call is made.

    `way_back`: what a rollback does from here. `moves`: calls are still to come, so that there is
    something to halt. `halt_commands`, `resume_commands`, `back_commands`: the same for the AWS
    CLI, a line each, for the day on which Orgwarden is down.
    """

    kept: int
    unchanged: int
    way_back: WayBack
    moves: bool
    halt_commands: str
    resume_commands: str
    back_commands: str


def if_stopped(change_request: ChangeRequest, monitor: Monitor | None) -> IfStopped | None:
    """Return what stopping leaves behind; None where no rollout goes forward."""
    state = ChangeState(change_request.state)
    if (
        monitor is None
        or monitor.rollout is None
        or monitor.rollout.kind != Rollout.Kind.FORWARD
        or state not in _STILL
    ):
        return None
    connection, back = change_request.connection, way_back(monitor.rollout)
    has_role = bool(connection.apply_role_arn)
    return IfStopped(
        kept=monitor.reached,
        unchanged=max(monitor.accounts - monitor.reached, 0),
        way_back=back,
        moves=state in {ChangeState.APPLYING, ChangeState.SOAKING, ChangeState.WAITING_FOR_GO},
        halt_commands="\n".join(halt_commands(connection)) if has_role else "",
        resume_commands="\n".join(resume_commands(connection)) if has_role else "",
        back_commands="\n".join(rollback_commands(monitor.rollout, back.steps)),
    )
