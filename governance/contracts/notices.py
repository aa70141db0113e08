"""Whom contracts and new edges tell what."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from governance.access import rights
from governance.contracts.approving import contract_reviews, excluded_people
from governance.contracts.changing import State, contract_state_changed
from governance.contracts.models import TrustContract
from governance.contracts.terms import SOURCE_LABELS, TARGET_LABELS, SourceKind, TargetKind
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.notifications.people import people_by_id
from governance.posture.trust.findings.thresholds import trust_thresholds
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import EdgesSince, edges_since
from inventory.models import Connection
from inventory.viewing import Viewer, visible

GROUP: Final = "Trust"
_INBOX_AND_MAIL: Final = frozenset({NotificationWay.INBOX, NotificationWay.MAIL})
_MOST_NAMED: Final = 20
_WHOLE: Final = Viewer(sees_inventory=True)
WAITING: Final = "contract.waiting"
DECIDED: Final = "contract.decided"
ENDING: Final = "contract.ending"
ENDED: Final = "contract.ended"
EDGES_CHANGED: Final = "trust.edges_changed"


def _contract(event: OutboxEvent) -> TrustContract | None:
    return TrustContract.objects.filter(pk=event.subject["contract_id"]).first()


def _waiting(event: OutboxEvent) -> Iterable[User]:
    contract = _contract(event)
    return [] if contract is None else people_by_id(contract.waiting_for)


def _taking_part(event: OutboxEvent) -> Iterable[User]:
    """Return who wrote a contract and who reviewed it."""
    contract = _contract(event)
    if contract is None:
        return []
    reviewers = {review.reviewer_id for review in contract_reviews(contract)}
    return people_by_id(excluded_people(contract) | reviewers)


def _words(title: str) -> Callable[[OutboxEvent, Viewer], Wording | None]:
    def words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
        contract = (
            visible(TrustContract.objects.all(), viewer)
            .select_related("connection", "declared_by")
            .filter(pk=event.subject["contract_id"])
            .first()
        )
        if contract is None or (event.kind == WAITING and contract.state != State.PROPOSED):
            return None
        state = State(event.subject["state"])
        begins = title or {State.ACTIVE: "Approved", State.REJECTED: "Rejected"}.get(
            state, "Changes requested"
        )
        source, target = contract.source, contract.target
        reason = event.subject.get("reason", "")
        until = contract.until
        return Wording(
            title=f"{begins}: contract {contract} {contract.purpose} ({contract.connection.name})",
            lines=tuple(
                line
                for line in (
                    f"From {SOURCE_LABELS[SourceKind(source['kind'])]} {source['value']} "
                    f"to {TARGET_LABELS[TargetKind(target['kind'])]} {target['value']}.",
                    f"Until {_said(until)}." if until else "",
                    f"{reason[:1].upper()}{reason[1:]}." if reason else "",
                    f"Declared by {contract.declared_by.get_username()}.",
                )
                if line
            ),
            path=reverse(
                "contract",
                kwargs={"slug": contract.connection.slug, "contract_number": contract.number},
            ),
            facts={
                "number": contract.number,
                "state": contract.state,
                "from": source,
                "to": target,
                "until": until.isoformat() if until else None,
                "reason": reason or None,
            },
        )

    return words


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _publish(
    kind: str, contract: TrustContract, *, now: datetime, reason: str = "", once: str = ""
) -> bool:
    event = event_publish(
        kind=kind,
        connection_id=contract.connection_id,
        subject={
            "contract_id": contract.pk,
            "number": contract.number,
            "state": str(contract.state),
            "reason": reason,
        },
        once=once,
        now=now,
    )
    return event is not None


def publish_state(
    *, contract: TrustContract, was: State, to: State, now: datetime, **_: Any
) -> None:
    """Publish what a contract's new state amounts to, in the transaction that brings it there."""
    if to is State.PROPOSED:
        _publish(WAITING, contract, now=now)
    elif was is State.PROPOSED and to in (State.ACTIVE, State.REJECTED, State.DRAFT):
        _publish(DECIDED, contract, now=now)
    elif to is State.ENDED:
        _publish(ENDED, contract, now=now, reason=contract.end_reason)


def publish_asked(contract: TrustContract, *, now: datetime) -> None:
    """Publish that a contract waits anew, since it was edited or others are asked by now."""
    _publish(WAITING, contract, now=now)


def publish_ending(*, now: datetime) -> int:
    """Publish the contracts that end soon, each once for its day; return how many."""
    published = 0
    for connection in Connection.objects.order_by("pk"):
        within = timedelta(days=trust_thresholds(connection).contract_ending_days)
        due = TrustContract.objects.filter(
            connection=connection,
            state=State.ACTIVE,
            until__gte=now.date(),
            until__lte=now.date() + within,
        )
        for contract in due.order_by("until", "pk"):
            with transaction.atomic():
                once = f"contract:{contract.pk}:{contract.until}"
                published += _publish(ENDING, contract, now=now, once=once)
    return published


def publish_edges(connection: Connection, *, moment: datetime, now: datetime) -> bool:
    """Publish, once a run, that edges which leave an account appeared or vanished with it.

    `moment`: the start of the run. Nothing is published where nothing did, nor of the first run.
    """
    if not TrustEdge.objects.filter(connection=connection, seen_from__lt=moment).exists():
        return False
    since = _crossing(_WHOLE, connection, moment)
    appeared, vanished = since.appeared.count(), since.vanished.count()
    if not appeared and not vanished:
        return False
    event = event_publish(
        kind=EDGES_CHANGED,
        connection_id=connection.pk,
        subject={"moment": moment.isoformat()},
        once=f"edges:{connection.pk}:{moment.isoformat()}",
        now=now,
    )
    return event is not None


def _crossing(viewer: Viewer, connection: Connection, moment: datetime) -> EdgesSince:
    since = edges_since(viewer, connection=connection, moment=moment)
    within = (TrustEdge.Crossing.ACCOUNT, TrustEdge.Crossing.NONE)
    return EdgesSince(
        appeared=since.appeared.exclude(crossing__in=within),
        vanished=since.vanished.exclude(crossing__in=within),
        changed=since.changed.exclude(crossing__in=within),
    )


def _edges_words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    connection = Connection.objects.filter(pk=event.connection_id or 0).first()
    if connection is None:
        return None
    moment = datetime.fromisoformat(event.subject["moment"])
    since = _crossing(viewer, connection, moment)
    appeared = list(since.appeared.order_by("crossing_rank", "key"))
    vanished = list(since.vanished.order_by("crossing_rank", "key"))
    if not appeared and not vanished:
        return None
    counts = [
        f"{len(edges):,} {said}" for edges, said in ((appeared, "new"), (vanished, "gone")) if edges
    ]
    lines = [_edge_line("New", edge) for edge in appeared[:_MOST_NAMED]]
    lines += [_edge_line("Gone", edge) for edge in vanished[:_MOST_NAMED]]
    more = len(appeared) + len(vanished) - len(lines)
    return Wording(
        title=f"Edges across accounts changed: {', '.join(counts)} ({connection.name})",
        lines=(*lines, f"and {more:,} more") if more else tuple(lines),
        path=reverse("trust", kwargs={"slug": connection.slug}),
        facts={
            "appeared": [edge.key for edge in appeared[:_MOST_NAMED]],
            "vanished": [edge.key for edge in vanished[:_MOST_NAMED]],
            "appeared_count": len(appeared),
            "vanished_count": len(vanished),
        },
    )


def _edge_line(said: str, edge: TrustEdge) -> str:
    who = edge.vendor or edge.principal_id
    crossing = TrustEdge.Crossing(edge.crossing).label.lower()
    return f"{said}: {who} into {edge.resource_name} in {edge.account_id} ({crossing})"


def register() -> None:
    """Declare the kinds, and publish them when contracts come into other states."""
    for name, label, help_text, title, audience, default in (
        (
            WAITING,
            "Contract waits for you",
            "A trust contract waits for your approval.",
            "Waiting for your approval",
            _waiting,
            _INBOX_AND_MAIL,
        ),
        (
            DECIDED,
            "Contract decided",
            "A contract that you took part in was approved, rejected or sent back.",
            "",
            _taking_part,
            frozenset({NotificationWay.INBOX}),
        ),
        (
            ENDING,
            "Contract ends soon",
            "The last day of a contract is near; its edges are findings from then on.",
            "Ends soon",
            _taking_part,
            _INBOX_AND_MAIL,
        ),
        (
            ENDED,
            "Contract ended",
            "A contract that you took part in has ended.",
            "Ended",
            _taking_part,
            frozenset({NotificationWay.INBOX}),
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
    register_kind(
        EventKind(
            name=EDGES_CHANGED,
            label="New and vanished edges",
            help="The last run found other ways across accounts than the one before.",
            group=GROUP,
            audience=rights.VIEW_TRUST,
            words=_edges_words,
        )
    )
    contract_state_changed.connect(publish_state, dispatch_uid="contracts.notices")
