"""What was predicted of a rollout beside what was observed."""

from dataclasses import dataclass

from governance.web.rollouts.monitor import Monitor


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """One measure. None: not known. `agrees`: whether what was observed is what was predicted."""

    measure: str
    predicted: int | None
    observed: int | None
    source: str

    @property
    def agrees(self) -> bool:
        """Whether both are known and equal."""
        return self.predicted is not None and self.predicted == self.observed


def observed_rows(monitor: Monitor | None) -> tuple[ObservedRow, ...]:
    """Return the measures of a rollout that has begun; none before."""
    if monitor is None or monitor.rollout is None:
        return ()
    called = [one for one in monitor.steps if one.state != "planned"]
    read_back = sum(one.state == "read_back" for one in called)
    skipped = sum(one.state == "skipped" for one in called)
    expected = max((one.reached for one in called), default=0)
    proven = max((one.reached for one in called if one.state == "read_back"), default=0)
    return (
        ObservedRow("Accounts reached", expected, proven, "Live read after each call"),
        ObservedRow(
            "Calls read back as planned",
            len(called) - skipped,
            read_back,
            "Live read after each call",
        ),
        ObservedRow(
            "Calls denied by the change",
            None,
            None,
            "No log source, so nothing counts denied calls",
        ),
    )
