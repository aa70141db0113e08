"""The journal of a rollout: a line before each call and lines after it, with an audit entry."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from governance.changes.models import ChangeRequest, JournalEntry, Rollout
from governance.changes.planning.steps import Step
from governance.changes.rollout.plans import steps_digest

ROLLOUT_ACTOR: Final = Actor(kind="system", user_id=None, name="rollout")
Phase = JournalEntry.Phase

DONE: Final = "done"
ALREADY: Final = "already"
LOST: Final = "lost"
SETTLED: Final = "settled"
HALTED: Final = "halted"
_MAY_BE_DONE: Final = frozenset({DONE, ALREADY, LOST})


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What the journal holds of one step. `unsettled`: AWS may have done it, or not.

    `attempts`: how often it was called, or was about to be.
    """

    attempts: int
    unsettled: bool
    created_id: str


NOT_BEGUN: Final = StepRecord(attempts=0, unsettled=False, created_id="")


def record_of(rollout: Rollout, step: Step) -> StepRecord:
    """Return what the journal holds of a step."""
    lines = list(
        JournalEntry.objects.filter(rollout=rollout, step=step.number)
        .order_by("pk")
        .values_list("phase", "attempt", "outcome", "detail")
    )
    attempts = max((attempt for _, attempt, _, _ in lines), default=0)
    created_id = next(
        (str(detail["created_id"]) for _, _, _, detail in lines if detail.get("created_id")), ""
    )
    unsettled = False
    for phase, _, outcome, _ in lines:
        if phase == Phase.INTENT:
            unsettled = True
        elif phase == Phase.ANSWER:
            unsettled = outcome in _MAY_BE_DONE
    return StepRecord(attempts, unsettled, created_id)


def skipped_steps(rollout: Rollout) -> dict[int, str]:
    """Return the steps that were left out and the target of each."""
    lines = JournalEntry.objects.filter(rollout=rollout, phase=Phase.SKIPPED)
    return {
        step: str(detail.get("TargetId", ""))
        for step, detail in lines.values_list("step", "detail")
    }


def has_written(rollout: Rollout) -> bool:
    """Whether AWS may hold anything of a rollout."""
    return JournalEntry.objects.filter(
        rollout=rollout, phase=Phase.ANSWER, outcome__in=(DONE, LOST, SETTLED)
    ).exists() or _has_open_intent(rollout)


def _has_open_intent(rollout: Rollout) -> bool:
    last = JournalEntry.objects.filter(rollout=rollout).order_by("-pk").first()
    return last is not None and last.phase == Phase.INTENT


def session_name(number: int) -> str:
    """Return the name of the apply role's session that carries out a change request."""
    return f"orgwarden-change-{number}"


def write_intent(
    request: ChangeRequest,
    rollout: Rollout,
    step: Step,
    given: Mapping[str, Any],
    *,
    attempt: int,
    now: datetime,
) -> JournalEntry:
    """Note that a call is about to be made, here and in the audit log."""
    shown = _shortened(given)
    entry = audit_record(
        actor=ROLLOUT_ACTOR,
        action=actions.CHANGE_WRITE,
        object_kind="change_request",
        object_id=str(request.number),
        object_name=request.title,
        connection_id=request.connection_id,
        target_id=str(given.get("TargetId", given.get("AccountId", ""))),
        after={
            "call": step.call.value,
            "step": step.number,
            "attempt": attempt,
            "rollout": rollout.pk,
            **shown,
        },
        now=now,
    )
    return JournalEntry.objects.create(
        rollout=rollout,
        step=step.number,
        attempt=attempt,
        phase=Phase.INTENT,
        call=step.call.value,
        detail=shown,
        audit_entry=entry,
        recorded_at=now,
    )


def bind_way_back(request: ChangeRequest, rollout: Rollout, *, now: datetime) -> None:
    """Have the audit log keep which steps a way back makes, worked out from what was done."""
    audit_record(
        actor=ROLLOUT_ACTOR,
        action=actions.CHANGE_WAY_BACK,
        object_kind="change_request",
        object_id=str(request.number),
        object_name=request.title,
        connection_id=request.connection_id,
        after={"rollout": rollout.pk, "steps_sha256": steps_digest(rollout.plan)},
        now=now,
    )


def write_line(
    rollout: Rollout,
    step: Step,
    phase: JournalEntry.Phase,
    *,
    attempt: int,
    outcome: str,
    now: datetime,
    aws_request_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Note what became of a call."""
    return JournalEntry.objects.create(
        rollout=rollout,
        step=step.number,
        attempt=max(1, attempt),
        phase=phase,
        call=step.call.value,
        outcome=outcome[:40],
        aws_request_id=aws_request_id[:80],
        detail=_shortened(detail or {}),
        recorded_at=now,
    )


def _shortened(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters or values with policy texts as their SHA-256: the plan has the texts."""
    return {name: _short(name, value) for name, value in given.items()}


def _short(name: str, value: Any) -> Any:
    if name in {"Content", "text"} and isinstance(value, str):
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    if isinstance(value, Mapping):
        return {key: _short(key, each) for key, each in value.items()}
    return value
