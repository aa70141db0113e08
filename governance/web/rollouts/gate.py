"""The gate after a ring: what holds it, what has passed, and whether a person may let it go."""

from dataclasses import dataclass
from datetime import datetime

from governance.changes.models import ChangeRequest, RolloutRing
from governance.changes.rollout.gates import judge
from governance.changes.rollout.seen_denials import RingObservation, ring_observation
from governance.changes.states import ChangeState
from governance.web.parts.markup import counted
from governance.web.rollouts.monitor import Monitor
from governance.web.rollouts.rings import minutes_words

_STOPPED = frozenset({ChangeState.HALTED, ChangeState.PARTIALLY_APPLIED})


@dataclass(frozen=True, slots=True)
class GateLine:
    """One thing that the gate looks at. `state`: holds_gate, not_known or passed."""

    state: str
    label: str
    words: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GateShown:
    """The gate after the current ring.

    `lines`: what holds it first, then what has passed. `open`: whether a go is taken now.
    `button`: what the go begins. `why_closed`: why it is not taken, a sentence. `asks_reason`:
    something speaks against it or is missing, so a go needs a reason.
    """

    ring: int
    title: str
    lines: tuple[GateLine, ...]
    open: bool
    button: str
    why_closed: str
    asks_reason: bool

    @property
    def reasons(self) -> int:
        """How many things hold it or are not known."""
        return sum(line.state != "passed" for line in self.lines)


def gate_shown(
    change_request: ChangeRequest, monitor: Monitor | None, *, now: datetime
) -> GateShown | None:
    """Return the gate after the ring that is applied, soaks or waits; None where there is none."""
    if monitor is None or monitor.rollout is None or monitor.current_ring is None:
        return None
    shown = monitor.current_ring
    ring = monitor.rollout.rings.filter(number=shown.number).first()
    if ring is None:
        return None
    ring.rollout = monitor.rollout
    after = monitor.next_ring
    left = [one for one in monitor.steps if one.step.ring > ring.number and not one.is_done]
    holding = [*_soak(ring, shown.soak_left), *_judged(ring, now)]
    denials = ring_observation(ring)
    unknown = _not_known(denials)
    passed = [
        *_soaked(ring),
        *_as_predicted(denials),
        GateLine("passed", "Calls read back", f"{_read_back(monitor, ring)}"),
    ]
    waits = ring.state == RolloutRing.State.WAITING
    stopped = ChangeState(change_request.state) in _STOPPED
    return GateShown(
        ring=ring.number,
        title=f"Gate to ring {after.number}" if after else "Gate to the last steps",
        lines=(*holding, *unknown, *passed),
        open=waits and not stopped,
        button=(
            f"Start ring {after.number} for {counted(after.accounts, 'account,accounts')}"
            if after
            else f"Make the last {counted(len(left), 'call,calls')}"
        ),
        why_closed=_why_closed(ring, stopped),
        asks_reason=any(line.state == "holds_gate" for line in holding),
    )


def _not_known(denials: RingObservation | None) -> list[GateLine]:
    if denials is not None:
        return []
    return [GateLine("not_known", "Denied calls: not known", detail="No log source.")]


def _as_predicted(denials: RingObservation | None) -> list[GateLine]:
    """Say that the logs show what was predicted and no more; what holds is said by the gate."""
    if denials is None or not denials.is_conclusive or denials.not_predicted:
        return []
    predicted = len(denials.predicted_seen) + len(denials.not_seen)
    words = f"{len(denials.predicted_seen):,} of {predicted:,} seen" if predicted else "none"
    return [GateLine("passed", "Denied uses as predicted", words)]


def _soak(ring: RolloutRing, left: float | None) -> list[GateLine]:
    if left is None or left <= 0:
        return []
    return [GateLine("holds_gate", "Soak time", f"{minutes_words(int(-(-left // 60)))} left")]


def _soaked(ring: RolloutRing) -> list[GateLine]:
    if ring.state != RolloutRing.State.WAITING or not ring.soak_minutes:
        return []
    return [GateLine("passed", "Soaked", minutes_words(ring.soak_minutes))]


def _judged(ring: RolloutRing, now: datetime) -> list[GateLine]:
    if ring.state == RolloutRing.State.APPLYING:
        return [GateLine("holds_gate", "The ring is being applied")]
    return [
        GateLine("holds_gate", f"{reason[:1].upper()}{reason[1:]}")
        for reason in judge(ring, now=now).reasons
    ]


def _read_back(monitor: Monitor, ring: RolloutRing) -> str:
    mine = [one for one in monitor.steps if one.step.ring <= ring.number]
    return f"{sum(one.is_done for one in mine)} of {len(mine)}"


def _why_closed(ring: RolloutRing, stopped: bool) -> str:
    if stopped:
        return "The rollout is halted. Resume it first."
    if ring.state == RolloutRing.State.SOAKING:
        is_automatic = ring.gate == "automatic"
        how = "passes automatically if nothing blocks it" if is_automatic else "waits for you"
        return f"Open after the soak. The gate then {how}; missing data never passes automatically."
    if ring.state == RolloutRing.State.APPLYING:
        return "Open once the ring is applied and has soaked."
    return ""
