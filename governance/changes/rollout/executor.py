"""Carries a rollout out: one call at a time, each compared, journaled and read back.

A worker may die anywhere. What it has begun another goes on with: the journal says which call may
have been made, and a read of AWS says whether it was.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from governance.changes.aws_writer import (
    ApplyRoleRefused,
    AwsReply,
    AwsWriteError,
    OrganizationsApi,
    RefusalKind,
    jittered,
)
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.planning.steps import AwsCall, Step
from governance.changes.planning.tables import (
    REQUEST_TAG,
    STEP_TAG,
    TYPES,
    Table,
    UnknownObject,
    after_steps,
    changed,
    differences,
    resolved,
    touched,
)
from governance.changes.rollout import guard, leases, locks, openings, rings
from governance.changes.rollout.ending import rollout_finish
from governance.changes.rollout.journal import (
    ALREADY,
    DONE,
    LOST,
    NOT_BEGUN,
    SETTLED,
    Phase,
    StepRecord,
    bind_way_back,
    record_of,
    skipped_steps,
    write_intent,
    write_line,
)
from governance.changes.rollout.live import find_created, read_keys
from governance.changes.rollout.plans import steps_of
from governance.changes.rollout.preparing import NotPrepared, prepare
from governance.changes.rollout.stopping import rollout_stop

log = logging.getLogger(__name__)

CALL_ATTEMPTS: Final = 8
READ_BACK_ATTEMPTS: Final = 6
# Enabling and disabling a type goes on for a while after the call.
_TYPE_SETTLES: Final = timedelta(seconds=15)
# Windows may be changed while a rollout waits for one.
_WINDOW_LOOKS_AGAIN: Final = timedelta(minutes=5)
_QUEUE_LOOKS_AGAIN: Final = timedelta(seconds=15)
# What AWS says of a target that cannot be changed, such as a suspended account.
_CANNOT_BE_CHANGED: Final = frozenset(
    {
        "AccountNotFoundException",
        "ConstraintViolationException",
        "TargetNotFoundException",
        "UnsupportedAPIEndpointException",
    }
)
# A name is taken, perhaps by what a call has made whose answer was lost.
_TAKEN: Final = frozenset({"DuplicatePolicyException", "DuplicateOrganizationalUnitException"})
_CREATES: Final = frozenset({AwsCall.CREATE_POLICY, AwsCall.CREATE_ORGANIZATIONAL_UNIT})


class Progress(StrEnum):
    """What became of a turn of work. WAITS: for a time, a lock or a person."""

    ENDED = "ended"
    STOPPED = "stopped"
    WAITS = "waits"
    LOST = "lost"


class _Became(StrEnum):
    """What became of a call that AWS did not answer with success."""

    DONE = "done"
    AGAIN = "again"
    LEFT_OUT = "left out"


class _Stop(Exception):
    """The rollout cannot go on; `differs`: what is not as reviewed."""

    def __init__(self, reason: str, *, differs: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.differs = tuple(differs)


class _Halted(_Stop):
    """Somebody pressed halt."""


class _Wait(Exception):
    """Nothing is to be done before a time."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


@dataclass(frozen=True, slots=True)
class Worker:
    """Who carries rollouts out. `api_of`: AWS for a rollout whose plan makes these calls."""

    holder: str
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    api_of: Callable[[Rollout, frozenset[AwsCall]], OrganizationsApi]


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
        self._table: Table = {}
        self._skipped: dict[int, str] = {}
        self._ring = -1
        self._begins_at: int | None = None
        self._guard = guard.Guard()
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
            steps = steps_of(self._rollout)
            self._skipped = skipped_steps(self._rollout)
            done = steps[: self._rollout.position]
            created = self._rollout.created
            self._table = after_steps(
                self._rollout.base or {}, done, created, skipped=frozenset(self._skipped)
            )
            for step in steps[self._rollout.position :]:
                self._enter_ring(step)
                self._make(step)
            return self._finish()
        except _Wait as wait:
            return self._let_go(wait.until)
        except _Stop as stop:
            return self._stop(str(stop), stop.differs, by_person=isinstance(stop, _Halted))
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
                raise _Wait(self._now() + _QUEUE_LOOKS_AGAIN)
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

    def _enter_ring(self, step: Step) -> None:
        """Leave the rings before a step's, and begin its own where a window lets it."""
        if step.ring == self._ring:
            return
        with transaction.atomic():
            request, rollout = self._hold()
            self._check_halt(rollout)
            wait = rings.rings_leave(request, rollout, step.ring, now=self._now())
            until = wait.until if wait is not None else self._closed_until(request, rollout, step)
            if until is None:
                rings.ring_begin(request, rollout, step.ring, now=self._now())
            rollout.save(update_fields=["lease_until"])
        if until is not None:
            raise _Wait(until)
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

    def _make(self, step: Step) -> None:
        given = resolved(step, self._rollout.created)
        if self._is_left_out(step, given):
            return
        record = self._record_of(step)
        attempt, unsettled = record.attempts, record.unsettled
        while True:
            keys = touched(step, given, self._table)
            live = read_keys(self._api, keys)
            if unsettled:
                created_id = self._found(step, given, record)
                if created_id or self._shows(step, given, live):
                    self._note(step, Phase.ANSWER, attempt, SETTLED, {"created_id": created_id})
                    self._read_back(step, given, attempt, created_id)
                    return
            self._compare(step, live, keys)
            attempt += 1
            if attempt > record.attempts + CALL_ATTEMPTS:
                raise _Stop(f"step {step.number}: AWS did not take {step.call} {attempt - 1} times")
            self._intend(step, given, attempt)
            try:
                reply = self._api.write(step.call, self._tagged(step, given))
            except AwsWriteError as error:
                became = self._weigh(step, given, error, attempt, unsettled=unsettled)
                if became is _Became.LEFT_OUT:
                    return
                if became is _Became.AGAIN:
                    unsettled = unsettled or error.kind is RefusalKind.LOST
                    self._worker.sleep(jittered(attempt - record.attempts))
                    continue
                created_id = ""
            else:
                created_id = _created_id(step, reply)
                said = {"created_id": created_id} if created_id else {}
                self._note(step, Phase.ANSWER, attempt, DONE, said, reply.request_id)
            self._read_back(step, given, attempt, created_id)
            return

    def _record_of(self, step: Step) -> StepRecord:
        """Return what the journal holds of a step: of those behind the turn's first, nothing."""
        if self._begins_at is None:
            self._begins_at = step.number
        return record_of(self._rollout, step) if step.number == self._begins_at else NOT_BEGUN

    def _weigh(
        self,
        step: Step,
        given: dict[str, Any],
        error: AwsWriteError,
        attempt: int,
        *,
        unsettled: bool,
    ) -> "_Became":
        """Note an error, and say what became of the call.

        `unsettled`: an earlier call may have been done after all.
        """
        said = {"code": error.code, "message": str(error), "reason": error.reason}
        outcome = {RefusalKind.LOST: LOST, RefusalKind.ALREADY: ALREADY}.get(error.kind, error.code)
        self._note(step, Phase.ANSWER, attempt, outcome, said, error.request_id)
        if error.kind is RefusalKind.ALREADY:
            return _Became.DONE
        if error.kind is not RefusalKind.REFUSED or (unsettled and error.code in _TAKEN):
            return _Became.AGAIN
        if step.optional and error.code in _CANNOT_BE_CHANGED:
            self._leave_out(step, given, str(error))
            return _Became.LEFT_OUT
        raise _Stop(f"step {step.number}: AWS refused {step.call}: {error}")

    def _is_left_out(self, step: Step, given: dict[str, Any]) -> bool:
        """Leave a step out whose target an earlier step could not change."""
        target_id = given.get("TargetId", "")
        if not target_id or target_id not in self._skipped.values():
            return False
        if not step.optional:
            raise _Stop(f"step {step.number} needs {target_id}, which could not be changed")
        self._leave_out(step, given, "an earlier step at this target was left out")
        return True

    def _leave_out(self, step: Step, given: dict[str, Any], reason: str) -> None:
        with transaction.atomic():
            self._count(None)
            write_line(
                self._rollout,
                step,
                Phase.SKIPPED,
                attempt=1,
                outcome="skipped",
                now=self._now(),
                detail={"TargetId": given.get("TargetId", ""), "reason": reason},
            )
        self._skipped[step.number] = str(given.get("TargetId", ""))

    def _compare(self, step: Step, live: Table, keys: Sequence[str]) -> None:
        found = list(differences(self._table, live, keys))
        if found:
            raise _Stop(f"before step {step.number}: {'; '.join(found)}", differs=found)

    def _shows(self, step: Step, given: dict[str, Any], live: Table) -> bool:
        """Whether AWS shows what a step makes, and not what was before it."""
        if step.call in _CREATES:
            return False
        after = changed(step, given, self._table)
        keys = [key for key in live if key in after]
        return not any(differences(after, live, keys)) and any(
            True for _ in differences(self._table, live, keys)
        )

    def _found(self, step: Step, given: dict[str, Any], record: StepRecord) -> str:
        if step.call not in _CREATES:
            return ""
        if record.created_id:
            return record.created_id
        return find_created(self._api, step, given, step_tag=self._step_tag(step))

    def _intend(self, step: Step, given: dict[str, Any], attempt: int) -> None:
        with transaction.atomic():
            request, rollout = leases.hold_to_write(
                self._rollout, holder=self._worker.holder, now=self._now()
            )
            self._check_halt(rollout)
            if rollout.position != self._rollout.position:
                raise leases.LeaseLost(f"rollout {rollout.pk} has gone on without this worker")
            self._guard.check_before_write(request, rollout, now=self._now())
            write_intent(request, rollout, step, given, attempt=attempt, now=self._now())

    def _read_back(self, step: Step, given: dict[str, Any], attempt: int, created_id: str) -> None:
        """Read what a call has made, until AWS shows it, and count the step."""
        placeholder = step.creates
        if placeholder and not created_id:
            raise _Stop(f"step {step.number}: AWS did not say what it created")
        after = changed(step, given, self._table, created_id)
        shown = {**self._table, **after}
        keys = [key for key in touched(step, given, self._table) if key in after]
        if placeholder:
            kind = "policy" if step.call is AwsCall.CREATE_POLICY else "unit"
            keys = [f"{kind}/{created_id}"]
        for number in range(1, READ_BACK_ATTEMPTS + 1):
            live = read_keys(self._api, keys)
            found = list(differences(shown, live, keys))
            if not found:
                break
            if number == READ_BACK_ATTEMPTS:
                if keys == [TYPES]:
                    raise _Wait(self._now() + _TYPE_SETTLES)
                raise _Stop(f"after step {step.number}: {'; '.join(found)}", differs=found)
            self._worker.sleep(jittered(number))
        now = self._now()
        wait = settings.CHANGES_PROPAGATION_SECONDS if step.waits else 0
        not_before = now + timedelta(seconds=wait) if wait else None
        if placeholder:
            self._rollout.created = {**self._rollout.created, placeholder: created_id}
        with transaction.atomic():
            self._count(not_before)
            write_line(
                self._rollout,
                step,
                Phase.READ_BACK,
                attempt=attempt,
                outcome="as planned",
                now=now,
                detail=live,
            )
        self._table.update(after)
        if not_before is not None:
            raise _Wait(not_before)

    def _count(self, not_before: datetime | None) -> None:
        leases.count_step(
            self._rollout, holder=self._worker.holder, not_before=not_before, now=self._now()
        )

    def _note(
        self,
        step: Step,
        phase: Phase,
        attempt: int,
        outcome: str,
        detail: dict[str, Any],
        request_id: str = "",
    ) -> None:
        # Whoever holds the rollout now: what AWS answered is true in any case.
        write_line(
            self._rollout,
            step,
            phase,
            attempt=attempt,
            outcome=outcome,
            now=self._now(),
            aws_request_id=request_id,
            detail=detail,
        )

    def _tagged(self, step: Step, given: dict[str, Any]) -> dict[str, Any]:
        """Return parameters with the tags by which what a step creates is found again."""
        if not step.creates:
            return given
        mine = {
            REQUEST_TAG: str(self._rollout.change_request.number),
            STEP_TAG: self._step_tag(step),
        }
        tags = [tag for tag in given.get("Tags", ()) if tag["Key"] not in mine]
        tags += [{"Key": name, "Value": value} for name, value in mine.items()]
        if step.call is AwsCall.CREATE_POLICY:
            given = {"Description": "", **given}
        return {**given, "Tags": tags}

    def _step_tag(self, step: Step) -> str:
        return f"{self._rollout.pk}-{step.number}"

    def _finish(self) -> Progress:
        with transaction.atomic():
            request, rollout = self._hold()
            self._check_halt(rollout)
            rings.rings_end(rollout, now=self._now())
            until = rollout_finish(request, rollout, self._table, now=self._now())
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

    def _check_halt(self, rollout: Rollout) -> None:
        if rollout.halt_requested_at is not None:
            who = rollout.halt_requested_by
            by = f" by {who.get_username()}" if who else ""
            raise _Halted(
                f"halted{by}" + (f": {rollout.halt_reason}" if rollout.halt_reason else "")
            )

    def _now(self) -> datetime:
        return self._worker.clock()


def _created_id(step: Step, reply: AwsReply) -> str:
    match step.call:
        case AwsCall.CREATE_POLICY:
            return str(reply.members["Policy"]["PolicySummary"]["Id"])
        case AwsCall.CREATE_ORGANIZATIONAL_UNIT:
            return str(reply.members["OrganizationalUnit"]["Id"])
        case _:
            return ""
