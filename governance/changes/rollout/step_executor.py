"""Carry out one step of a plan: compare, journal, call AWS, read back.

The journal says which call may have been made, and a read of AWS says whether it was: so a step
that another worker began is settled, and never made twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from governance.changes.aws_writer import (
    AwsReply,
    AwsWriteError,
    OrganizationsApi,
    RefusalKind,
    jittered,
)
from governance.changes.models import Rollout
from governance.changes.planning.steps import AwsCall, Step
from governance.changes.planning.tables import (
    REQUEST_TAG,
    STEP_TAG,
    TYPES,
    Table,
    changed,
    differences,
    resolved,
    touched,
)
from governance.changes.rollout import guard, leases
from governance.changes.rollout.interruptions import RolloutStopped, RolloutWaits, check_halt
from governance.changes.rollout.journal import (
    ALREADY,
    DONE,
    LOST,
    NOT_BEGUN,
    SETTLED,
    Phase,
    StepRecord,
    record_of,
    write_intent,
    write_line,
)
from governance.changes.rollout.live import find_created, read_keys
from governance.changes.rollout.worker import Worker

CALL_ATTEMPTS: Final = 8
READ_BACK_ATTEMPTS: Final = 6
# Enabling and disabling a type goes on for a while after the call.
_TYPE_SETTLES: Final = timedelta(seconds=15)
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


class _CallResult(StrEnum):
    """The state of a call that AWS did not answer with success."""

    DONE = "done"
    AGAIN = "again"
    LEFT_OUT = "left out"


class StepExecutor:
    """Carries out the steps of one rollout, in order.

    `table`: what AWS is to show before the next step; each step brings it up to date. `skipped`:
    the target of each step that was left out, by the step's number. `api`: AWS for this plan, made
    when it is first called.
    """

    def __init__(
        self,
        rollout: Rollout,
        worker: Worker,
        *,
        table: Table,
        skipped: dict[int, str],
        api: Callable[[], OrganizationsApi],
    ) -> None:
        self.table = table
        self._rollout = rollout
        self._worker = worker
        self._skipped = skipped
        self._api = api
        self._begins_at: int | None = None
        self._guard = guard.Guard()

    def execute(self, step: Step) -> None:
        """Make a step's call, unless it was made before or is left out, and read it back.

        :raises RolloutStopped: AWS refused, or its state is not as reviewed.
        :raises RolloutWaits: what the step changed takes effect later.
        :raises LeaseLost: another worker has taken the rollout over.
        """
        given = resolved(step, self._rollout.created)
        if self._is_left_out(step, given):
            return
        record = self._record_of(step)
        attempt, unsettled = record.attempts, record.unsettled
        while True:
            keys = touched(step, given, self.table)
            live = read_keys(self._api(), keys)
            if unsettled:
                created_id = self._found(step, given, record)
                if created_id or self._shows(step, given, live):
                    self._note(step, Phase.ANSWER, attempt, SETTLED, {"created_id": created_id})
                    self._read_back(step, given, attempt, created_id)
                    return
            self._compare(step, live, keys)
            attempt += 1
            if attempt > record.attempts + CALL_ATTEMPTS:
                raise RolloutStopped(
                    f"step {step.number}: AWS did not take {step.call} {attempt - 1} times"
                )
            self._intend(step, given, attempt)
            try:
                reply = self._api().write(step.call, self._tagged(step, given))
            except AwsWriteError as error:
                became = self._weigh(step, given, error, attempt, unsettled=unsettled)
                if became is _CallResult.LEFT_OUT:
                    return
                if became is _CallResult.AGAIN:
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
    ) -> _CallResult:
        """Note an error, and say what became of the call.

        `unsettled`: an earlier call may have been done after all.
        """
        said = {"code": error.code, "message": str(error), "reason": error.reason}
        outcome = {RefusalKind.LOST: LOST, RefusalKind.ALREADY: ALREADY}.get(error.kind, error.code)
        self._note(step, Phase.ANSWER, attempt, outcome, said, error.request_id)
        if error.kind is RefusalKind.ALREADY:
            return _CallResult.DONE
        if error.kind is not RefusalKind.REFUSED or (unsettled and error.code in _TAKEN):
            return _CallResult.AGAIN
        if step.optional and error.code in _CANNOT_BE_CHANGED:
            self._leave_out(step, given, str(error))
            return _CallResult.LEFT_OUT
        raise RolloutStopped(f"step {step.number}: AWS refused {step.call}: {error}")

    def _is_left_out(self, step: Step, given: dict[str, Any]) -> bool:
        """Leave a step out whose target an earlier step could not change."""
        target_id = given.get("TargetId", "")
        if not target_id or target_id not in self._skipped.values():
            return False
        if not step.optional:
            raise RolloutStopped(
                f"step {step.number} needs {target_id}, which could not be changed"
            )
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
        found = list(differences(self.table, live, keys))
        if found:
            raise RolloutStopped(f"before step {step.number}: {'; '.join(found)}", differs=found)

    def _shows(self, step: Step, given: dict[str, Any], live: Table) -> bool:
        """Whether AWS shows what a step makes, and not what was before it."""
        if step.call in _CREATES:
            return False
        after = changed(step, given, self.table)
        keys = [key for key in live if key in after]
        return not any(differences(after, live, keys)) and any(
            True for _ in differences(self.table, live, keys)
        )

    def _found(self, step: Step, given: dict[str, Any], record: StepRecord) -> str:
        if step.call not in _CREATES:
            return ""
        if record.created_id:
            return record.created_id
        return find_created(self._api(), step, given, step_tag=self._step_tag(step))

    def _intend(self, step: Step, given: dict[str, Any], attempt: int) -> None:
        with transaction.atomic():
            request, rollout = leases.hold_to_write(
                self._rollout, holder=self._worker.holder, now=self._now()
            )
            check_halt(rollout)
            if rollout.position != self._rollout.position:
                raise leases.LeaseLost(f"rollout {rollout.pk} has gone on without this worker")
            self._guard.check_before_write(request, rollout, now=self._now())
            write_intent(request, rollout, step, given, attempt=attempt, now=self._now())

    def _read_back(self, step: Step, given: dict[str, Any], attempt: int, created_id: str) -> None:
        """Read what a call has made, until AWS shows it, and count the step."""
        placeholder = step.creates
        if placeholder and not created_id:
            raise RolloutStopped(f"step {step.number}: AWS did not say what it created")
        after = changed(step, given, self.table, created_id)
        shown = {**self.table, **after}
        keys = [key for key in touched(step, given, self.table) if key in after]
        if placeholder:
            kind = "policy" if step.call is AwsCall.CREATE_POLICY else "unit"
            keys = [f"{kind}/{created_id}"]
        for number in range(1, READ_BACK_ATTEMPTS + 1):
            live = read_keys(self._api(), keys)
            found = list(differences(shown, live, keys))
            if not found:
                break
            if number == READ_BACK_ATTEMPTS:
                if keys == [TYPES]:
                    raise RolloutWaits(self._now() + _TYPE_SETTLES)
                raise RolloutStopped(f"after step {step.number}: {'; '.join(found)}", differs=found)
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
        self.table.update(after)
        if not_before is not None:
            raise RolloutWaits(not_before)

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
