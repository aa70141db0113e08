"""Checking a request: evidence is made, and what it says decides how the request goes on."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from governance.access.actors import system_actor
from governance.audit import actions
from governance.audit.actors import Actor
from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.changes.evidence.live_reads import LiveReader
from governance.changes.evidence.made import MadeEvidence
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from governance.changes.life.dispatch import send_check
from governance.changes.life.required import (
    reaches_protected,
    required_json,
    required_of,
)
from governance.changes.life.signals import emergency_checked
from governance.changes.life.transitions import (
    change_record,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.states import ChangeState

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
CHECKER = system_actor("checks of change requests")


def change_check(
    *, change_request_id: int, clock: Clock, live: LiveReader | None = None
) -> ChangeRequest | None:
    """Make evidence of a request that waits for it, and lead it on: failed, or to its review.

    `live`: reads from AWS what the request names; without it the newest run stands alone.
    None where it does not wait for that, or not any more once the evidence is made: an edit has it
    checked again. Where evidence cannot be made at all, the checks have failed.

    :raises NoSuchChangeRequest: see there.
    """
    with transaction.atomic():
        request = locked_request(change_request_id)
    if request.state != ChangeState.CHECKING:
        return None
    try:
        read = live(request, clock()) if live else None
        made = make_evidence(request, now=clock(), live=read)
    except Exception:
        _fail(request, clock())
        raise
    with transaction.atomic():
        current = locked_request(change_request_id)
        if not _is_same(request, current):
            return None
        return apply_evidence(current, made, actor=CHECKER, now=clock())


def apply_evidence(
    request: ChangeRequest, made: MadeEvidence, *, actor: Actor, now: datetime
) -> ChangeRequest:
    """Give a locked request that is checking its evidence, and lead it on.

    An emergency fails only where a hard finding stands against it; it goes on without a review.
    """
    stored = evidence_store(made)
    hold_evidence(request, made, stored, now=now)
    against = blocking_findings(request, made)
    change_record(
        request,
        actor=actor,
        action=actions.CHANGE_CHECK,
        now=now,
        after={
            "evidence_sha256": stored.sha256,
            "plan_sha256": request.plan_sha256,
            "revision": request.revision,
            "findings": len(made.findings),
            "blocking": [one.key for one in against],
        },
    )
    if against:
        request.expires_at = None
        return transition(
            request, ChangeState.CHECKS_FAILED, actor=actor, now=now, reason=_said(against)
        )
    if request.emergency:
        request.save()
        emergency_checked.send(sender=ChangeRequest, change_request=request, actor=actor, now=now)
        return request
    request.expires_at = now + timedelta(days=settings.CHANGES_REVIEW_DAYS)
    request.escalated_at = None
    transition(request, ChangeState.IN_REVIEW, actor=actor, now=now)
    if not request.required_approvals:
        approve(request, actor=actor, now=now, reason="the rules ask nobody")
    return request


def hold_evidence(
    request: ChangeRequest, made: MadeEvidence, stored: Evidence, *, now: datetime
) -> None:
    """Set what follows from evidence on a request; the caller saves it."""
    required = required_of(request, made.targets, now=now)
    request.evidence = stored
    request.plan_sha256 = made.plan_sha256
    request.required_approvals = required_json(required)
    request.needs_step_up = reaches_protected(request, made.targets, required)


def approve(request: ChangeRequest, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Bring a locked request whose approvals are complete from its review to being approved."""
    request.expires_at = now + timedelta(days=settings.CHANGES_APPROVED_DAYS)
    transition(request, ChangeState.APPROVED, actor=actor, now=now, reason=reason)


def blocking_findings(request: ChangeRequest, made: MadeEvidence) -> tuple[CheckFinding, ...]:
    """Return the findings that stand against a request, overrides considered."""
    against = made.blocked_by(frozenset(one["finding"] for one in request.overrides))
    if request.emergency:
        return tuple(one for one in against if one.level is CheckLevel.HARD)
    return against


def checks_resume(*, now: datetime) -> int:
    """Send the checks again that were asked for long ago and never done; return how many."""
    since = now - timedelta(seconds=settings.CHANGES_CHECK_SECONDS * 2)
    waiting = ChangeRequest.objects.filter(
        state=ChangeState.CHECKING, state_at__lt=since, plan_sha256=""
    )
    keys = list(waiting.order_by("state_at").values_list("pk", flat=True)[:100])
    for key in keys:
        send_check(key)
    return len(keys)


def _is_same(before: ChangeRequest, now: ChangeRequest) -> bool:
    """Whether a request still waits for the check that was begun."""
    return (before.state, before.state_at, before.revision) == (
        now.state,
        now.state_at,
        now.revision,
    )


def _fail(request: ChangeRequest, now: datetime) -> None:
    with transaction.atomic():
        current = locked_request(request.pk)
        if _is_same(request, current):
            transition(
                current,
                ChangeState.CHECKS_FAILED,
                actor=CHECKER,
                now=now,
                reason="the check failed on our side; the log says what. Submit it again",
            )


def _said(against: tuple[CheckFinding, ...]) -> str:
    first = against[0].message
    return first if len(against) == 1 else f"{len(against)} findings: {first}"
