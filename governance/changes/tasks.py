"""Celery's edge of a change request's life: each task makes one call."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance.access.actors import system_actor
from governance.changes import starting
from governance.changes.evidence.live_reads import read_live
from governance.changes.life import checking, dispatch, escalating, rechecking, submitting
from governance.changes.rollout import ledger

_MARGIN_SECONDS = 30


# Not acks_late: a request whose evidence killed its worker would kill the next one too; one that
# got lost is sent again by `changes.resume_checks`.
@shared_task(
    name=dispatch.CHECK,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=settings.CHANGES_CHECK_SECONDS,
    time_limit=settings.CHANGES_CHECK_SECONDS + _MARGIN_SECONDS,
)
def check_change_request_task(*, change_request_id: int) -> None:
    """Check one request."""
    checking.change_check(change_request_id=change_request_id, clock=timezone.now, live=read_live)


# Not acks_late, for the same reason; it is due again in some minutes.
@shared_task(
    name=dispatch.RECHECK,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=settings.CHANGES_CHECK_SECONDS,
    time_limit=settings.CHANGES_CHECK_SECONDS + _MARGIN_SECONDS,
    expires=3600,
)
def recheck_change_request_task(*, change_request_id: int) -> None:
    """Hold one request against the world again."""
    rechecking.change_recheck(
        change_request_id=change_request_id, clock=timezone.now, live=read_live
    )


# Those below: not acks_late, since beat asks again soon; they expire, so that none pile up.
@shared_task(name=dispatch.RECHECK_DUE, acks_late=False, ignore_result=True, expires=500)
def recheck_change_requests_task(*, connection_id: int | None = None) -> None:
    """Have all requests rechecked whose evidence is too old, or all of one organization."""
    for key in rechecking.due_for_recheck(timezone.now(), connection_id=connection_id):
        dispatch.send_recheck(key)


@shared_task(name=dispatch.CHECK_ENTITLEMENTS, acks_late=False, ignore_result=True, expires=250)
def check_entitlements_task() -> None:
    """Look whether the approvals of approved requests still count."""
    rechecking.entitlements_check(now=timezone.now())


@shared_task(name=dispatch.RESUME_CHECKS, acks_late=False, ignore_result=True, expires=100)
def resume_checks_task() -> None:
    """Send lost checks again."""
    checking.checks_resume(now=timezone.now())


@shared_task(name=dispatch.EXPIRE, acks_late=False, ignore_result=True, expires=250)
def expire_change_requests_task() -> None:
    """Close the requests whose time is over."""
    submitting.changes_expire(actor=system_actor("expiry of change requests"), now=timezone.now())


@shared_task(name=dispatch.ESCALATE, acks_late=False, ignore_result=True, expires=500)
def escalate_change_requests_task() -> None:
    """Ask owners further up where an answer is overdue, and deputies of who is away."""
    escalating.changes_escalate(now=timezone.now())


# Not acks_late: beat asks again soon. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.START_DUE, acks_late=False, ignore_result=True, expires=50)
def start_due_changes_task() -> None:
    """Start the scheduled requests whose time has come."""
    starting.changes_start_due(clock=timezone.now, live=read_live)


@shared_task(name=dispatch.COMPARE_DENIALS, acks_late=False, ignore_result=True, expires=250)
def compare_denials_task() -> None:
    """Compare the denials of rings whose logs were late with what was predicted of them."""
    ledger.ledger_refresh(now=timezone.now())
