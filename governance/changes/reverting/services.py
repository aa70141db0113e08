"""Undoing an applied request, and what happens when the end of a temporary change comes."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from governance.access.actors import system_actor, user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit import actions
from governance.changes.elsewhere.approved import ApprovedResult, approved_result
from governance.changes.elsewhere.differences import collected_now, differences
from governance.changes.elsewhere.observing import difference_words
from governance.changes.evidence.live_reads import LiveReader
from governance.changes.evidence.live_state import LiveReads
from governance.changes.evidence.making import make_evidence
from governance.changes.life.content import ContentInvalid
from governance.changes.life.drafting import change_create
from governance.changes.life.signals import state_changed
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    change_record,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest
from governance.changes.reverting.undoing import undoing_content
from governance.changes.rollout.services import rollout_roll_back
from governance.changes.states import CLOSED, ChangeState
from governance.edits.canonical_text import canonical_text

log = logging.getLogger(__name__)

_S = ChangeState
_CLOCK: Final = system_actor("end of temporary changes")
_UNDOABLE: Final = frozenset({_S.APPLIED, _S.RATIFIED, _S.REVERT_DUE})
_FAILED: Final = "the way back could not be proven on our side; the log says why"


@transaction.atomic
def change_undo(*, by: ActingPerson, change_request_id: int, now: datetime) -> ChangeRequest:
    """Make a draft that takes an applied request back, prefilled; it goes the usual way.

    One that is open already is returned instead of another.

    :raises WrongState: the request is not applied.
    :raises CannotChangeRequest: nothing of it is left to revert.
    :raises MayNot: whoever acts may not propose changes there.
    """
    request = locked_request(change_request_id)
    if request.state not in _UNDOABLE:
        label = _S(request.state).label.lower()
        raise WrongState(f"the change request is {label}: only what is applied can be undone")
    return open_undo(request) or _draft_undo(request, by, now)


def open_undo(change_request: ChangeRequest) -> ChangeRequest | None:
    """Return the newest request that undoes another and is not closed, if there is one."""
    return change_request.undone_by.exclude(state__in=CLOSED).order_by("-pk").first()


def reverts_begin(*, clock: Callable[[], datetime], live: LiveReader | None = None) -> int:
    """Bring each temporary change whose end has come to REVERT_DUE, and back; return how many.

    What Orgwarden applied is taken back by itself where that is proven now. Else, and where another
    tool applied it, the request asks: it stays REVERT_DUE, says why, and a prefilled request that
    undoes it stands as a draft of its author. `live`: reads from AWS what the way back names;
    without it the newest run stands alone.
    """
    due = ChangeRequest.objects.filter(state__in=(_S.APPLIED, _S.RATIFIED), revert_at__lte=clock())
    begun = 0
    for key in due.order_by("revert_at").values_list("pk", flat=True):
        with transaction.atomic():
            begun += _fall_due(key, clock())
    waiting = ChangeRequest.objects.filter(state=_S.REVERT_DUE, state_reason="")
    for key in list(waiting.order_by("state_at").values_list("pk", flat=True)):
        revert_prove(change_request_id=key, clock=clock, live=live)
    return begun


def revert_prove(
    *, change_request_id: int, clock: Callable[[], datetime], live: LiveReader | None = None
) -> bool:
    """Prove the way back of one request that is due, and take it; False: it asks instead."""
    request = ChangeRequest.objects.select_related("connection", "evidence", "author").get(
        pk=change_request_id
    )
    try:
        reason = _why_not(request, clock(), live)
    except Exception:
        log.exception("the way back of change request %s could not be proven", request.pk)
        reason = _FAILED
    with transaction.atomic():
        current = locked_request(change_request_id)
        if current.state != _S.REVERT_DUE:
            return False
        if not reason:
            try:
                with transaction.atomic():
                    rollout_roll_back(
                        actor=_CLOCK,
                        change_request_id=current.pk,
                        reason="its end has come, and the way back is proven",
                        now=clock(),
                    )
            except CannotChangeRequest as refused:
                reason = str(refused)
            else:
                return True
        _ask(current, reason, clock())
        return False


def _fall_due(change_request_id: int, now: datetime) -> bool:
    request = locked_request(change_request_id)
    over = request.revert_at is not None and request.revert_at <= now
    if request.state not in (_S.APPLIED, _S.RATIFIED) or not over:
        return False
    transition(request, _S.REVERT_DUE, actor=_CLOCK, now=now)
    return True


def _why_not(request: ChangeRequest, now: datetime, live: LiveReader | None) -> str:
    """Say why a request cannot be taken back by itself; empty: the way back is proven."""
    if request.applied != ChangeRequest.Applied.HERE:
        return "another tool applied it: that tool has to revert it"
    result = approved_result(request)
    moved = differences(collected_now(request.connection, result), result)
    if moved:
        return f"it is no longer as applied: {difference_words(moved)}"
    content = undoing_content(request)
    # Evidence of the way back, by itself: nothing of this is stored.
    undoing = ChangeRequest(
        pk=request.pk,
        connection=request.connection,
        number=request.number,
        author=request.author,
        title=content.title,
        operations=list(content.operations),
        rings=[],
        applied=request.applied,
        policy_ids=ChangeRequest.PolicyIds.KEEP,
    )
    # That what was used meanwhile ends was agreed to with its end.
    read = live(undoing, now) if live else None
    touched = sorted(_touched_since(result, read)) if read else []
    if touched:
        return f"AWS does not have {', '.join(touched)} as applied any more"
    against = make_evidence(undoing, now=now, live=read, replays_usage=False).blocked_by()
    if against:
        more = f" and {len(against) - 1} more" if len(against) > 1 else ""
        return f"the way back is not proven harmless: {against[0].message}{more}"
    return ""


def _touched_since(result: ApprovedResult, read: LiveReads) -> Iterator[str]:
    """Yield the names of the policies that AWS has otherwise than they were applied."""
    for policy in result.policies:
        if policy.policy_id not in read.found.policies:
            continue
        found = read.found.policies[policy.policy_id]
        if (
            found is None
            or set(found.target_ids) != set(policy.target_ids)
            or canonical_text(found.text, policy.policy_type)
            != canonical_text(policy.text, policy.policy_type)
        ):
            yield policy.name


def _ask(request: ChangeRequest, reason: str, now: datetime) -> None:
    """Have a request that is due say why it waits, with a prefilled one that undoes it."""
    request.state_reason = reason
    request.updated_at = now
    request.save(update_fields=["state_reason", "updated_at"])
    change_record(
        request, actor=_CLOCK, action=actions.CHANGE_STATE, now=now, after={"reason": reason}
    )
    if open_undo(request) is not None:
        return
    author = ActingPerson(user=request.author, actor=user_actor(request.author))
    try:
        with transaction.atomic():
            _draft_undo(request, author, now)
    except (CannotChangeRequest, MayNot) as refused:
        # Its author may have lost the right meanwhile: whoever has it makes the request.
        log.warning("no request that undoes %s was prepared: %s", request.pk, refused)


def _draft_undo(request: ChangeRequest, by: ActingPerson, now: datetime) -> ChangeRequest:
    content = undoing_content(request)
    if not content.operations:
        raise CannotChangeRequest("nothing of it is left to revert")
    try:
        with transaction.atomic():
            return change_create(
                by=by, connection=request.connection, content=content, now=now, undoes=request
            )
    except ContentInvalid:
        # Rings whose targets are gone by now are left out.
        plain = content.changed(rings=())
        return change_create(
            by=by, connection=request.connection, content=plain, now=now, undoes=request
        )


def close_undone(
    *, change_request: ChangeRequest, to: ChangeState, now: datetime, **_: Any
) -> None:
    """Close a request that was due once the one that undoes it is applied."""
    if to not in (_S.APPLIED, _S.RATIFIED) or change_request.undoes_id is None:
        return
    undone = locked_request(change_request.undoes_id)
    if undone.state == _S.REVERT_DUE:
        reason = f"undone by change request #{change_request.number}"
        transition(undone, _S.REVERTED, actor=_CLOCK, now=now, reason=reason)


def register() -> None:
    """Follow requests that undo others."""
    state_changed.connect(close_undone, dispatch_uid="changes.close_undone")
