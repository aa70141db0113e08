"""Sets environments and criticalities by hand, and has tags say them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.environments import Criticality, Environment
from governance.access.owners.labels import LabelMap, label_map, target_words
from governance.access.owners.models import Label, LabelRule
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.ownerships import owners_lock
from governance.access.owners.proposing import label_propose, withdraw
from governance.access.owners.targets import OwnedTarget
from governance.audit import actions
from governance.audit.services import audit_record
from inventory.models import Connection
from inventory.store.locks import hold_lock

VALUES: Final[Mapping[LabelKind, tuple[str, ...]]] = {
    LabelKind.ENVIRONMENT: tuple(one.value for one in Environment),
    LabelKind.CRITICALITY: tuple(one.value for one in Criticality),
}


class CannotLabel(ValueError):
    """A label cannot be set as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """What setting a label came to. `waits`: it holds only once a second person has confirmed."""

    target: OwnedTarget
    label: Label | None
    waits: bool


@transaction.atomic
def label_set(
    *,
    by: ActingPerson,
    connection: Connection,
    target_id: str,
    kind: LabelKind,
    value: str,
    reason: str = "",
    now: datetime,
) -> LabelSet:
    """Set a label of a target and all below it; an empty value has it inherit again.

    What takes anything out of production waits for a second person, because approvals of
    production ask for more.

    :raises CannotLabel: no such target or value, or taking away the label of production.
    :raises MayNot: without the right to manage owners there.
    """
    hold_lock(owners_lock(connection))
    return labels_set_locked(
        by=by,
        connection=connection,
        labels=label_map(connection),
        kind=kind,
        values={target_id: value},
        reason=reason,
        now=now,
    )[0]


def labels_set_locked(
    *,
    by: ActingPerson,
    connection: Connection,
    labels: LabelMap,
    kind: LabelKind,
    values: Mapping[str, str],
    reason: str,
    now: datetime,
) -> list[LabelSet]:
    """Do `label_set` for several targets, within a transaction that holds the owners' lock."""
    for target_id, value in values.items():
        if target_id not in labels.tree.by_id:
            raise CannotLabel(f"{target_id} is not a root, OU or account of {connection.name}")
        if value and value not in VALUES[kind]:
            raise CannotLabel(f"{kind} is one of {', '.join(VALUES[kind])}")
    by.require_at_all(rights.MANAGE_OWNERS, connection, labels.tree, values)
    after = labels.with_set(kind, values)
    open_rows: dict[str, list[Label]] = {}
    for row in Label.objects.as_of(None).filter(
        connection=connection, kind=kind, target_id__in=list(values)
    ):
        open_rows.setdefault(row.target_id, []).append(row)
    found = []
    for target_id, value in values.items():
        lowers = kind is LabelKind.ENVIRONMENT and taken_out(labels, after, [target_id])
        if lowers and not value:
            raise CannotLabel(
                "without this label some of it would no longer be production; set the "
                "environment that it has instead, and a second person confirms"
            )
        found.append(
            _set_one(
                by,
                connection,
                labels.tree.by_id[target_id],
                kind,
                value,
                open_rows.get(target_id, ()),
                reason,
                now,
                lowers=lowers,
            )
        )
    return found


def _set_one(
    by: ActingPerson,
    connection: Connection,
    target: OwnedTarget,
    kind: LabelKind,
    value: str,
    open_rows: Sequence[Label],
    reason: str,
    now: datetime,
    *,
    lowers: bool,
) -> LabelSet:
    held = ""
    for row in open_rows:
        waits = row.needs_second_person and row.confirmed_at is None
        if not waits:
            held = row.value
        if waits or not lowers:
            _end(row, by, now)
        if waits:
            withdraw(now=now, label=row)
    made = None
    if value:
        made = Label.objects.create(
            connection=connection,
            target_id=target.target_id,
            kind=kind,
            value=value,
            needs_second_person=lowers,
            created_at=now,
            created_by=by.user,
        )
        if lowers:
            label_propose(by=by, label=made, reason=reason, now=now)
    audit_record(
        actor=by.actor,
        action=actions.LABEL_SET,
        object_kind="label",
        object_id=target.target_id,
        object_name=target_words(target),
        connection_id=connection.pk,
        target_id=target.target_id,
        before={kind.value: held or None},
        after={kind.value: value or None, "waits": lowers, "reason": reason},
        now=now,
    )
    return LabelSet(target, made, lowers)


def taken_out(before: LabelMap, after: LabelMap, target_ids: Collection[str]) -> bool:
    """Whether a change takes a target, or anything below it, out of what is known as production."""
    return any(
        before.environment(one.target_id).protected
        and before.environment(one.target_id).value is not None
        and not after.environment(one.target_id).protected
        for target_id in target_ids
        for one in before.tree.below(target_id)
    )


def _end(row: Label | LabelRule, by: ActingPerson, now: datetime) -> None:
    row.ended_at, row.ended_by = now, by.user
    row.save(update_fields=["ended_at", "ended_by"])


@transaction.atomic
def label_rule_set(
    *,
    by: ActingPerson,
    connection: Connection,
    kind: LabelKind,
    tag_key: str,
    values: Mapping[str, str],
    now: datetime,
) -> LabelRule:
    """Have a tag say the environment or criticality; replaces the rule over the same tag.

    `values`: what a tag's value means where its words do not say it.

    :raises CannotLabel: no tag key, or a value that labels do not have.
    :raises MayNot: without the right to manage owners of the whole organization, or to confirm
        them where the rule takes something out of production.
    """
    key = tag_key.strip()
    if not 1 <= len(key) <= 128:
        raise CannotLabel("give the tag's key, 1 to 128 characters")
    unknown = sorted({value for value in values.values() if value not in VALUES[kind]})
    if unknown:
        raise CannotLabel(f"{', '.join(unknown)}: {kind} is one of {', '.join(VALUES[kind])}")
    before, rules, mine = _rules(by, connection, kind, key)
    rules.append((key, values))
    _check_lowering(by, connection, before, before.with_rules(kind, rules))
    for row in mine:
        _end(row, by, now)
    rule = LabelRule.objects.create(
        connection=connection,
        kind=kind,
        tag_key=key,
        values=dict(values),
        created_at=now,
        created_by=by.user,
    )
    _audit_rule(by, rule, actions.LABEL_RULE_SET, now)
    return rule


@transaction.atomic
def label_rule_end(
    *, by: ActingPerson, connection: Connection, rule_id: int, now: datetime
) -> None:
    """Have a tag say nothing any more.

    :raises LabelRule.DoesNotExist: there is no such rule.
    :raises MayNot: as `label_rule_set`.
    """
    rule = LabelRule.objects.as_of(None).filter(connection=connection).get(pk=rule_id)
    before, rules, mine = _rules(by, connection, LabelKind(rule.kind), rule.tag_key)
    _check_lowering(by, connection, before, before.with_rules(LabelKind(rule.kind), rules))
    for row in mine:
        _end(row, by, now)
    _audit_rule(by, rule, actions.LABEL_RULE_END, now)


def _rules(
    by: ActingPerson, connection: Connection, kind: LabelKind, tag_key: str
) -> tuple[LabelMap, list[tuple[str, Mapping[str, str]]], list[LabelRule]]:
    by.require(rights.MANAGE_OWNERS, connection)
    hold_lock(owners_lock(connection))
    rows = list(
        LabelRule.objects.as_of(None).filter(connection=connection, kind=kind).order_by("pk")
    )
    others = [(row.tag_key, row.values) for row in rows if row.tag_key != tag_key]
    return label_map(connection), others, [row for row in rows if row.tag_key == tag_key]


def _check_lowering(
    by: ActingPerson, connection: Connection, before: LabelMap, after: LabelMap
) -> None:
    """Leave to security what takes something out of production.

    :raises MayNot: it does, and the right to confirm owners is missing.
    """
    roots = [one.target_id for one in before.tree.by_id.values() if not one.parent_id]
    if taken_out(before, after, roots):
        by.require(rights.CONFIRM_OWNERS, connection)


def _audit_rule(by: ActingPerson, rule: LabelRule, action: str, now: datetime) -> None:
    audit_record(
        actor=by.actor,
        action=action,
        object_kind="label rule",
        object_id=str(rule.pk),
        object_name=str(rule),
        connection_id=rule.connection_id,
        after={"kind": rule.kind, "tag": rule.tag_key, "values": rule.values},
        now=now,
    )
