"""Whom exceptions tell what."""

from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from governance.approvals.agreements.notices import (
    INBOX_AND_MAIL,
    AgreementNotices,
    AgreementWording,
)
from governance.baseline.exceptions.approving import excluded_people
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException

GROUP: Final = "Guardrails"
ENDING_DAYS: Final = 14


def _people(exception: GuardrailException) -> frozenset[int]:
    """Return who owns an exception and who wrote it."""
    return excluded_people(exception) | {exception.owner_id}


def _wording(exception: GuardrailException) -> AgreementWording:
    return AgreementWording(
        name=f"{exception} from {exception.guardrail_id}",
        before=exception.reason,
        after=f"Owner: {exception.owner.get_username()}.",
        path=reverse(
            "exception",
            kwargs={"slug": exception.connection.slug, "exception_number": exception.number},
        ),
        facts={"guardrail_id": exception.guardrail_id, "targets": exception.target_ids},
    )


EXCEPTION_NOTICES: Final = AgreementNotices(
    kind=EXCEPTION,
    group=GROUP,
    helps={
        "waiting": "An exception from a guardrail waits for your approval.",
        "decided": "An exception that you took part in was approved, rejected or sent back.",
        "ending": "The last day of an exception is near; its guardrail counts again from then on.",
        "ended": "An exception that you took part in has ended.",
    },
    ended_by=INBOX_AND_MAIL,
    people=_people,
    wording=_wording,
)


def publish_ending(*, now: datetime) -> int:
    """Publish the exceptions that end soon, each once for its day; return how many."""
    until = now.date() + timedelta(days=ENDING_DAYS)
    return EXCEPTION_NOTICES.publish_ending(GuardrailException.objects.all(), until=until, now=now)


def register() -> None:
    """Declare the kinds, and publish them when exceptions come into other states."""
    EXCEPTION_NOTICES.register(dispatch_uid="exceptions.notices")
