"""Whom agreements tell what: who is asked, and who took part once it is decided or ends."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from governance.approvals.agreements.approving import agreement_reviews
from governance.approvals.agreements.changing import State
from governance.approvals.agreements.kinds import AgreementKind, AnAgreement
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.notifications.people import people_by_id
from inventory.viewing import Viewer, visible

INBOX: Final = frozenset({NotificationWay.INBOX})
INBOX_AND_MAIL: Final = frozenset({NotificationWay.INBOX, NotificationWay.MAIL})


@dataclass(frozen=True, slots=True)
class AgreementWording:
    """What is said of one agreement, whatever happens to it.

    `name`: after "Approved: ". `before`, `after`: lines around its last day and the reason.
    `path`: of its page. `facts`: for programs, beside `number`, `state`, `until` and `reason`.
    """

    name: str
    before: str
    after: str
    path: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AgreementNotices(Generic[AnAgreement]):
    """The four kinds of events of one kind of agreements: `<noun>.waiting`, and so on.

    `helps`: `waiting`, `decided`, `ending`, `ended` → what the event is, as people choose it.
    `ended_by`: how somebody who chose nothing hears of an end. `people`: ids of
    who takes part, reviewers aside.
    """

    kind: AgreementKind[AnAgreement]
    group: str
    helps: Mapping[str, str]
    ended_by: frozenset[NotificationWay]
    people: Callable[[AnAgreement], frozenset[int]]
    wording: Callable[[AnAgreement], AgreementWording]

    def register(self, *, dispatch_uid: str) -> None:
        """Declare the kinds, and publish them when agreements come into other states."""
        for happening, label, title, audience, default in (
            ("waiting", "waits for you", "Waiting for your approval", self._asked, INBOX_AND_MAIL),
            ("decided", "decided", "", self._taking_part, INBOX),
            ("ending", "ends soon", "Ends soon", self._taking_part, INBOX_AND_MAIL),
            ("ended", "ended", "Ended", self._taking_part, self.ended_by),
        ):
            register_kind(
                EventKind(
                    name=self._event(happening),
                    label=f"{self.kind.noun.capitalize()} {label}",
                    help=self.helps[happening],
                    group=self.group,
                    audience=audience,
                    words=self._words(title),
                    default=default,
                )
            )
        self.kind.state_changed.connect(self.publish_state, weak=False, dispatch_uid=dispatch_uid)

    def publish_state(self, *, was: State, to: State, now: datetime, **sent: Any) -> None:
        """Publish what a new state amounts to, in the transaction that brings it there."""
        agreement: AnAgreement = sent[self.kind.noun]
        if to is State.PROPOSED:
            self._publish("waiting", agreement, now=now)
        elif was is State.PROPOSED and to in (State.ACTIVE, State.REJECTED, State.DRAFT):
            self._publish("decided", agreement, now=now)
        elif to is State.ENDED:
            self._publish("ended", agreement, now=now, reason=agreement.end_reason)

    def publish_ending(self, rows: "QuerySet[AnAgreement]", *, until: date, now: datetime) -> int:
        """Publish those that end by `until`, each once for its day; return how many."""
        published = 0
        due = rows.filter(state=State.ACTIVE, until__gte=now.date(), until__lte=until)
        for agreement in due.order_by("until", "pk"):
            with transaction.atomic():
                once = f"{self.kind.noun}:{agreement.pk}:{agreement.until}"
                published += self._publish("ending", agreement, now=now, once=once)
        return published

    def _publish(
        self,
        happening: str,
        agreement: AnAgreement,
        *,
        now: datetime,
        reason: str = "",
        once: str = "",
    ) -> bool:
        event = event_publish(
            kind=self._event(happening),
            connection_id=agreement.connection_id,
            subject={
                f"{self.kind.noun}_id": agreement.pk,
                "number": agreement.number,
                "state": str(agreement.state),
                "reason": reason,
            },
            once=once,
            now=now,
        )
        return event is not None

    def _event(self, happening: str) -> str:
        return f"{self.kind.noun}.{happening}"

    def _key(self, event: OutboxEvent) -> int:
        key: int = event.subject[f"{self.kind.noun}_id"]
        return key

    def _agreement(self, event: OutboxEvent) -> AnAgreement | None:
        return self.kind.model._default_manager.filter(pk=self._key(event)).first()

    def _asked(self, event: OutboxEvent) -> Iterable[User]:
        agreement = self._agreement(event)
        return [] if agreement is None else people_by_id(agreement.waiting_for)

    def _taking_part(self, event: OutboxEvent) -> Iterable[User]:
        agreement = self._agreement(event)
        if agreement is None:
            return []
        reviewers = {review.reviewer_id for review in agreement_reviews(self.kind, agreement)}
        return people_by_id(self.people(agreement) | reviewers)

    def _words(self, title: str) -> Callable[[OutboxEvent, Viewer], Wording | None]:
        def words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
            agreement = (
                visible(self.kind.model._default_manager.all(), viewer)
                .select_related("connection", *self.kind.related)
                .filter(pk=self._key(event))
                .first()
            )
            if agreement is None:
                return None
            if event.kind == self._event("waiting") and agreement.state != State.PROPOSED:
                return None
            return self._worded(title, agreement, event)

        return words

    def _worded(self, title: str, agreement: AnAgreement, event: OutboxEvent) -> Wording:
        begins = title or {State.ACTIVE: "Approved", State.REJECTED: "Rejected"}.get(
            State(event.subject["state"]), "Changes requested"
        )
        said = self.wording(agreement)
        reason = event.subject.get("reason", "")
        until = agreement.until
        lines = (
            said.before,
            f"Until {until.day} {until:%b %Y}." if until else "",
            f"{reason[:1].upper()}{reason[1:]}." if reason else "",
            said.after,
        )
        return Wording(
            title=f"{begins}: {self.kind.noun} {said.name} ({agreement.connection.name})",
            lines=tuple(line for line in lines if line),
            path=said.path,
            facts={
                "number": agreement.number,
                "state": agreement.state,
                "until": until.isoformat() if until else None,
                "reason": reason or None,
                **said.facts,
            },
        )
