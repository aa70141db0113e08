"""Whom exceptions tell what."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from governance.baseline.exceptions.approving import exception_reviews, excluded_people
from governance.baseline.exceptions.changing import State, exception_state_changed
from governance.baseline.exceptions.models import GuardrailException
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.notifications.people import people_by_id
from inventory.viewing import Viewer, visible

GROUP: Final = "Guardrails"
ENDING_DAYS: Final = 14
WAITING: Final = "exception.waiting"
DECIDED: Final = "exception.decided"
ENDING: Final = "exception.ending"
ENDED: Final = "exception.ended"
_INBOX_AND_MAIL: Final = frozenset({NotificationWay.INBOX, NotificationWay.MAIL})


def _exception(event: OutboxEvent) -> GuardrailException | None:
    return GuardrailException.objects.filter(pk=event.subject["exception_id"]).first()


def _waiting(event: OutboxEvent) -> Iterable[User]:
    exception = _exception(event)
    return [] if exception is None else people_by_id(exception.waiting_for)


def _taking_part(event: OutboxEvent) -> Iterable[User]:
    """Return who owns an exception, who wrote it and who reviewed it."""
    exception = _exception(event)
    if exception is None:
        return []
    reviewers = {review.reviewer_id for review in exception_reviews(exception)}
    return people_by_id(excluded_people(exception) | reviewers | {exception.owner_id})


def _words(title: str) -> Callable[[OutboxEvent, Viewer], Wording | None]:
    def words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
        exception = (
            visible(GuardrailException.objects.all(), viewer)
            .select_related("connection", "owner")
            .filter(pk=event.subject["exception_id"])
            .first()
        )
        if exception is None or (event.kind == WAITING and exception.state != State.PROPOSED):
            return None
        state = State(event.subject["state"])
        begins = title or {State.ACTIVE: "Approved", State.REJECTED: "Rejected"}.get(
            state, "Changes requested"
        )
        reason = event.subject.get("reason", "")
        until = exception.until
        return Wording(
            title=(
                f"{begins}: exception {exception} from {exception.guardrail_id} "
                f"({exception.connection.name})"
            ),
            lines=tuple(
                line
                for line in (
                    exception.reason,
                    f"Until {until.day} {until:%b %Y}.",
                    f"{reason[:1].upper()}{reason[1:]}." if reason else "",
                    f"Owner: {exception.owner.get_username()}.",
                )
                if line
            ),
            path=reverse(
                "exception",
                kwargs={
                    "slug": exception.connection.slug,
                    "exception_number": exception.number,
                },
            ),
            facts={
                "number": exception.number,
                "guardrail_id": exception.guardrail_id,
                "state": exception.state,
                "targets": exception.target_ids,
                "until": until.isoformat(),
                "reason": reason or None,
            },
        )

    return words


def _publish(
    kind: str, exception: GuardrailException, *, now: datetime, reason: str = "", once: str = ""
) -> bool:
    event = event_publish(
        kind=kind,
        connection_id=exception.connection_id,
        subject={
            "exception_id": exception.pk,
            "number": exception.number,
            "state": str(exception.state),
            "reason": reason,
        },
        once=once,
        now=now,
    )
    return event is not None


def publish_state(
    *, exception: GuardrailException, was: State, to: State, now: datetime, **_: Any
) -> None:
    """Publish what an exception's new state amounts to, in the transaction that brings it there."""
    if to is State.PROPOSED:
        _publish(WAITING, exception, now=now)
    elif was is State.PROPOSED and to in (State.ACTIVE, State.REJECTED, State.DRAFT):
        _publish(DECIDED, exception, now=now)
    elif to is State.ENDED:
        _publish(ENDED, exception, now=now, reason=exception.end_reason)


def publish_ending(*, now: datetime) -> int:
    """Publish the exceptions that end soon, each once for its day; return how many."""
    published = 0
    due = GuardrailException.objects.filter(
        state=State.ACTIVE,
        until__gte=now.date(),
        until__lte=now.date() + timedelta(days=ENDING_DAYS),
    )
    for exception in due.order_by("until", "pk"):
        with transaction.atomic():
            once = f"exception:{exception.pk}:{exception.until}"
            published += _publish(ENDING, exception, now=now, once=once)
    return published


def register() -> None:
    """Declare the kinds, and publish them when exceptions come into other states."""
    for name, label, help_text, title, audience, default in (
        (
            WAITING,
            "Exception waits for you",
            "An exception from a guardrail waits for your approval.",
            "Waiting for your approval",
            _waiting,
            _INBOX_AND_MAIL,
        ),
        (
            DECIDED,
            "Exception decided",
            "An exception that you took part in was approved, rejected or sent back.",
            "",
            _taking_part,
            frozenset({NotificationWay.INBOX}),
        ),
        (
            ENDING,
            "Exception ends soon",
            "The last day of an exception is near; its guardrail counts again from then on.",
            "Ends soon",
            _taking_part,
            _INBOX_AND_MAIL,
        ),
        (
            ENDED,
            "Exception ended",
            "An exception that you took part in has ended.",
            "Ended",
            _taking_part,
            _INBOX_AND_MAIL,
        ),
    ):
        register_kind(
            EventKind(
                name=name,
                label=label,
                help=help_text,
                group=GROUP,
                audience=audience,
                words=_words(title),
                default=default,
            )
        )
    exception_state_changed.connect(publish_state, dispatch_uid="exceptions.notices")
