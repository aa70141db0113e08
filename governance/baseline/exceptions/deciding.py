"""Submitting, reviewing, withdrawing and ending exceptions."""

from datetime import datetime
from functools import partial

from django.db import transaction

from governance.access.owners.acting import ActingPerson
from governance.approvals.agreements.changing import locked_agreement
from governance.approvals.agreements.deciding import (
    agreement_end,
    agreement_propose,
    agreement_review,
    agreement_withdraw,
    require_submittable,
)
from governance.approvals.models import Review
from governance.baseline.exceptions.approving import exception_standing
from governance.baseline.exceptions.asking import require_asking
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.proving import exception_proof
from governance.baseline.exceptions.terms import terms_of


@transaction.atomic
def exception_submit(*, by: ActingPerson, exception_id: int, now: datetime) -> GuardrailException:
    """Have a draft reviewed by owners of its targets, with its proof worked out again.

    :raises WrongAgreementState: it is no draft, or its last day is past.
    :raises MayNot: they may not ask for exceptions where it is for.
    """
    exception = locked_agreement(EXCEPTION, exception_id)
    require_asking(by, exception.connection, terms_of(exception))
    require_submittable(exception, now=now)
    exception.proof = exception_proof(exception.connection, terms_of(exception), now=now)
    standing = exception_standing(exception, now=now)
    return agreement_propose(EXCEPTION, exception, by=by, standing=standing, now=now)


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
    """Say what somebody thinks of an exception.

    Arguments and errors: see `governance.approvals.agreements.deciding.agreement_review`.
    """
    exception = locked_agreement(EXCEPTION, exception_id)
    return agreement_review(
        EXCEPTION,
        exception,
        by=by,
        verdict=verdict,
        body=body,
        digest=digest,
        stepped_up_at=stepped_up_at,
        standing=partial(exception_standing, exception, now=now),
        now=now,
    )


@transaction.atomic
def exception_withdraw(
    *, by: ActingPerson, exception_id: int, reason: str = "", now: datetime
) -> GuardrailException:
    """Take an exception back that is not active: whoever asked for it, or may ask for one there.

    :raises WrongAgreementState: it is active or over.
    :raises MayNot: see there.
    """
    exception = locked_agreement(EXCEPTION, exception_id)
    if exception.asked_by_id != by.user.pk:
        require_asking(by, exception.connection, terms_of(exception))
    return agreement_withdraw(EXCEPTION, exception, by=by, reason=reason, now=now)


@transaction.atomic
def exception_end(
    *, by: ActingPerson, exception_id: int, reason: str, now: datetime
) -> GuardrailException:
    """End an active exception before its day: who may ask for or approve exceptions there.

    :raises WrongAgreementState: it is not active, or no reason is given.
    :raises MayNot: see there.
    """
    exception = locked_agreement(EXCEPTION, exception_id)
    return agreement_end(EXCEPTION, exception, by=by, reason=reason, now=now)
