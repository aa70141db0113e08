"""Drift: items that drift keeps itself, with their own life in the inbox."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Max

from governance.drift.models import DriftEvent, DriftItem
from governance.inbox.models import InboxItem
from governance.inbox.severity import EffectWeight
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from inventory.models import Connection

State, Effect = DriftItem.State, DriftItem.DriftEffect

_CHUNK: Final = 2000
_ONE_WHERE: Final = frozenset({"ROOT", "ORGANIZATIONAL_UNIT", "ACCOUNT"})
_WEIGHTS: Final = {
    Effect.ALLOWS: EffectWeight.OPENS,
    Effect.BOTH: EffectWeight.OPENS,
    Effect.DENIES: EffectWeight.WEAKENS,
    Effect.UNDECIDED: EffectWeight.WEAKENS,
    Effect.STRUCTURE: EffectWeight.NONE,
    Effect.COSMETIC: EffectWeight.COSMETIC,
}


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
        in_tree = item.target_kind in _ONE_WHERE
        yield FoundItem(
            key=item.key,
            kind=item.kind,
            title=drift_title(item),
            target_kind=item.target_kind,
            target_id=item.target_id,
            target_name=item.target_name,
            account_id=item.account_id,
            accounts=item.accounts,
            whole_only=not item.account_id and not in_tree,
            weight=_WEIGHTS[Effect(item.effect)],
            severity=item.severity,
            environment_at=item.account_id or (item.target_id if in_tree else ""),
            verified=item.verified,
            excepted=item.state == State.EXCEPTED,
            detail={
                "label": item.get_kind_display(),
                "effect": item.get_effect_display(),
                "drift_key": item.key,
            },
        )


def drift_title(item: DriftItem) -> str:
    """Say what drifted where."""
    name = item.target_name or item.target_id
    return f"{item.get_kind_display()}: {name}"


SOURCE: Final = InboxSource(InboxItem.Source.DRIFT, drift_mark, read_drift)
