"""What people do with a rollout: start, go, halt, resume, take back.

The callers check the rights, and that a session acts where one must; tokens may only halt.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction

from governance.access.actors import user_of
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    change_record,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest, Rollout, RolloutRing
from governance.changes.planning.rollback import rollback_differs, steps_back
from governance.changes.planning.steps import Step
from governance.changes.planning.tables import after_steps
from governance.changes.rollout import gates, guard
from governance.changes.rollout.dispatch import send_rollout
from governance.changes.rollout.journal import skipped_steps
from governance.changes.rollout.plans import plan_json, steps_digest, steps_of
from governance.changes.rollout.rings import rings_create
from governance.changes.states import ChangeState

_S = ChangeState
HALTABLE: Final = frozenset({_S.APPLYING, _S.SOAKING, _S.WAITING_FOR_GO, _S.ROLLING_BACK})
BACK_FROM: Final = frozenset(
    {
        *(_S.APPLYING, _S.SOAKING, _S.WAITING_FOR_GO, _S.HALTED, _S.PARTIALLY_APPLIED),
        *(_S.ROLLBACK_FAILED, _S.APPLIED_PENDING_REVIEW, _S.REVERT_DUE),
    }
)
_REVERTS: Final = frozenset({_S.APPLIED_PENDING_REVIEW, _S.REVERT_DUE})


class NoRollout(CannotChangeRequest):
    """The request has no rollout of this kind."""


class NoGateWaits(CannotChangeRequest):
    """The ring does not wait for a go."""


class ReasonMissing(CannotChangeRequest):
    """Data are missing or speak against it, and whoever goes on all the same has to say why."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """What a rollback would do now. `otherwise`: sentences on what does not come back as it was."""

    steps: tuple[Step, ...]
    otherwise: tuple[str, ...]


@transaction.atomic
def rollout_start(*, actor: Actor, change_request_id: int, now: datetime) -> Rollout:
    """Begin to bring an approved request's plan into AWS.

    `actor`: who starts it, or the system where it was scheduled.

    :raises WrongState: it is neither approved, scheduled nor an emergency that has been checked.
    :raises CannotChangeRequest: it is applied elsewhere, or is not approved as it stands.
    """
    request = locked_request(change_request_id)
    if request.applied != ChangeRequest.Applied.HERE:
        raise CannotChangeRequest("this request is applied elsewhere: Orgwarden makes no calls")
    if request.state == _S.CHECKING and not request.emergency:
        raise WrongState("the change request is checking: wait for its evidence")
    if not request.connection.apply_role_arn:
        raise CannotChangeRequest(
            f"{request.connection.name} has no apply role: give its ARN in the connection's "
            "settings"
        )
    evidence = request.evidence
    if evidence is None or evidence.plan_sha256 != request.plan_sha256:
        raise CannotChangeRequest("the evidence is not of this plan: check the request again")
    try:
        guard.check_digest(request, evidence)
        if not request.emergency:
            guard.check_approvals(request)
    except guard.NotApproved as refused:
        raise CannotChangeRequest(str(refused)) from refused
    action = actions.CHANGE_EMERGENCY if request.emergency else actions.CHANGE_START
    plan = plan_json(evidence.plan)
    # The log keeps which steps these are: nobody who can write rows only changes them afterwards.
    bound: dict[str, object] = {
        "plan_sha256": request.plan_sha256,
        "steps_sha256": steps_digest(plan),
    }
    entry_id = change_record(request, actor=actor, action=action, now=now, after=bound)
    transition(request, _S.APPLYING, actor=actor, now=now)
    rollout = Rollout.objects.create(
        change_request=request,
        plan=plan,
        plan_sha256=request.plan_sha256,
        started_by=user_of(actor),
        started_at=now,
        audit_entry_id=entry_id,
    )
    rings_create(rollout)
    transaction.on_commit(partial(send_rollout, rollout.pk))
    return rollout


@transaction.atomic
def rollout_go(
    *, actor: Actor, change_request_id: int, ring_number: int, reason: str = "", now: datetime
) -> RolloutRing:
    """Let the rollout go on past a ring whose gate waits.

    `reason`: needed where the gate, judged now, has something against it.

    :raises NoGateWaits: see there.
    :raises ReasonMissing: see there.
    """
    request = locked_request(change_request_id)
    rollout = _active(request)
    ring = rollout.rings.filter(number=ring_number).first()
    if ring is None or ring.state != RolloutRing.State.WAITING or request.state in _stopped():
        raise NoGateWaits(f"ring {ring_number} does not wait for a go")
    ring.rollout = rollout
    against = gates.judge(ring, now=now).reasons
    if against and not reason.strip():
        raise ReasonMissing(f"say why it may continue anyway: {'; '.join(against)}")
    before = ring.gate_reason
    ring.state = RolloutRing.State.DONE
    ring.gate_at, ring.gate_by, ring.gate_reason = now, user_of(actor), reason
    ring.save(update_fields=["state", "gate_at", "gate_by", "gate_reason"])
    change_record(
        request,
        actor=actor,
        action=actions.CHANGE_GO,
        now=now,
        before={"waited": before},
        after={"ring": ring.name, "reason": reason},
    )
    rollout.not_before = None
    rollout.save(update_fields=["not_before"])
    _carry_on_now(rollout)
    return ring


@transaction.atomic
def rollout_halt(
    *, actor: Actor, change_request_id: int, reason: str = "", now: datetime
) -> ChangeRequest:
    """Stop a rollout before its next call; one that a worker does not hold stops at once.

    :raises WrongState: nothing is under way.
    """
    request = locked_request(change_request_id)
    if request.state not in HALTABLE:
        raise WrongState(f"the change request is {request.get_state_display().lower()}")
    rollout = _active(request)
    rollout.halt_requested_at = now
    rollout.halt_requested_by = user_of(actor)
    rollout.halt_reason = reason
    rollout.save(update_fields=["halt_requested_at", "halt_requested_by", "halt_reason"])
    change_record(
        request, actor=actor, action=actions.CHANGE_HALT, now=now, after={"reason": reason}
    )
    to = _S.HALTED if rollout.kind == Rollout.Kind.FORWARD else _S.ROLLBACK_FAILED
    said = f"halted by {actor.name}" + (f": {reason}" if reason else "")
    return transition(request, to, actor=actor, now=now, reason=said)


@transaction.atomic
def rollout_resume(
    *, actor: Actor, change_request_id: int, reason: str = "", now: datetime
) -> Rollout:
    """Go on with a rollout that was halted, at the step where it stopped.

    :raises WrongState: it is not halted.
    """
    request = locked_request(change_request_id)
    if request.state not in {_S.HALTED, _S.PARTIALLY_APPLIED}:
        raise WrongState(f"the change request is {request.get_state_display().lower()}")
    rollout = _active(request)
    _clear_halt(rollout)
    change_record(
        request, actor=actor, action=actions.CHANGE_RESUME, now=now, after={"reason": reason}
    )
    to = _S.APPLYING
    if request.state == _S.HALTED:
        waiting = {
            RolloutRing.State.SOAKING: _S.SOAKING,
            RolloutRing.State.WAITING: _S.WAITING_FOR_GO,
        }
        rings = [RolloutRing.State(ring.state) for ring in rollout.rings.all()]
        states = [waiting[state] for state in rings if state in waiting]
        to = states[-1] if states else _S.APPLYING
    transition(request, to, actor=actor, now=now)
    _carry_on_now(rollout)
    return rollout


@transaction.atomic
def rollout_roll_back(
    *, actor: Actor, change_request_id: int, reason: str = "", now: datetime
) -> Rollout:
    """Take back what a request has written, from wherever it stands.

    A way back that failed is tried again. What has an end, or was not ratified, is reverted.

    :raises WrongState: nothing of it can be in AWS, or it is applied: undo that by a new request.
    :raises NoRollout: nothing was rolled out.
    """
    request = locked_request(change_request_id)
    state = ChangeState(request.state)
    if state not in BACK_FROM:
        raise WrongState(f"the change request is {state.label.lower()}: it is not rolled back")
    there = request.rollouts.order_by("-pk").first()
    if there is None:
        raise NoRollout("nothing was rolled out")
    entry_id = change_record(
        request, actor=actor, action=actions.CHANGE_ROLL_BACK, now=now, after={"reason": reason}
    )
    if state == _S.ROLLBACK_FAILED:
        return _try_again(request, there, actor, now)
    if there.ended_at is None:
        there.ended_at = now
        there.save(update_fields=["ended_at"])
    if state in HALTABLE:
        transition(request, _S.HALTED, actor=actor, now=now, reason="rolled back")
    transition(request, _S.ROLLING_BACK, actor=actor, now=now, reason=reason)
    kind = Rollout.Kind.REVERT if state in _REVERTS else Rollout.Kind.ROLLBACK
    rollout = Rollout.objects.create(
        change_request=request,
        kind=kind,
        plan={"steps": there.plan["steps"], "rings": []},
        plan_sha256=there.plan_sha256,
        started_by=user_of(actor),
        started_at=now,
        # A worker that makes a call of the rollout's may do so until its lease ends.
        not_before=there.lease_until,
        undoes=there,
        audit_entry=AuditEntry.objects.get(pk=entry_id),
    )
    transaction.on_commit(partial(send_rollout, rollout.pk))
    return rollout


def way_back(rollout: Rollout) -> WayBack:
    """Return what a rollback of a rollout would do now."""
    done = steps_of(rollout)[: rollout.position]
    skipped = frozenset(skipped_steps(rollout))
    base = rollout.base or {}
    steps = steps_back(base, done, rollout.created, skipped=skipped)
    table = after_steps(base, (), {})
    return WayBack(steps, tuple(one.message for one in rollback_differs(done, table)))


def _try_again(request: ChangeRequest, rollout: Rollout, actor: Actor, now: datetime) -> Rollout:
    _clear_halt(rollout)
    transition(request, _S.ROLLING_BACK, actor=actor, now=now)
    _carry_on_now(rollout)
    return rollout


def _clear_halt(rollout: Rollout) -> None:
    rollout.halt_requested_at = None
    rollout.halt_requested_by = None
    rollout.halt_reason = ""
    # Locks that were released meanwhile are to be taken again.
    rollout.locked_at = None
    rollout.save(
        update_fields=["halt_requested_at", "halt_requested_by", "halt_reason", "locked_at"]
    )


def _carry_on_now(rollout: Rollout) -> None:
    transaction.on_commit(partial(send_rollout, rollout.pk))


def _active(request: ChangeRequest) -> Rollout:
    found = (
        Rollout.objects.select_for_update(of=("self",))
        .filter(change_request=request, ended_at__isnull=True)
        .first()
    )
    if found is None:
        raise NoRollout("no rollout is under way")
    return found


def _stopped() -> frozenset[ChangeState]:
    return frozenset({_S.HALTED, _S.PARTIALLY_APPLIED, _S.ROLLBACK_FAILED})
