"""Drift: items that drift keeps itself, with their own life in the inbox."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Max, QuerySet

from governance.baseline.guardrails.models import GuardrailResult
from governance.drift.explaining import actor_words
from governance.drift.models import DriftEvent, DriftItem
from governance.drift.weighing import EFFECT_WEIGHTS
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from inventory.models import Account, Connection

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
    failing = _failing_accounts(connection, rows)
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
            account_ids=failing.get(item.pk, ()),
            accounts=item.accounts,
            reached_ids=_reached(item),
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


def _failing_accounts(
    connection: Connection, rows: "QuerySet[DriftItem]"
) -> dict[int, tuple[str, ...]]:
    """Return the accounts in which guardrails hold no more, by the item's number."""
    items = rows.filter(kind=Kind.GUARDRAIL_FAILS, account_id="")
    found = {(target, place): pk for pk, target, place in items.values_list(*_OF_GUARDRAIL)}
    if not found:
        return {}
    parents = dict(
        Account.objects.as_of(None)
        .filter(connection=connection)
        .values_list("account_id", "parent_id")
    )
    accounts: dict[int, list[str]] = {}
    results = GuardrailResult.objects.as_of(None).filter(
        connection=connection,
        outcome=GuardrailResult.ResultOutcome.FAILS,
        guardrail_id__in={guardrail_id for guardrail_id, _ in found},
    )
    for guardrail_id, account_id in results.values_list("guardrail_id", "account_id"):
        number = found.get((guardrail_id, parents.get(account_id, "")))
        if number is not None:
            accounts.setdefault(number, []).append(account_id)
    return {number: tuple(ids) for number, ids in accounts.items()}


def _reached(item: DriftItem) -> tuple[str, ...]:
    """Return the places in which drift counts for every account: of a policy, all its targets."""
    if item.kind in _AT_ITS_PLACE and not item.account_id:
        return (item.place_id,)
    if item.kind not in _OF_POLICY:
        return ()
    sides = [side for side in (item.desired, item.collected) if isinstance(side, dict)]
    return tuple({str(one["id"]) for side in sides for one in side.get("targets", ())})


_OF_GUARDRAIL: Final = ("pk", "target_id", "place_id")
_OF_POLICY: Final = frozenset({Kind.POLICY_UPDATED, Kind.POLICY_ADDED, Kind.POLICY_REMOVED})
_AT_ITS_PLACE: Final = frozenset(
    {
        *(Kind.POLICY_ATTACHED_TO_OU, Kind.POLICY_DETACHED_FROM_OU, Kind.POLICY_TYPE_CHANGED),
        *(Kind.OU_ADDED, Kind.OU_RENAMED, Kind.CONTROL_INEFFECTIVE),
    }
)
_ATTACHMENTS: Final = {
    Kind.POLICY_ATTACHED_TO_OU: "attached to",
    Kind.POLICY_ATTACHED_TO_ACCOUNT: "attached to",
    Kind.POLICY_DETACHED_FROM_OU: "detached from",
    Kind.POLICY_DETACHED_FROM_ACCOUNT: "detached from",
}
_TITLES: Final = {
    Kind.ACCOUNT_MOVED: "{} moved to another OU",
    Kind.ACCOUNT_REMOVED: "{} left the organization",
    Kind.ACCOUNT_ADDED: "{} was added",
    Kind.POLICY_UPDATED: "{} was edited",
    Kind.POLICY_ADDED: "{} was added",
    Kind.POLICY_REMOVED: "{} was deleted",
    Kind.POLICY_TAGS_CHANGED: "Tags of {} were changed",
    Kind.DELEGATION_POLICY_CHANGED: "{} was changed",
    Kind.OU_ADDED: "OU {} was added",
    Kind.OU_RENAMED: "OU {} was renamed",
    Kind.OU_DELETED: "OU {} was deleted",
}


def drift_title(item: DriftItem) -> str:
    """Say what drifted, as a sentence without its full stop."""
    name = item.target_name or item.target_id
    if item.kind in _ATTACHMENTS:
        # Of these the target is the place, and both sides name the policy.
        policy = str((item.collected or item.desired or {}).get("policy_name") or "A policy")
        name = f"{policy} was {_ATTACHMENTS[Kind(item.kind)]} {name}"
        return f"{name}, equal effect" if item.effect == Effect.COSMETIC else name
    said = _TITLES.get(Kind(item.kind), f"{item.get_kind_display()}: {{}}").replace("{}", name)
    return f"{said}, equal effect" if item.effect == Effect.COSMETIC else said


SOURCE: Final = InboxSource(InboxItem.Source.DRIFT, drift_mark, read_drift)
