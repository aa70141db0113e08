"""Which worker carries a rollout out: it holds it for a while, and before each write again."""

import os
import socket
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from governance.changes.life.transitions import locked_request
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.states import ChangeState

# In these a worker has something to do; in the others it waits for a person.
MOVING = (
    *(ChangeState.APPLYING, ChangeState.SOAKING, ChangeState.WAITING_FOR_GO),
    ChangeState.ROLLING_BACK,
)


class LeaseLost(Exception):
    """Another worker has taken the rollout over, or it has ended."""


def new_holder() -> str:
    """Return a name for one taking of a rollout: host, process, and what tells it from others."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def lease_end(now: datetime) -> datetime:
    """Return until when a rollout is held that is taken, or renewed, now."""
    return now + timedelta(seconds=settings.CHANGES_LEASE_SECONDS)


def free(now: datetime) -> Q:
    """Rollouts that nobody holds."""
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def due(now: datetime) -> "QuerySet[Rollout]":
    """Return the rollouts that a worker could carry on now, the oldest first."""
    return (
        Rollout.objects.filter(free(now), ended_at__isnull=True, change_request__state__in=MOVING)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .order_by("started_at", "pk")
    )


@transaction.atomic
def take(rollout_id: int, *, holder: str, now: datetime) -> Rollout | None:
    """Hold a rollout; None: another worker does, or it is not its time."""
    found = (
        due(now)
        .filter(pk=rollout_id)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("change_request__connection", "undoes")
        .first()
    )
    if found is None:
        return None
    found.lease_holder = holder
    found.lease_until = lease_end(now)
    found.save(update_fields=["lease_holder", "lease_until"])
    return found


def hold(mine: Rollout, *, holder: str, now: datetime) -> tuple[ChangeRequest, Rollout]:
    """Lock a rollout that `holder` holds, and its request, and hold it for as long again.

    Call it inside `transaction.atomic`.

    :raises LeaseLost: see there.
    """
    request = locked_request(mine.change_request_id)
    return request, hold_row(mine, holder=holder, now=now)


def hold_to_write(mine: Rollout, *, holder: str, now: datetime) -> tuple[ChangeRequest, Rollout]:
    """Lock a rollout and its request as `hold` does, with what is looked at before each call.

    Neither is read completely, since this is done for each call. The lease is written only where a
    third of it is gone: a call and what is read after it take less than the rest.

    :raises LeaseLost: see there.
    """
    request = (
        ChangeRequest.objects.select_for_update(of=("self",))
        .only("connection_id", "number", "title", "state", "emergency", "plan_sha256")
        .get(pk=mine.change_request_id)
    )
    rollout = _locked(mine, holder)
    if rollout.audit_entry_id == mine.audit_entry_id:
        # Entries are never changed: the one that the turn has read is the same.
        rollout.audit_entry = mine.audit_entry
    left = timedelta() if rollout.lease_until is None else rollout.lease_until - now
    if left < timedelta(seconds=settings.CHANGES_LEASE_SECONDS) * 2 / 3:
        rollout.lease_until = lease_end(now)
        rollout.save(update_fields=["lease_until"])
    return request, rollout


def hold_row(mine: Rollout, *, holder: str, now: datetime) -> Rollout:
    """Lock a rollout that `holder` holds, without its request, and hold it for as long again.

    Call it inside `transaction.atomic`.

    :raises LeaseLost: see `hold`.
    """
    rollout = _locked(mine, holder)
    rollout.lease_until = lease_end(now)
    return rollout


def _locked(mine: Rollout, holder: str) -> Rollout:
    # What is fixed once the rollout has begun is long, and not read for each call.
    rows = Rollout.objects.select_for_update(of=("self",)).defer("plan", "base")
    rollout = rows.get(pk=mine.pk)
    if rollout.lease_holder != holder or rollout.ended_at is not None:
        raise _is_lost(mine, holder)
    return rollout


def count_step(mine: Rollout, *, holder: str, not_before: datetime | None, now: datetime) -> None:
    """Note that a rollout which `holder` holds is one step on, and hold it for as long again.

    `mine`: its `created` is stored as well. Call it inside `transaction.atomic`.

    :raises LeaseLost: another worker has taken it over, it has ended, or has gone on otherwise.
    """
    held = Rollout.objects.filter(
        pk=mine.pk, lease_holder=holder, ended_at__isnull=True, position=mine.position
    )
    if not held.update(
        position=mine.position + 1,
        created=mine.created,
        not_before=not_before,
        lease_until=lease_end(now),
    ):
        raise _is_lost(mine, holder)
    mine.position += 1


def _is_lost(mine: Rollout, holder: str) -> LeaseLost:
    return LeaseLost(f"rollout {mine.pk} is not {holder}'s any more")


def let_go(rollout: Rollout, *, not_before: datetime | None) -> None:
    """Hold a locked rollout no more; it goes on from `not_before`."""
    rollout.lease_holder = ""
    rollout.lease_until = None
    rollout.not_before = not_before
    rollout.save(update_fields=["lease_holder", "lease_until", "not_before"])


def lost(rollout_id: int, *, holder: str) -> None:
    """Let go of a rollout that was ended while `holder` worked on it, so that its way back begins.

    What another worker has taken over stays as it is.
    """
    mine = Rollout.objects.filter(pk=rollout_id, lease_holder=holder, ended_at__isnull=False)
    if mine.update(lease_until=None, lease_holder=""):
        Rollout.objects.filter(undoes=rollout_id, position=0).update(not_before=None)
