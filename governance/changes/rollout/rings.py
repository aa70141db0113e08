"""How a rollout goes from ring to ring: applied, soaked, let through its gate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.changes.life.transitions import transition
from governance.changes.models import ChangeRequest, Rollout, RolloutRing
from governance.changes.rollout import gates
from governance.changes.rollout.journal import ROLLOUT_ACTOR
from governance.changes.rollout.plans import rings_of
from governance.changes.rollout.seen_denials import ledger_write
from governance.changes.states import ChangeState

# How soon a gate that holds is looked at again.
LOOK_AGAIN = timedelta(minutes=1)
_RING = RolloutRing.State


@dataclass(frozen=True, slots=True)
class RingWait:
    """That a ring is not to begin before a time."""

    until: datetime


def rings_create(rollout: Rollout) -> None:
    """Write the rings of a rollout's plan."""
    RolloutRing.objects.bulk_create(
        RolloutRing(
            rollout=rollout,
            number=ring.number,
            name=ring.name,
            targets=list(ring.targets),
            soak_minutes=ring.soak_minutes,
            gate=ring.gate,
        )
        for ring in rings_of(rollout.plan)
    )


def rings_leave(
    request: ChangeRequest, rollout: Rollout, number: int, *, now: datetime
) -> RingWait | None:
    """Leave the rings before ring `number`, or say until when to wait. Both rows are locked.

    They have been applied: their last one soaks and passes its gate first.
    """
    for ring in rollout.rings.filter(number__lt=number).exclude(state=_RING.DONE):
        if ring.state == _RING.PENDING:
            # It has no steps of its own.
            _set(ring, _RING.DONE, started_at=now, applied_at=now, gate_at=now)
            continue
        wait = _leave(request, ring, now)
        if wait is not None:
            return wait
    if rollout.kind == Rollout.Kind.FORWARD:
        _to(request, ChangeState.APPLYING, "", now)
    return None


def ring_begin(request: ChangeRequest, rollout: Rollout, number: int, *, now: datetime) -> None:
    """Begin ring `number`, once `rings_leave` has let it. Both rows are locked."""
    mine = rollout.rings.filter(number=number, state=_RING.PENDING).first()
    if mine is not None:
        _set(mine, _RING.APPLYING, started_at=now)
    _say(request, "")


def ring_waits(request: ChangeRequest, reason: str) -> None:
    """Have a request whose next ring may not begin yet say why."""
    _say(request, reason)


def _say(request: ChangeRequest, reason: str) -> None:
    if request.state == ChangeState.APPLYING and request.state_reason != reason:
        request.state_reason = reason
        request.save(update_fields=["state_reason"])


def rings_end(rollout: Rollout, *, now: datetime) -> None:
    """Note that the last steps are made: nothing follows that a gate would hold."""
    for ring in rollout.rings.exclude(state=_RING.DONE):
        _set(ring, _RING.DONE, applied_at=ring.applied_at or now, gate_at=now)


def _leave(request: ChangeRequest, ring: RolloutRing, now: datetime) -> RingWait | None:
    if ring.state == _RING.APPLYING:
        soak = 0 if request.emergency else ring.soak_minutes
        _set(ring, _RING.SOAKING, applied_at=now, soak_until=now + timedelta(minutes=soak))
        if soak:
            _to(request, ChangeState.SOAKING, f"{ring.name} soaks {soak} minutes", now)
    if ring.state == _RING.SOAKING and ring.soak_until is not None and now < ring.soak_until:
        return RingWait(ring.soak_until)
    ledger_write(ring, now=now)
    if request.emergency:
        _pass(ring, "emergency", now)
        return None
    if ring.gate == "manual":
        return _hold(request, ring, "waits for a person to release it", now)
    verdict = gates.judge(ring, now=now)
    if verdict.state is gates.GateState.PASSES:
        _pass(ring, "nothing blocks it", now)
        return None
    return _hold(request, ring, "; ".join(verdict.reasons), now)


def _pass(ring: RolloutRing, reason: str, now: datetime) -> None:
    _set(ring, _RING.DONE, gate_at=now, gate_reason=reason)


def _hold(request: ChangeRequest, ring: RolloutRing, reason: str, now: datetime) -> RingWait:
    if ring.state != _RING.WAITING or ring.gate_reason != reason:
        _set(ring, _RING.WAITING, gate_reason=reason)
    _to(request, ChangeState.WAITING_FOR_GO, f"{ring.name}: {reason}", now)
    return RingWait(now + LOOK_AGAIN)


def _to(request: ChangeRequest, state: ChangeState, reason: str, now: datetime) -> None:
    if request.state != state:
        transition(request, state, actor=ROLLOUT_ACTOR, now=now, reason=reason)


def _set(ring: RolloutRing, state: RolloutRing.State, **fields: object) -> None:
    ring.state = state
    for name, value in fields.items():
        setattr(ring, name, value)
    ring.save(update_fields=["state", *fields])
