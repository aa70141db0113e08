"""What a rollout leaves behind if it is stopped now, and what taking it back brings."""

from dataclasses import dataclass

from governance.changes.models import ChangeRequest, Rollout
from governance.changes.states import ROLLING, ChangeState
from governance.web.rollouts.monitor import Monitor


@dataclass(frozen=True, slots=True)
class IfStopped:
    """`kept`, `unchanged`: accounts with the change and without it if no further call is made."""

    kept: int
    unchanged: int


def if_stopped(change_request: ChangeRequest, monitor: Monitor | None) -> IfStopped | None:
    """Return what halting leaves behind; None where no rollout goes forward."""
    if (
        monitor is None
        or monitor.rollout is None
        or monitor.rollout.kind != Rollout.Kind.FORWARD
        or ChangeState(change_request.state) not in ROLLING
    ):
        return None
    return IfStopped(monitor.reached, max(monitor.accounts - monitor.reached, 0))
