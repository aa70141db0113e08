"""Ignore rules: drift that does no harm, by kind, place and attribute, until a day."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Max, Q

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import target_tree
from governance.audit import actions
from governance.audit.services import audit_record
from governance.drift.models import DriftItem, IgnoreRule
from governance.drift.storing import write_events
from inventory.models import Connection
from inventory.store.locks import hold_lock

State = DriftItem.State
IGNORED: Final = "ignored"
RULE_ENDED: Final = "ignore rule ended"
LONGEST_REASON: Final = 500


class IgnoreRuleEnded(Exception):
    """A rule has ended already."""


class IgnoreRuleInvalid(ValueError):
    """A rule cannot be written so. `errors`: field → what to do."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{name}: {said}" for name, said in errors.items()))


@transaction.atomic
def ignore_rule_add(
    *,
    by: ActingPerson,
    connection: Connection,
    kind: str = "",
    target_id: str = "",
    attribute: str = "",
    reason: str,
    until: date,
    now: datetime,
) -> IgnoreRule:
    """Ignore drift of a kind, at a place with all below it, of an attribute; an empty one: of any.

    :raises MayNot: whoever acts may not write rules there.
    :raises IgnoreRuleInvalid: it would ignore everything, has no reason, or its end is past.
    """
    by.require(rights.MANAGE_IGNORE_RULES, connection, target_id)
    errors = {}
    if kind and kind not in DriftItem.Kind.values:
        errors["kind"] = f"give one of {', '.join(DriftItem.Kind.values)}"
    if not kind and not target_id and not attribute:
        errors["kind"] = "name a kind, a place or an attribute: a rule cannot ignore everything"
    if target_id and target_id not in target_tree(connection).by_id:
        errors["target_id"] = "give the id of a root, OU or account of the organization"
    if not reason.strip():
        errors["reason"] = "say why it does no harm"
    if until < now.date():
        errors["until"] = "give a day to come"
    if errors:
        raise IgnoreRuleInvalid(errors)
    hold_lock(f"drift:{connection.pk}")
    highest = IgnoreRule.objects.filter(connection=connection).aggregate(last=Max("number"))
    made = IgnoreRule.objects.create(
        connection=connection,
        number=(highest["last"] or 0) + 1,
        kind=kind,
        target_id=target_id,
        attribute=attribute.strip(),
        reason=reason.strip()[:LONGEST_REASON],
        until=until,
        made_by=by.user,
        made_at=now,
    )
    audit_record(
        actor=by.actor,
        action=actions.IGNORE_RULE_WRITE,
        object_kind="ignore_rule",
        object_id=str(made.number),
        connection_id=connection.pk,
        target_id=target_id,
        after={
            "kind": kind,
            "attribute": made.attribute,
            "reason": made.reason,
            "until": until.isoformat(),
        },
        now=now,
    )
    apply_rules(connection, None, now=now)
    return made


@transaction.atomic
def ignore_rule_end(
    *, by: ActingPerson, connection: Connection, number: int, now: datetime
) -> IgnoreRule:
    """End a rule: what it ignored is open again.

    :raises MayNot: whoever acts may not write rules there.
    :raises IgnoreRule.DoesNotExist: there is none of that number.
    :raises IgnoreRuleEnded: see there.
    """
    hold_lock(f"drift:{connection.pk}")
    rule = IgnoreRule.objects.select_for_update().get(connection=connection, number=number)
    by.require(rights.MANAGE_IGNORE_RULES, connection, rule.target_id)
    if rule.ended_at is not None:
        raise IgnoreRuleEnded(f"ignore rule {number} has ended already")
    rule.ended_at = now
    rule.save(update_fields=["ended_at"])
    audit_record(
        actor=by.actor,
        action=actions.IGNORE_RULE_END,
        object_kind="ignore_rule",
        object_id=str(rule.number),
        connection_id=connection.pk,
        target_id=rule.target_id,
        now=now,
    )
    apply_rules(connection, None, now=now)
    return rule


def rules_in_force(connection: Connection, *, today: date) -> list[IgnoreRule]:
    """Return the rules that hold on a day, their last day included."""
    rows = IgnoreRule.objects.filter(connection=connection, ended_at=None, until__gte=today)
    return list(rows.order_by("number"))


def apply_rules(
    connection: Connection, item_ids: Collection[int] | None, *, now: datetime
) -> set[int]:
    """Ignore items that a rule in force matches, and open those that none does any more.

    `item_ids`: of the items that may match otherwise than before; None: all. What is ignored by a
    rule that has ended is always looked at. Returns the ids of what was written.
    """
    rules = rules_in_force(connection, today=now.date())
    items = DriftItem.objects.filter(connection=connection, state__in=(State.OPEN, State.IGNORED))
    if item_ids is not None:
        items = items.filter(Q(pk__in=item_ids) | Q(state=State.IGNORED))
    if not rules:
        items = items.filter(state=State.IGNORED)
    found = list(items)
    if not found:
        return set()
    tree = target_tree(connection)
    events = []
    for item in found:
        places = {step.target_id for step in tree.upwards(item.place_id)} | {item.target_id}
        rule = next((one for one in rules if _matches(one, item, places)), None)
        if rule is not None and item.state == State.OPEN:
            item.state = State.IGNORED
            events.append((item, IGNORED, {"rule": rule.number, "reason": rule.reason}))
        elif rule is None and item.state == State.IGNORED:
            item.state = State.OPEN
            events.append((item, RULE_ENDED, {}))
    DriftItem.objects.bulk_update([item for item, *_ in events], ["state"], batch_size=500)
    write_events(events, at=now)
    return {item.pk for item, *_ in events}


def _matches(rule: IgnoreRule, item: DriftItem, places: Collection[str]) -> bool:
    return (
        rule.kind in ("", item.kind)
        and rule.attribute in ("", item.attribute)
        and (not rule.target_id or rule.target_id in places)
    )


@transaction.atomic
def ignore_rules_end_due(connection: Connection, *, now: datetime) -> set[int]:
    """Open what rules ignored whose last day is past; return the ids of the items."""
    hold_lock(f"drift:{connection.pk}")
    return apply_rules(connection, (), now=now)
