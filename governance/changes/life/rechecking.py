"""What was agreed to is held against the world again, which may have moved since."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from governance.access.actors import system_actor
from governance.approvals.reviews import reviews_carry, still_entitled
from governance.audit import actions
from governance.changes.evidence.live_reads import LiveReader
from governance.changes.evidence.made import MadeEvidence
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from governance.changes.life.checking import Clock, apply_evidence, hold_evidence
from governance.changes.life.required import effects_of, waiting_since
from governance.changes.life.reviewing import review_subject
from governance.changes.life.reviews import void_reviews
from governance.changes.life.transitions import (
    change_record,
    locked_request,
    transition,
)
from governance.changes.life.waiting import waiting_people
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState

RECHECKER = system_actor("rechecks of change requests")
RECHECKED: Final = frozenset({ChangeState.IN_REVIEW, ChangeState.APPROVED, ChangeState.SCHEDULED})
_AGREED: Final = frozenset({ChangeState.APPROVED, ChangeState.SCHEDULED})
_CARRIED = "the evidence was remade and concludes the same"


def change_recheck(
    *, change_request_id: int, clock: Clock, live: LiveReader | None = None
) -> ChangeRequest | None:
    """Make the evidence of a request again, and keep what was agreed to only if it still holds.

    With equal conclusions the request gets the new evidence and digest in place, reviews are
    carried over and linked by an audit entry. With others an approved request becomes stale, and
    one in review is checked with them. An approval of somebody who lost the right is none: the
    request becomes stale. None where it is in another state, or was edited meanwhile. `live`: see
    `change_check`.

    :raises NoSuchChangeRequest: see there.
    """
    with transaction.atomic():
        request = locked_request(change_request_id)
    if request.state not in RECHECKED or request.evidence is None:
        return None
    made = make_evidence(request, now=clock(), live=live(request, clock()) if live else None)
    with transaction.atomic():
        current = locked_request(change_request_id)
        if current.state not in RECHECKED or (
            (current.revision, current.evidence_id) != (request.revision, request.evidence_id)
        ):
            return None
        evidence = current.evidence
        if evidence is None:
            return None
        if made.conclusions_sha256 == evidence.conclusions_sha256:
            _rebase(current, made, clock())
            return change_entitlement_check(current, now=clock())
        return _moved(current, made, clock())


def change_entitlement_check(request: ChangeRequest, *, now: datetime) -> ChangeRequest:
    """Have a locked request become stale where its approvals count no more as people stand now."""
    if request.state not in _AGREED or request.evidence is None:
        return request
    given = still_entitled(
        request.connection,
        review_subject(request),
        effects_of(request.evidence),
        now=now,
        waiting_since=waiting_since(request),
    )
    if given.complete:
        return request
    missing = "; ".join(one.label for one in given.missing) or "someone objects"
    request.scheduled_for = None
    return transition(
        request,
        ChangeState.STALE,
        actor=RECHECKER,
        now=now,
        reason=f"an approval no longer counts: {missing}",
    )


def due_for_recheck(now: datetime, *, connection_id: int | None = None) -> list[int]:
    """Return the keys of the requests whose evidence is too old, or all of one organization."""
    rows = ChangeRequest.objects.filter(state__in=RECHECKED, evidence__isnull=False)
    if connection_id is not None:
        rows = rows.filter(connection_id=connection_id)
    else:
        oldest = now - timedelta(hours=settings.CHANGES_EVIDENCE_HOURS)
        rows = rows.filter(Q(evidence__made_at__lt=oldest))
    return list(rows.order_by("evidence__made_at").values_list("pk", flat=True))


def entitlements_check(*, now: datetime) -> int:
    """Look whether the approvals of all approved requests still count; return how many did not."""
    keys = list(
        ChangeRequest.objects.filter(state__in=_AGREED).order_by("pk").values_list("pk", flat=True)
    )
    stale = 0
    for key in keys:
        with transaction.atomic():
            request = locked_request(key)
            before = request.state
            stale += change_entitlement_check(request, now=now).state != before
    return stale


def _rebase(request: ChangeRequest, made: MadeEvidence, now: datetime) -> None:
    """Give a request evidence that concludes the same; its reviews stay."""
    was, old = request.plan_sha256, request.evidence
    stored = evidence_store(made)
    hold_evidence(request, made, stored, now=now)
    reviews_carry(
        review_subject(request),
        was,
        request.plan_sha256,
        actor=RECHECKER,
        reason=_CARRIED,
        now=now,
    )
    request.waiting_for = waiting_people(request)
    request.save()
    change_record(
        request,
        actor=RECHECKER,
        action=actions.CHANGE_REBASE,
        now=now,
        before={"evidence_sha256": old.sha256 if old else "", "plan_sha256": was},
        after={
            "evidence_sha256": stored.sha256,
            "plan_sha256": request.plan_sha256,
            "conclusions_sha256": stored.conclusions_sha256,
        },
    )


def _moved(request: ChangeRequest, made: MadeEvidence, now: datetime) -> ChangeRequest:
    differs = differing_conclusions(request, made)
    reason = f"its basis changed: {differs}"
    if request.state in _AGREED:
        # What was agreed to stays to be read beside what is so now.
        evidence_store(made)
        request.scheduled_for = None
        return transition(request, ChangeState.STALE, actor=RECHECKER, now=now, reason=reason)
    transition(request, ChangeState.CHECKING, actor=RECHECKER, now=now, reason=reason)
    void_reviews(request, reason=reason, now=now)
    return apply_evidence(request, made, actor=RECHECKER, now=now)


_PARTS: Final = {
    "differences": "what is denied and allowed",
    "unknown": "what is not known",
    "management": "effective management policies",
    "transients": "the states in between",
    "findings": "the findings",
    "targets": "the accounts that are affected",
    "required_approvals": "who has to agree",
}


def differing_conclusions(request: ChangeRequest, made: MadeEvidence) -> str:
    """Say in which parts new evidence concludes otherwise than the request's own."""
    before = {} if request.evidence is None else request.evidence.conclusions
    names = [
        words for part, words in _PARTS.items() if before.get(part) != made.conclusions.get(part)
    ]
    return ", ".join(names) or "its conclusions"
