"""How far a change request is, as one line of steps."""

from dataclasses import dataclass
from typing import Final

from governance.changes.models import ChangeRequest, RolloutRing
from governance.changes.states import ChangeState
from governance.web.parts.markup import counted

_S = ChangeState
_DRAFTING: Final = (_S.DRAFT, _S.CHANGES_REQUESTED)
_CHECKING: Final = (_S.CHECKING, _S.CHECKS_FAILED, _S.STALE)
_ENDED_BEFORE: Final = (_S.REJECTED, _S.WITHDRAWN, _S.EXPIRED)
_APPLIED: Final = (_S.APPLIED, _S.APPLIED_PENDING_REVIEW, _S.RATIFIED, _S.REVERT_DUE)


@dataclass(frozen=True, slots=True)
class RequestStage:
    """One step of the line, as `includes/progress.html` draws it.

    `state`: done, now, bad or next. `done` of `whole`: how far it is. `icon`: of the step that
    is going on, where it is no work of a machine.
    """

    label: str
    words: str
    state: str
    done: float = 0
    whole: float = 1
    icon: str = ""


def stages(asked: ChangeRequest, *, approved: tuple[int, int] | None = None) -> list[RequestStage]:
    """Return the steps from draft to applied. `approved`: how many of how many agreed."""
    state = ChangeState(asked.state)
    return [
        _draft(asked, state),
        _checks(asked, state),
        _review(asked, state, approved),
        *_rings(asked, state),
        _end(asked, state),
    ]


def _draft(asked: ChangeRequest, state: ChangeState) -> RequestStage:
    words = f"revision {asked.revision}"
    if state in _DRAFTING:
        return RequestStage("Draft", words, "now", 0.5, icon="pencil")
    return RequestStage("Draft", words, "done", 1)


def _checks(asked: ChangeRequest, state: ChangeState) -> RequestStage:
    if state in _DRAFTING or asked.evidence_id is None:
        if state is _S.CHECKING:
            return RequestStage("Checks", "running", "now", 0.5)
        if state is _S.CHECKS_FAILED:
            return RequestStage("Checks", "failed", "bad", 1)
        return RequestStage("Checks", "not run", "next")
    if state is _S.CHECKING:
        return RequestStage("Checks", "running again", "now", 0.5)
    if state is _S.CHECKS_FAILED:
        return RequestStage("Checks", "failed", "bad", 1)
    if state is _S.STALE:
        return RequestStage("Checks", "stale", "bad", 1)
    return RequestStage("Checks", "passed", "done", 1)


def _review(
    asked: ChangeRequest, state: ChangeState, approved: tuple[int, int] | None
) -> RequestStage:
    if state in _DRAFTING or state in _CHECKING:
        return RequestStage("Review", "not asked yet", "next")
    if state in _ENDED_BEFORE:
        return RequestStage("Review", state.label.lower(), "bad", 1)
    counted_words = "" if approved is None else f"{approved[0]} of {approved[1]} approved"
    if state is _S.IN_REVIEW:
        done, whole = approved or (0, 1)
        return RequestStage(
            "Review", counted_words or "waiting", "now", done or 0.1, max(whole, 1), icon="eye"
        )
    if asked.emergency and state is not _S.RATIFIED:
        return RequestStage("Review", "after the fact", "now", 0.1, icon="eye")
    return RequestStage("Review", counted_words or "approved", "done", 1)


def _rings(asked: ChangeRequest, state: ChangeState) -> list[RequestStage]:
    if asked.applied == ChangeRequest.Applied.ELSEWHERE:
        words = {_S.HANDED_OUT: "waiting for a run", _S.DIFFERS: "differs"}.get(state, "elsewhere")
        look = {_S.HANDED_OUT: "now", _S.DIFFERS: "bad"}.get(state, "next")
        if state in _APPLIED:
            look, words = "done", "seen by a run"
        return [RequestStage("Handed out", words, look, 1 if look in ("done", "bad") else 0.5)]
    by_number = {} if state not in _rolling_or_after() else _current_rings(asked)
    listed = asked.rings or [{"name": "All targets", "targets": [], "soak_minutes": 0}]
    return [
        _ring(number, ring, by_number.get(number), state)
        for number, ring in enumerate(listed, start=1)
    ]


def _rolling_or_after() -> frozenset[ChangeState]:
    return frozenset(ChangeState) - {*_DRAFTING, *_CHECKING, *_ENDED_BEFORE, _S.IN_REVIEW}


def _current_rings(asked: ChangeRequest) -> dict[int, RolloutRing]:
    rows = RolloutRing.objects.filter(
        rollout__change_request=asked, rollout__kind="forward"
    ).order_by("rollout_id")
    return {row.number: row for row in rows}


def _ring(
    number: int, ring: dict[str, object], row: RolloutRing | None, of: ChangeState
) -> RequestStage:
    targets = ring.get("targets")
    parts = [str(ring.get("name") or f"Ring {number}")]
    if isinstance(targets, list) and targets:
        parts.append(counted(len(targets), "target,targets"))
    if ring.get("soak_minutes"):
        parts.append(f"{soak_words(int(str(ring['soak_minutes'])))} soak")
    words = ", ".join(parts)
    label = f"Ring {number}"
    if of in _APPLIED or (row is not None and row.state == RolloutRing.State.DONE):
        return RequestStage(label, words, "done", 1)
    if row is None or row.state == RolloutRing.State.PENDING:
        return RequestStage(label, words, "next")
    if of in (_S.HALTED, _S.PARTIALLY_APPLIED, _S.ROLLBACK_FAILED, _S.ROLLED_BACK):
        return RequestStage(label, f"{words}, {of.label.lower()}", "bad", 0.5)
    return RequestStage(label, f"{words}, {row.get_state_display().lower()}", "now", 0.5)


def soak_words(minutes: int) -> str:
    """Write a soak time: `45 min`, `24 h`, `3 days`."""
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 72 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // 1440} days"


def _end(asked: ChangeRequest, state: ChangeState) -> RequestStage:
    if state in _APPLIED:
        return RequestStage("Applied", "seen by a run", "done", 1)
    if state in (_S.ROLLED_BACK, _S.REVERTED):
        return RequestStage(state.label, "as it was before", "done", 1)
    if state in (_S.ROLLING_BACK, _S.ROLLBACK_FAILED):
        failed = state is _S.ROLLBACK_FAILED
        return RequestStage(state.label, "the way back", "bad" if failed else "now", 0.5)
    return RequestStage("Applied", "not yet", "next")
