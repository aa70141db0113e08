"""Drift: items that drift keeps itself, with their own life in the inbox."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Max

from governance.drift.explaining import actor_words
from governance.drift.models import DriftEvent, DriftItem
from governance.drift.weighing import EFFECT_WEIGHTS
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from inventory.models import Connection

State, Effect, Kind = DriftItem.State, DriftItem.DriftEffect, DriftItem.Kind

_CHUNK: Final = 2000


def drift_mark(connection: Connection) -> str:
    """Return what changes whenever something happens to a drift item."""
    rows = DriftItem.objects.filter(connection=connection)
    event = DriftEvent.objects.filter(item__connection=connection).aggregate(newest=Max("pk"))
    seen = rows.aggregate(newest=Max("pk"), seen=Max("last_seen_at"), resolved=Max("resolved_at"))
    return repr((event["newest"], *seen.values()))


def read_drift(connection: Connection) -> SourceReading:
    """Return the drift that stands; what a rule ignores is none here."""
    return SourceReading(items=_items(connection))


def _items(connection: Connection) -> Iterator[FoundItem]:
    rows = DriftItem.objects.filter(connection=connection, state__in=(State.OPEN, State.EXCEPTED))
    for item in rows.order_by("pk").iterator(chunk_size=_CHUNK):
        place = item.account_id or item.place_id
        yield FoundItem(
            key=item.key,
            kind=item.kind,
            title=drift_title(item),
            target_kind=item.target_kind.upper(),
            target_id=item.target_id,
            target_name=item.target_name,
            account_id=item.account_id,
            place_id=item.place_id,
            accounts=item.accounts,
            weight=EFFECT_WEIGHTS[Effect(item.effect)],
            severity=item.severity,
            environment_at=place,
            verified=item.verified,
            excepted=item.state == State.EXCEPTED,
            detail={
                "label": item.get_kind_display(),
                "effect": item.get_effect_display(),
                "drift_id": item.pk,
                "change_number": (item.explained_by or {}).get("change_number"),
                "who": actor_words(item.explained_by) if item.explained_by else "",
            },
        )


_TITLES: Final = {
    Kind.ACCOUNT_MOVED: "{} moved to another OU",
    Kind.ACCOUNT_REMOVED: "{} left the organization",
    Kind.ACCOUNT_ADDED: "{} was added",
    Kind.POLICY_UPDATED: "{} was edited",
    Kind.POLICY_ADDED: "{} was added",
    Kind.POLICY_REMOVED: "{} was deleted",
    Kind.POLICY_ATTACHED_TO_OU: "{} was attached",
    Kind.POLICY_ATTACHED_TO_ACCOUNT: "{} was attached",
    Kind.POLICY_DETACHED_FROM_OU: "{} was detached",
    Kind.POLICY_DETACHED_FROM_ACCOUNT: "{} was detached",
    Kind.OU_ADDED: "OU {} was added",
    Kind.OU_RENAMED: "OU {} was renamed",
    Kind.OU_DELETED: "OU {} was deleted",
}


def drift_title(item: DriftItem) -> str:
    """Say what drifted, as a sentence without its full stop."""
    name = item.target_name or item.target_id
    said = _TITLES.get(Kind(item.kind), f"{item.get_kind_display()}: {{}}").replace("{}", name)
    return f"{said}, equal effect" if item.effect == Effect.COSMETIC else said


SOURCE: Final = InboxSource(InboxItem.Source.DRIFT, drift_mark, read_drift)
