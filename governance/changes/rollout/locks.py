"""One rollout a policy or target at a time: locks, the queue before them, and their release."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from governance.audit import actions
from governance.audit.actors import Actor
from governance.changes.life.transitions import CannotChangeRequest, change_record, locked_request
from governance.changes.models import ChangeLock, ChangeRequest, Rollout
from governance.changes.rollout.plans import objects_of, steps_of
from governance.changes.states import ROLLING, ChangeState
from inventory.models import Connection
from inventory.store.locks import hold_lock


class NoSuchLock(CannotChangeRequest):
    """The policy or target is not locked."""


class StillRolling(CannotChangeRequest):
    """The request that holds the lock still writes: it is not halted, or a call is on its way."""


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a rollout waits. `place` from 1; `waits_for`: the requests that hold or are ahead."""

    place: int
    waits_for: tuple[int, ...]
    object_ids: tuple[str, ...]


@transaction.atomic
def locks_take(rollout: Rollout, *, now: datetime) -> bool:
    """Lock all that a rollout writes to, or nothing; False: others are ahead."""
    connection_id = rollout.change_request.connection_id
    hold_lock(f"changes:{connection_id}:locks")
    wanted = objects_of(steps_of(rollout))
    if _in_the_way(rollout, wanted):
        return False
    ChangeLock.objects.bulk_create(
        ChangeLock(
            connection_id=connection_id,
            object_id=object_id,
            change_request=rollout.change_request,
            taken_at=now,
        )
        for object_id in sorted(wanted - _mine(rollout))
    )
    rollout.locked_at = now
    rollout.save(update_fields=["locked_at"])
    return True


def locks_release(change_request: ChangeRequest) -> None:
    """Release all that a request has locked."""
    ChangeLock.objects.filter(change_request=change_request).delete()


def _in_the_way(rollout: Rollout, wanted: Collection[str]) -> dict[int, set[str]]:
    """Return by number the requests that hold what a rollout wants, or wait for it longer."""
    request = rollout.change_request
    found: dict[int, set[str]] = {}
    held = ChangeLock.objects.filter(
        connection_id=request.connection_id, object_id__in=wanted
    ).exclude(change_request=request)
    for number, object_id in held.values_list("change_request__number", "object_id"):
        found.setdefault(number, set()).add(object_id)
    # What the request holds already nobody ahead in the queue can take from it.
    new = set(wanted) - _mine(rollout)
    for other in _waiting_before(rollout) if new else ():
        shared = objects_of(steps_of(other)) & new
        if shared:
            found.setdefault(other.change_request.number, set()).update(shared)
    return found


def _mine(rollout: Rollout) -> set[str]:
    held = ChangeLock.objects.filter(change_request_id=rollout.change_request_id)
    return set(held.values_list("object_id", flat=True))


def _waiting_before(rollout: Rollout) -> Iterable[Rollout]:
    if rollout.locked_at is not None:
        return ()
    return [
        other
        for other in waiting(rollout.change_request.connection_id)
        if (other.started_at, other.pk) < (rollout.started_at, rollout.pk)
        and other.change_request_id != rollout.change_request_id
    ]


def waiting(connection_id: int) -> "QuerySet[Rollout]":
    """Return the rollouts of an organization that have no locks yet, in the order of the queue."""
    return (
        Rollout.objects.filter(
            change_request__connection_id=connection_id,
            ended_at__isnull=True,
            locked_at__isnull=True,
        )
        .select_related("change_request")
        .order_by("started_at", "pk")
    )


def queue_place(rollout: Rollout) -> QueuePlace | None:
    """Return where a rollout waits for others; None: it waits for none."""
    if rollout.locked_at is not None or rollout.ended_at is not None:
        return None
    ahead = _in_the_way(rollout, objects_of(steps_of(rollout)))
    if not ahead:
        return None
    objects = sorted({each for found in ahead.values() for each in found})
    return QueuePlace(len(ahead) + 1, tuple(sorted(ahead)), tuple(objects))


def locks_of(connection: Connection) -> "QuerySet[ChangeLock]":
    """Return an organization's locks with their requests."""
    return ChangeLock.objects.filter(connection=connection).select_related("change_request")


@transaction.atomic
def lock_release(
    *, actor: Actor, connection: Connection, object_id: str, reason: str, now: datetime
) -> None:
    """Release one lock by hand. The caller checks the right, the session and its step-up.

    :raises NoSuchLock: see there.
    :raises StillRolling: see there.
    :raises CannotChangeRequest: no reason was given.
    """
    if not reason.strip():
        raise CannotChangeRequest("give a reason for releasing the lock")
    found = locks_of(connection).filter(object_id=object_id).first()
    if found is None:
        raise NoSuchLock(f"{object_id} is not locked")
    request = locked_request(found.change_request_id)
    stopped = {ChangeState.HALTED, ChangeState.PARTIALLY_APPLIED, ChangeState.ROLLBACK_FAILED}
    if request.state in ROLLING - stopped:
        raise StillRolling(f"#{request.number} writes to {object_id}: halt it first")
    _check_still(request, object_id, now)
    found.delete()
    change_record(
        request,
        actor=actor,
        action=actions.CHANGE_UNLOCK,
        now=now,
        before={"locked": object_id},
        after={"reason": reason},
    )


def _check_still(request: ChangeRequest, object_id: str, now: datetime) -> None:
    """Check that no worker is left that may be making a call of a halted request.

    :raises StillRolling: one may; when it holds the rollout no more is said.
    """
    held = request.rollouts.filter(lease_until__gt=now).order_by("-lease_until").first()
    if held is None or held.lease_until is None:
        return
    raise StillRolling(
        f"a worker may still make a call of #{request.number} at {object_id}: it holds the rollout "
        f"until {held.lease_until:%H:%M:%S} UTC. Try again then"
    )
