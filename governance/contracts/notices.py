"""Whom contracts and new edges tell what."""

from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from governance.access import rights
from governance.approvals.agreements.notices import INBOX, AgreementNotices, AgreementWording
from governance.contracts.approving import excluded_people
from governance.contracts.kind import CONTRACT
from governance.contracts.models import TrustContract
from governance.contracts.terms import SOURCE_LABELS, TARGET_LABELS, SourceKind, TargetKind
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import OutboxEvent
from governance.notifications.outbox import event_publish
from governance.posture.trust.findings.thresholds import trust_thresholds
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import EdgesSince, edges_since
from inventory.models import Connection
from inventory.viewing import Viewer

GROUP: Final = "Trust"
_MOST_NAMED: Final = 20
_WHOLE: Final = Viewer(sees_inventory=True)
EDGES_CHANGED: Final = "trust.edges_changed"


def _wording(contract: TrustContract) -> AgreementWording:
    source, target = contract.source, contract.target
    return AgreementWording(
        name=f"{contract} {contract.purpose}",
        before=(
            f"From {SOURCE_LABELS[SourceKind(source['kind'])]} {source['value']} "
            f"to {TARGET_LABELS[TargetKind(target['kind'])]} {target['value']}."
        ),
        after=f"Declared by {contract.declared_by.get_username()}.",
        path=reverse(
            "contract",
            kwargs={"slug": contract.connection.slug, "contract_number": contract.number},
        ),
        facts={"from": source, "to": target},
    )


CONTRACT_NOTICES: Final = AgreementNotices(
    kind=CONTRACT,
    group=GROUP,
    helps={
        "waiting": "A trust contract waits for your approval.",
        "decided": "A contract that you took part in was approved, rejected or sent back.",
        "ending": "The last day of a contract is near; its edges are findings from then on.",
        "ended": "A contract that you took part in has ended.",
    },
    ended_by=INBOX,
    people=excluded_people,
    wording=_wording,
)


def publish_ending(*, now: datetime) -> int:
    """Publish the contracts that end soon, each once for its day; return how many."""
    published = 0
    for connection in Connection.objects.order_by("pk"):
        within = timedelta(days=trust_thresholds(connection).contract_ending_days)
        rows = TrustContract.objects.filter(connection=connection)
        published += CONTRACT_NOTICES.publish_ending(rows, until=now.date() + within, now=now)
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
    CONTRACT_NOTICES.register(dispatch_uid="contracts.notices")
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
