"""Submitting, reviewing, withdrawing and ending exceptions."""

from datetime import datetime

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.owners.targets import target_tree
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.reviews import review_give
from governance.audit import actions
from governance.audit.actors import Actor
from governance.baseline.exceptions.approving import exception_standing, void_exception_reviews
from governance.baseline.exceptions.asking import require_asking
from governance.baseline.exceptions.changing import (
    ExceptionState,
    State,
    exception_transition,
    locked_exception,
)
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.proving import exception_proof
from governance.baseline.exceptions.terms import terms_of


@transaction.atomic
def exception_submit(*, by: ActingPerson, exception_id: int, now: datetime) -> GuardrailException:
    """Have a draft reviewed by owners of its targets, with its proof worked out anew.

    :raises ExceptionState: it is no draft, or its last day is past.
    :raises MayNot: they may not ask for exceptions where it is for.
    """
    exception = locked_exception(exception_id)
    require_asking(by, exception.connection, terms_of(exception))
    if exception.state != State.DRAFT:
        label = State(exception.state).label.lower()
        raise ExceptionState(f"{exception} is {label}: there is nothing to submit")
    _require_time_left(exception, now)
    exception.proof = exception_proof(exception.connection, terms_of(exception), now=now)
    exception.proposed_at = now
    exception.waiting_for = exception_standing(exception, now=now).waiting_for
    return exception_transition(
        exception, State.PROPOSED, actor=by.actor, now=now, action=actions.EXCEPTION_SUBMIT
    )


@transaction.atomic
def exception_review(
    *,
    by: ActingPerson,
    exception_id: int,
    verdict: str,
    body: str,
    digest: str,
    stepped_up_at: datetime | None,
    now: datetime,
) -> Review:
    """Say what somebody thinks of the version they were shown; the last one needed activates it.

    `digest`: of the version on the reviewer's page. One who is entitled and rejects it closes it;
    one who requests changes makes it a draft again.

    :raises ExceptionState: a verdict other than a comment, and it does not wait for approval, or
        its last day is past.
    :raises ReviewRefused: see `governance.approvals.reviews.review_give`.
    """
    exception = locked_exception(exception_id)
    if exception.state != State.PROPOSED and verdict != ReviewVerdict.COMMENT:
        label = State(exception.state).label.lower()
        raise ExceptionState(f"{exception} is {label}, not waiting for approval")
    if verdict == ReviewVerdict.APPROVE:
        _require_time_left(exception, now)
    before = exception_standing(exception, now=now)
    review = review_give(
        actor=by.actor,
        user=by.user,
        subject=before.subject,
        verdict=verdict,
        body=body,
        digest=digest,
        stepped_up_at=stepped_up_at,
        session=by.actor.session,
        now=now,
    )
    if exception.state == State.PROPOSED and verdict != ReviewVerdict.COMMENT:
        _lead_on(exception, review, by, now)
    return review


def _lead_on(
    exception: GuardrailException, review: Review, by: ActingPerson, now: datetime
) -> None:
    if review.verdict == ReviewVerdict.REJECT:
        exception_transition(exception, State.REJECTED, actor=by.actor, now=now, reason=review.body)
        return
    if review.verdict == ReviewVerdict.REQUEST_CHANGES:
        exception_transition(exception, State.DRAFT, actor=by.actor, now=now, reason=review.body)
        return
    after = exception_standing(exception, now=now)
    if not after.standing.complete:
        exception.waiting_for = after.waiting_for
        exception.save(update_fields=["waiting_for"])
        return
    exception_transition(exception, State.ACTIVE, actor=by.actor, now=now)


@transaction.atomic
def exception_withdraw(
    *, by: ActingPerson, exception_id: int, reason: str = "", now: datetime
) -> GuardrailException:
    """Take an exception back that is not active: whoever asked for it, or may ask for one there.

    :raises ExceptionState: it is active or over.
    :raises MayNot: see there.
    """
    exception = locked_exception(exception_id)
    if exception.asked_by_id != by.user.pk:
        require_asking(by, exception.connection, terms_of(exception))
    done = exception_transition(exception, State.WITHDRAWN, actor=by.actor, now=now, reason=reason)
    void_exception_reviews(done, reason="the exception was withdrawn", now=now)
    return done


@transaction.atomic
def exception_end(
    *, by: ActingPerson, exception_id: int, reason: str, now: datetime
) -> GuardrailException:
    """End an active exception before its day: who may ask for or approve exceptions there.

    :raises ExceptionState: it is not active, or no reason is given.
    :raises MayNot: see there.
    """
    exception = locked_exception(exception_id)
    if not reason.strip():
        raise ExceptionState("say in a sentence why it ends")
    tree = target_tree(exception.connection)
    places = [
        by.places(right, exception.connection)
        for right in (rights.ASK_EXCEPTION, rights.APPROVE_EXCEPTION)
    ]
    for target_id in exception.target_ids:
        if not any(one.covers(tree, target_id) for one in places):
            raise MayNot(f"this needs the right {rights.ASK_EXCEPTION} at {target_id}")
    return exception_transition(
        exception, State.ENDED, actor=by.actor, now=now, reason=reason.strip()
    )


def exceptions_end_due(*, actor: Actor, now: datetime) -> int:
    """End the active exceptions whose last day is past; return how many."""
    due = GuardrailException.objects.filter(state=State.ACTIVE, until__lt=now.date())
    ended = 0
    for key in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            exception = locked_exception(key)
            # Somebody may have ended it while others were.
            if exception.state == State.ACTIVE and exception.until < now.date():
                exception_transition(
                    exception, State.ENDED, actor=actor, now=now, reason="its last day is past"
                )
                ended += 1
    return ended


def _require_time_left(exception: GuardrailException, now: datetime) -> None:
    if exception.until < now.date():
        raise ExceptionState(f"the last day of {exception} is past: edit it first")
