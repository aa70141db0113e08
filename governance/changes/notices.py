"""Whom a change request tells what: one paragraph of what changes, and a link to its diff."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from governance.access import rights
from governance.approvals.entitlement import security_people
from governance.changes.life.reviews import all_reviews, excluded_people
from governance.changes.life.shown import evidence_sentence, shown_evidence_plan
from governance.changes.life.signals import people_asked, state_changed
from governance.changes.models import ChangeRequest
from governance.changes.states import TRANSITIONS, ChangeState
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.notifications.people import people_by_id, people_holding
from inventory.viewing import Viewer, visible

GROUP: Final = "Change requests"
EXPIRING_WITHIN: Final = timedelta(days=2)
_S = ChangeState
_INBOX_AND_MAIL: Final = frozenset({NotificationWay.INBOX, NotificationWay.MAIL})
_LOUD: Final = frozenset(NotificationWay)
_EXPIRING: Final = tuple(
    state for state, following in TRANSITIONS.items() if _S.EXPIRED in following
)


@dataclass(frozen=True, slots=True)
class ChangeNoticeKind:
    """One kind. `title`: what comes before the request's own title. `states`: that publish it."""

    name: str
    label: str
    help: str
    title: str
    audience: Callable[[OutboxEvent], Iterable[User]]
    states: frozenset[ChangeState] = frozenset()
    page: str = "change-request-changes"
    default: frozenset[NotificationWay] = frozenset({NotificationWay.INBOX})
    urgent: bool = False


def _request(event: OutboxEvent) -> ChangeRequest | None:
    return ChangeRequest.objects.filter(pk=event.subject["change_request_id"]).first()


def _waiting(event: OutboxEvent) -> Iterable[User]:
    """Return whose turn it is by now; whoever has answered since is not told."""
    request = _request(event)
    if request is None:
        return []
    asked = event.subject.get("people")
    waiting = set(request.waiting_for)
    return people_by_id(waiting if asked is None else waiting & set(asked))


def _taking_part(event: OutboxEvent) -> Iterable[User]:
    """Return its author, whose work is in it, who reviewed it and who rolls it out."""
    request = _request(event)
    if request is None:
        return []
    people = {*excluded_people(request), *(each.reviewer_id for each in all_reviews(request))}
    started = request.rollouts.exclude(started_by=None).values_list("started_by_id", flat=True)
    return people_by_id({*people, *started})


def _taking_part_and_waiting(event: OutboxEvent) -> Iterable[User]:
    found = {user.pk: user for user in (*_taking_part(event), *_waiting(event))}
    return found.values()


def _security(event: OutboxEvent) -> Iterable[User]:
    """Return who is security for the whole organization, and who took part."""
    request = _request(event)
    if request is None:
        return people_holding(rights.OVERRIDE_CHANGE)
    watching = people_by_id(security_people(request.connection).whole)
    found = {user.pk: user for user in (*watching, *_taking_part(event))}
    return found.values()


WAITING: Final = ChangeNoticeKind(
    "change.waiting",
    "Change request waits for you",
    "Your approval, or your answer, is the next step of a change request.",
    "Waits for your approval",
    _waiting,
    frozenset({_S.IN_REVIEW}),
    default=_INBOX_AND_MAIL,
)
APPROVED: Final = ChangeNoticeKind(
    "change.approved",
    "Change request approved",
    "A change request has all the approvals it needs.",
    "Approved",
    _taking_part,
    frozenset({_S.APPROVED}),
)
CHANGES_REQUESTED: Final = ChangeNoticeKind(
    "change.changes_requested",
    "Changes requested",
    "A reviewer wants a change request to be edited.",
    "Changes requested",
    _taking_part,
    frozenset({_S.CHANGES_REQUESTED}),
    page="change-request-discussion",
    default=_INBOX_AND_MAIL,
)
REJECTED: Final = ChangeNoticeKind(
    "change.rejected",
    "Change request rejected",
    "A required approver rejected a change request.",
    "Rejected",
    _taking_part,
    frozenset({_S.REJECTED}),
    page="change-request-discussion",
    default=_INBOX_AND_MAIL,
)
STALE: Final = ChangeNoticeKind(
    "change.stale",
    "Change request stale",
    "The basis of a change request changed: it must be checked and approved again.",
    "Stale",
    _taking_part,
    frozenset({_S.STALE}),
)
RING_WAITING: Final = ChangeNoticeKind(
    "change.ring_waiting",
    "Ring waits for go",
    "A rollout waits for a person before its next ring.",
    "A ring waits for your go",
    _taking_part_and_waiting,
    frozenset({_S.WAITING_FOR_GO}),
    page="change-request-rollout",
    default=_INBOX_AND_MAIL,
)
HALTED: Final = ChangeNoticeKind(
    "change.halted",
    "Rollout halted",
    "A rollout was halted or stopped by itself.",
    "Rollout stopped",
    _taking_part_and_waiting,
    frozenset({_S.HALTED, _S.PARTIALLY_APPLIED}),
    page="change-request-rollout",
    default=_INBOX_AND_MAIL,
    urgent=True,
)
APPLIED: Final = ChangeNoticeKind(
    "change.applied",
    "Change applied",
    "AWS matches an approved change.",
    "Applied",
    _taking_part,
    frozenset({_S.APPLIED, _S.APPLIED_PENDING_REVIEW}),
)
ROLLED_BACK: Final = ChangeNoticeKind(
    "change.rolled_back",
    "Change rolled back",
    "A change was rolled back, or its rollback failed.",
    "Rolled back",
    _taking_part_and_waiting,
    frozenset({_S.ROLLED_BACK, _S.REVERTED, _S.ROLLBACK_FAILED}),
    page="change-request-rollout",
    default=_INBOX_AND_MAIL,
)
DIFFERS: Final = ChangeNoticeKind(
    "change.differs",
    "Applied differently than approved",
    "Another tool applied a change, and AWS differs from what was approved.",
    "Applied differently than approved",
    _taking_part_and_waiting,
    frozenset({_S.DIFFERS}),
    default=_INBOX_AND_MAIL,
)
EMERGENCY: Final = ChangeNoticeKind(
    "change.emergency",
    "Emergency change",
    "Someone applies a change in an emergency, without reviews, windows and soaks.",
    "Applied in an emergency, without review",
    _security,
    default=_LOUD,
    urgent=True,
)
RATIFICATION_OVERDUE: Final = ChangeNoticeKind(
    "change.ratification_overdue",
    "Emergency change not ratified",
    "Nobody ratified an emergency change in time: it is reverted.",
    "Not ratified in time, so it is reverted",
    _security,
    default=_LOUD,
    urgent=True,
)
EXPIRING: Final = ChangeNoticeKind(
    "change.expiring",
    "Change request expires",
    "A change request ends soon because nobody acts, or has ended.",
    "Expires soon",
    _taking_part_and_waiting,
    frozenset({_S.EXPIRED}),
)
REVERT_DUE: Final = ChangeNoticeKind(
    "change.revert_due",
    "Revert due",
    "A temporary change has reached its end.",
    "Its end has come",
    _taking_part_and_waiting,
    frozenset({_S.REVERT_DUE}),
    page="change-request",
    default=_INBOX_AND_MAIL,
)

CHANGE_NOTICES: Final = (
    *(WAITING, APPROVED, CHANGES_REQUESTED, REJECTED, STALE, RING_WAITING, HALTED, APPLIED),
    *(ROLLED_BACK, DIFFERS, EMERGENCY, RATIFICATION_OVERDUE, EXPIRING, REVERT_DUE),
)
_BY_STATE: Final[Mapping[ChangeState, ChangeNoticeKind]] = {
    state: kind for kind in CHANGE_NOTICES for state in kind.states
}
_OTHER_TITLES: Final = {
    _S.EXPIRED: "Expired",
    _S.REVERTED: "Reverted",
    _S.ROLLBACK_FAILED: "Rollback failed",
    _S.APPLIED_PENDING_REVIEW: "Applied in an emergency: ratify it",
    _S.HALTED: "Rollout halted",
}


def notice_publish(
    kind: ChangeNoticeKind,
    change_request: ChangeRequest,
    *,
    now: datetime,
    by: str = "",
    state: ChangeState | None = None,
    reason: str = "",
    once: str = "",
) -> bool:
    """Publish a notice in the caller's transaction; False: it was before, by `once`."""
    event = event_publish(
        kind=kind.name,
        connection_id=change_request.connection_id,
        subject={
            "change_request_id": change_request.pk,
            "number": change_request.number,
            "state": (state or change_request.state),
            "by": by,
            "reason": reason,
        },
        once=once,
        now=now,
    )
    return event is not None


def publish_state(
    *,
    change_request: ChangeRequest,
    was: ChangeState,
    to: ChangeState,
    actor: Any,
    now: datetime,
    **_: Any,
) -> None:
    """Publish what a request's new state amounts to, in the transaction that brings it there."""
    reason = change_request.state_reason if change_request.state == to else ""
    said: dict[str, Any] = {"now": now, "by": actor.name, "state": to, "reason": reason}
    if to is _S.APPLYING and was is _S.CHECKING:
        notice_publish(EMERGENCY, change_request, **said)
    kind = _BY_STATE.get(to)
    if kind is not None:
        notice_publish(kind, change_request, **said)


def publish_asked(
    *, change_request: ChangeRequest, added: Iterable[int], escalated: bool, now: datetime, **_: Any
) -> None:
    """Publish that others than before are waited for, to them alone."""
    people = sorted(added)
    if not people:
        return
    event_publish(
        kind=WAITING.name,
        connection_id=change_request.connection_id,
        subject={
            "change_request_id": change_request.pk,
            "number": change_request.number,
            "state": change_request.state,
            "by": "",
            "reason": "nobody asked before has answered" if escalated else "",
            "people": people,
        },
        now=now,
    )


def publish_expiring(*, now: datetime) -> int:
    """Publish the requests that end within two days, each once; return how many."""
    due = ChangeRequest.objects.filter(
        state__in=_EXPIRING, expires_at__gt=now, expires_at__lte=now + EXPIRING_WITHIN
    )
    published = 0
    for request in due.order_by("expires_at", "pk"):
        # One that lives no longer than that anyway was told of when it was approved.
        if request.expires_at is None or request.expires_at - request.state_at <= EXPIRING_WITHIN:
            continue
        with transaction.atomic():
            once = f"{request.pk}:{request.expires_at.isoformat()}"
            published += notice_publish(EXPIRING, request, now=now, once=once)
    return published


def _words(kind: ChangeNoticeKind) -> Callable[[OutboxEvent, Viewer], Wording | None]:
    def words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
        request = (
            visible(ChangeRequest.objects.all(), viewer)
            .select_related("connection", "evidence", "author")
            .filter(pk=event.subject["change_request_id"])
            .first()
        )
        if request is None or (kind is WAITING and request.state != _S.IN_REVIEW):
            return None
        state = ChangeState(event.subject["state"])
        said = what_changes(viewer, request)
        begins = _OTHER_TITLES.get(state, kind.title) if state in kind.states else kind.title
        return Wording(
            title=f"{begins}: #{request.number} {request.title} ({request.connection.name})",
            lines=tuple(_lines(event, request, said)),
            path=_path(kind, request),
            facts={
                "number": request.number,
                "title": request.title,
                "state": state.value,
                "author": request.author.get_username(),
                "plan_sha256": request.plan_sha256 or None,
                "reason": event.subject["reason"] or None,
                "what_changes": said,
            },
        )

    return words


def _lines(event: OutboxEvent, request: ChangeRequest, said: str) -> Iterable[str]:
    yield said
    reason, by = event.subject["reason"], event.subject["by"]
    if reason:
        yield f"{reason[:1].upper()}{reason[1:]}."
    author = request.author.get_username()
    yield f"By {author}." if by in ("", author) else f"By {author}; {by} brought it there."


def what_changes(viewer: Viewer, request: ChangeRequest) -> str:
    """Return what a request changes in one paragraph, of the places that the viewer sees."""
    evidence = request.evidence if request.plan_sha256 else None
    if evidence is not None and "headline" in evidence.content:
        return evidence_sentence(evidence, shown_evidence_plan(viewer, request))
    number = len(request.operations)
    named = ", ".join(
        dict.fromkeys(str(one.get("kind", "")).replace("_", " ") for one in request.operations)
    )
    return (
        f"{number} operation{'' if number == 1 else 's'}: {named}." if number else "No operation."
    )


def _path(kind: ChangeNoticeKind, request: ChangeRequest) -> str:
    where = {"slug": request.connection.slug, "number": request.number}
    try:
        return reverse(kind.page, kwargs=where)
    except NoReverseMatch:
        return reverse("change-request", kwargs=where)


def register() -> None:
    """Declare the kinds, and publish them when requests come into other states."""
    for kind in CHANGE_NOTICES:
        register_kind(
            EventKind(
                name=kind.name,
                label=kind.label,
                help=kind.help,
                group=GROUP,
                audience=kind.audience,
                words=_words(kind),
                default=kind.default,
                urgent=kind.urgent,
            )
        )
    state_changed.connect(publish_state, dispatch_uid="changes.notices")
    people_asked.connect(publish_asked, dispatch_uid="changes.notices_asked")
