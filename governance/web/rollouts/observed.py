"""What was predicted of a rollout beside what was observed."""

from dataclasses import dataclass
from typing import Final

from governance.changes.models import RingDenials, Rollout
from governance.changes.rollout.seen_denials import has_log_source, ring_denials
from governance.usage.wording import principal_words
from governance.web.changes.naming import NamedTarget, target_names
from governance.web.rollouts.monitor import Monitor
from inventory.models import Connection
from inventory.viewing import Viewer


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


@dataclass(frozen=True, slots=True)
class SeenDenial:
    """A use whose denial was predicted, seen or both, with the state that it is shown as."""

    state: str
    words: str
    label: str
    principal: str
    action: str
    account: NamedTarget


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
        _denied(monitor.rollout),
    )


def _denied(rollout: Rollout) -> ObservedRow:
    """Return the denials of the rings that have begun, as they were last judged."""
    measure = "Uses denied by the change"
    if not has_log_source(rollout):
        return ObservedRow(measure, None, None, "No log source, so nothing counts denied calls")
    judged = ring_denials(rollout)
    if not judged:
        return ObservedRow(measure, None, None, "Logs are looked at when the first ring has soaked")
    predicted = sum(one.predicted_seen + one.not_seen for one in judged)
    late = [one for one in judged if one.state == RingDenials.State.INCONCLUSIVE]
    if late:
        source = "The logs are not read to the end of the soak, so more may follow"
        return ObservedRow(measure, predicted, None, source)
    seen = sum(one.predicted_seen + one.not_predicted for one in judged)
    return ObservedRow(measure, predicted, seen, "CloudTrail, read to the end of the soak")


_DENIAL_STATES: Final = (
    ("not_predicted", "newly_denied", "Not predicted"),
    ("predicted_seen", "complete", "As predicted"),
    ("not_seen", "undecided", "Not seen so far"),
)


def seen_denial_rows(
    viewer: Viewer, connection: Connection, monitor: Monitor | None
) -> tuple[SeenDenial, ...]:
    """Return the uses predicted or seen denied that may be seen, those not predicted first."""
    if monitor is None or monitor.rollout is None:
        return ()
    judged = ring_denials(monitor.rollout)
    ids = {use["account_id"] for one in judged for uses in one.found.values() for use in uses}
    names = target_names(viewer, connection, ids)
    return tuple(
        SeenDenial(
            state,
            words,
            principal_words(use["principal"]),
            use["principal"],
            use["action"],
            names.of(use["account_id"]),
        )
        for kind, state, words in _DENIAL_STATES
        for one in judged
        for use in one.found.get(kind, ())
        if names.sees(use["account_id"])
    )
