"""Carry a rollout on: locks, rings and steps, until it ends, stops or waits.

A worker may die anywhere. Another goes on with what it has begun.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db import transaction

from governance.changes.aws_writer import ApplyRoleRefused, AwsWriteError, OrganizationsApi
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.planning.steps import Step
from governance.changes.planning.tables import Table, UnknownObject, after_steps
from governance.changes.rollout import guard, leases, locks, openings, rings
from governance.changes.rollout.ending import rollout_finish
from governance.changes.rollout.interruptions import (
    RolloutHalted,
    RolloutStopped,
    RolloutWaits,
    check_halt,
)
from governance.changes.rollout.journal import bind_way_back, skipped_steps
from governance.changes.rollout.plans import steps_of
from governance.changes.rollout.preparing import NotPrepared, prepare
from governance.changes.rollout.step_executor import StepExecutor
from governance.changes.rollout.stopping import rollout_stop
from governance.changes.rollout.worker import Worker

log = logging.getLogger(__name__)

# Windows may be changed while a rollout waits for one.
_WINDOW_LOOKS_AGAIN: Final = timedelta(minutes=5)
_QUEUE_LOOKS_AGAIN: Final = timedelta(seconds=15)


class Progress(StrEnum):
    """How a worker's turn ended. WAITS: for a time, a lock or a person."""

    ENDED = "ended"
    STOPPED = "stopped"
    WAITS = "waits"
    LOST = "lost"


def rollout_advance(*, rollout_id: int, worker: Worker) -> Progress:
    """Carry a rollout on as far as it goes now.

    Any other error than AWS's leaves it held until its lease ends, and another worker settles what
    was begun.
    """
    rollout = leases.take(rollout_id, holder=worker.holder, now=worker.clock())
    if rollout is None:
        return Progress.WAITS
    try:
        return _Turn(rollout, worker).go_on()
    except leases.LeaseLost as lost:
        log.warning("%s", lost)
        leases.lost(rollout_id, holder=worker.holder)
        return Progress.LOST


class _Turn:
    """One worker's work on a rollout, from taking it to letting it go."""

    def __init__(self, rollout: Rollout, worker: Worker) -> None:
        self._rollout = rollout
        self._worker = worker
        self._ring = -1
        self._api_made: OrganizationsApi | None = None

    @property
    def _api(self) -> OrganizationsApi:
        if self._api_made is None:
            calls = frozenset(step.call for step in steps_of(self._rollout))
            self._api_made = self._worker.api_of(self._rollout, calls)
        return self._api_made

    def go_on(self) -> Progress:
        try:
            guard.check_plan(self._rollout.change_request, self._rollout)
            self._prepare()
            steps, position = steps_of(self._rollout), self._rollout.position
            executor = self._step_executor(steps[:position])
            for step in steps[position:]:
                self._enter_ring(step)
                executor.execute(step)
            return self._finish(executor.table)
        except RolloutWaits as wait:
            return self._let_go(wait.until)
        except RolloutStopped as stop:
            return self._stop(str(stop), stop.differs, by_person=isinstance(stop, RolloutHalted))
        except guard.NotApproved as refused:
            return self._stop(f"nothing was written: {refused}", ())
        except (UnknownObject, NotPrepared) as refused:
            return self._stop(str(refused), getattr(refused, "differs", ()))
        except ApplyRoleRefused as refused:
            return self._stop(str(refused), ())
        except AwsWriteError as error:
            return self._stop(f"AWS could not be read: {error}", ())

    def _prepare(self) -> None:
        """Take the locks, and read what the plan touches before anything is written."""
        if self._rollout.locked_at is None:
            with transaction.atomic():
                rollout = self._hold_row()
                rollout.change_request = self._rollout.change_request
                taken = locks.locks_take(rollout, now=self._now())
            if not taken:
                raise RolloutWaits(self._now() + _QUEUE_LOOKS_AGAIN)
            self._rollout.locked_at = rollout.locked_at
        if self._rollout.base is None:
            base, plan = prepare(self._rollout, lambda: self._api, now=self._now())
            with transaction.atomic():
                request, rollout = self._hold()
                rollout.base, rollout.plan = base, plan
                rollout.save(update_fields=["base", "plan", "lease_until"])
                if rollout.kind != Rollout.Kind.FORWARD:
                    bind_way_back(request, rollout, now=self._now())
            self._rollout.base, self._rollout.plan = base, plan
            self._api_made = None

    def _step_executor(self, done: Sequence[Step]) -> StepExecutor:
        """Return what makes the steps that follow those that are done."""
        skipped = skipped_steps(self._rollout)
        table = after_steps(
            self._rollout.base or {}, done, self._rollout.created, skipped=frozenset(skipped)
        )
        return StepExecutor(
            self._rollout, self._worker, table=table, skipped=skipped, api=lambda: self._api
        )

    def _enter_ring(self, step: Step) -> None:
        """Leave the rings before a step's, and begin its own where a window lets it."""
        if step.ring == self._ring:
            return
        with transaction.atomic():
            request, rollout = self._hold()
            check_halt(rollout)
            wait = rings.rings_leave(request, rollout, step.ring, now=self._now())
            until = wait.until if wait is not None else self._closed_until(request, rollout, step)
            if until is None:
                rings.ring_begin(request, rollout, step.ring, now=self._now())
            rollout.save(update_fields=["lease_until"])
        if until is not None:
            raise RolloutWaits(until)
        self._ring = step.ring

    def _closed_until(
        self, request: ChangeRequest, rollout: Rollout, step: Step
    ) -> datetime | None:
        """Return until when windows and freezes keep a step's ring from beginning."""
        if not openings.begins_ring(self._rollout, step):
            return None
        opening = openings.ring_opening(self._rollout, step.ring, now=self._now())
        if opening.may:
            return None
        rings.ring_waits(request, openings.closed_words(self._rollout, step.ring, opening))
        latest = self._now() + _WINDOW_LOOKS_AGAIN
        return min(opening.next_opening or latest, latest)

    def _finish(self, table: Table) -> Progress:
        with transaction.atomic():
            request, rollout = self._hold()
            check_halt(rollout)
            rings.rings_end(rollout, now=self._now())
            until = rollout_finish(request, rollout, table, now=self._now())
            if until is None:
                return Progress.ENDED
            leases.let_go(rollout, not_before=until)
        return Progress.WAITS

    def _stop(self, reason: str, differs: Sequence[str], *, by_person: bool = False) -> Progress:
        with transaction.atomic():
            request, rollout = self._hold()
            rollout_stop(
                request,
                rollout,
                reason=reason,
                differs=differs,
                by_person=by_person,
                now=self._now(),
            )
        return Progress.STOPPED

    def _let_go(self, until: datetime) -> Progress:
        with transaction.atomic():
            rollout = self._hold_row()
            leases.let_go(rollout, not_before=until)
        return Progress.WAITS

    def _hold(self) -> tuple[ChangeRequest, Rollout]:
        return leases.hold(self._rollout, holder=self._worker.holder, now=self._now())

    def _hold_row(self) -> Rollout:
        return leases.hold_row(self._rollout, holder=self._worker.holder, now=self._now())

    def _now(self) -> datetime:
        return self._worker.clock()
