"""What ends a worker's turn before the plan is done: a stop, a person's halt, a wait."""

from collections.abc import Sequence
from datetime import datetime

from governance.changes.models import Rollout


class RolloutStopped(Exception):
    """The rollout cannot go on; `differs`: what is not as reviewed."""

    def __init__(self, reason: str, *, differs: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.differs = tuple(differs)


class RolloutHalted(RolloutStopped):
    """A person halted the rollout."""


class RolloutWaits(Exception):
    """Nothing is to be done before a time."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


def check_halt(rollout: Rollout) -> None:
    """Raise RolloutHalted if a person asked for a halt of a rollout whose row is locked."""
    if rollout.halt_requested_at is None:
        return
    who = rollout.halt_requested_by
    by = f" by {who.get_username()}" if who else ""
    raise RolloutHalted(f"halted{by}" + (f": {rollout.halt_reason}" if rollout.halt_reason else ""))
