"""Rules that read owners from tags, and security's word on what they found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.owners.labels import target_words
from governance.access.owners.models import OwnerRule, OwnerRuleValue, TagConfirmation
from governance.access.owners.ownerships import owners_lock
from governance.access.owners.parties import PartyKey, PartyKind, read_parties
from governance.access.owners.reading import TagOwner, owners_state
from governance.access.owners.targets import OwnedTarget, target_tree
from governance.audit import actions
from governance.audit.services import audit_record
from inventory.models import Connection
from inventory.store.locks import hold_lock


class CannotRule(ValueError):
    """A rule cannot be had as asked; the message says why."""


class CannotConfirmTag(ValueError):
    """A tag's owner cannot be confirmed as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would find. `taken`: targets where an earlier rule or an owner by hand counts."""

    matches: tuple[TagOwner, ...]
    named: int
    unnamed: Mapping[str, int]
    taken: frozenset[str]


def rule_preview(
    connection: Connection, *, tag_key: str, values: Mapping[str, PartyKey]
) -> RulePreview:
    """Return what a rule over this tag would find, without keeping it."""
    tree = target_tree(connection)
    rule = OwnerRule(pk=0, connection=connection, tag_key=tag_key)
    found = {one.target_id: one.tags[tag_key] for one in tree.by_id.values() if tag_key in one.tags}
    parties = read_parties(set(values.values()), words=set(found.values()))
    lowered = {value.strip().casefold(): key for value, key in values.items()}
    matches = tuple(
        TagOwner(
            tree.by_id[target_id],
            rule.pk,
            tag_key,
            value,
            lowered.get(value.strip().casefold()) or parties.named(value),
        )
        for target_id, value in found.items()
    )
    unnamed: dict[str, int] = {}
    for one in matches:
        if one.key is None:
            unnamed[one.tag_value] = unnamed.get(one.tag_value, 0) + 1
    state = owners_state(connection)
    by_hand = {key for key, owners in state.owners.standing.items() if not owners[0].tag}
    earlier = {
        key for key, match in state.tag_owners.items() if match.tag_key != tag_key and match.key
    }
    return RulePreview(
        matches,
        sum(one.key is not None for one in matches),
        unnamed,
        frozenset(found.keys() & (by_hand | earlier)),
    )


@transaction.atomic
def owner_rule_set(
    *,
    by: ActingPerson,
    connection: Connection,
    tag_key: str,
    values: Mapping[str, PartyKey],
    now: datetime,
) -> OwnerRule:
    """Have a tag name the owners of what bears it; replaces the rule over the same tag.

    `values`: whom a value means where it is no user name, e-mail or name of a group itself.

    :raises CannotRule: no tag key, or somebody who is unknown.
    :raises MayNot: without the right to manage owners of the whole organization.
    """
    key = tag_key.strip()
    if not 1 <= len(key) <= 128:
        raise CannotRule("give the tag's key, 1 to 128 characters")
    by.require(rights.MANAGE_OWNERS, connection)
    known = read_parties(set(values.values()))
    for party in values.values():
        try:
            known.get(party)
        except KeyError:
            raise CannotRule(f"there is no such {party.kind}") from None
    hold_lock(owners_lock(connection))
    open_rules = OwnerRule.objects.as_of(None).filter(connection=connection)
    before = open_rules.filter(tag_key=key).first()
    last = open_rules.aggregate(last=Max("position"))["last"]
    position = before.position if before else 0 if last is None else last + 1
    before_facts = None if before is None else rule_facts(before)
    if before is not None:
        _end(before, by, now)
    rule = OwnerRule.objects.create(
        connection=connection, tag_key=key, position=position, created_at=now, created_by=by.user
    )
    OwnerRuleValue.objects.bulk_create(
        OwnerRuleValue(rule=rule, value=value.strip(), **party.columns)
        for value, party in values.items()
    )
    _audit(by, rule, actions.OWNER_RULE_SET, before_facts, rule_facts(rule), now)
    return rule


@transaction.atomic
def owner_rule_end(
    *, by: ActingPerson, connection: Connection, rule_id: int, now: datetime
) -> None:
    """Have a tag name nobody any more.

    :raises OwnerRule.DoesNotExist: there is no such rule.
    :raises MayNot: without the right to manage owners of the whole organization.
    """
    by.require(rights.MANAGE_OWNERS, connection)
    hold_lock(owners_lock(connection))
    rule = OwnerRule.objects.as_of(None).filter(connection=connection).get(pk=rule_id)
    _end(rule, by, now)
    _audit(by, rule, actions.OWNER_RULE_END, rule_facts(rule), None, now)


def rule_facts(rule: OwnerRule) -> dict[str, object]:
    """Return a rule as the audit log says it."""
    return {
        "tag": rule.tag_key,
        "values": {
            row.value: str(row.user or row.group)
            for row in rule.values.select_related("user", "group")
        },
    }


def _end(rule: OwnerRule, by: ActingPerson, now: datetime) -> None:
    rule.ended_at, rule.ended_by = now, by.user
    rule.save(update_fields=["ended_at", "ended_by"])


def _audit(
    by: ActingPerson,
    rule: OwnerRule,
    action: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    now: datetime,
) -> None:
    audit_record(
        actor=by.actor,
        action=action,
        object_kind="owner rule",
        object_id=str(rule.pk),
        object_name=f"tag {rule.tag_key}",
        connection_id=rule.connection_id,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class ShownTag:
    """A tag's owner as it was shown to whoever confirms it."""

    target_id: str
    tag_key: str
    tag_value: str
    key: PartyKey


@transaction.atomic
def tag_owners_confirm(
    *, by: ActingPerson, connection: Connection, shown: Collection[ShownTag], now: datetime
) -> int:
    """Confirm owners that tags name, exactly as shown; from now on they count for approvals.

    All or none. A changed tag, or another owner of its value, needs a new confirmation.

    :raises CannotConfirmTag: a tag or its owner changed since, or who confirms would gain by it.
    :raises MayNot: without the right to confirm owners at each target.
    """
    if by.token is not None:
        raise MayNot("owners are confirmed by people in their own session, never by a token")
    hold_lock(owners_lock(connection))
    state = owners_state(connection)
    authors = dict(
        OwnerRule.objects.as_of(None)
        .filter(connection=connection)
        .values_list("pk", "created_by_id")
    )
    mine = set(by.user.groups.values_list("pk", flat=True))
    by.require_at_all(
        rights.CONFIRM_OWNERS, connection, state.tree, [one.target_id for one in shown]
    )
    for one in shown:
        match = state.tag_owners.get(one.target_id)
        if match is None or (match.tag_key, match.tag_value, match.key) != (
            one.tag_key,
            one.tag_value,
            one.key,
        ):
            raise CannotConfirmTag(f"the tag of {one.target_id} changed; look at it again")
        _check_second_person(by, one, mine, match.target, authors.get(match.rule_id) == by.user.pk)
    done = [_confirm(by, connection, one, state.tree.by_id[one.target_id], now) for one in shown]
    return len(done)


def _check_second_person(
    by: ActingPerson, one: ShownTag, mine: set[int], target: OwnedTarget, is_author: bool
) -> None:
    gains = one.key.pk == by.user.pk if one.key.kind is PartyKind.PERSON else one.key.pk in mine
    if gains:
        raise CannotConfirmTag(
            f"you would own {target_words(target)} yourself; someone else confirms"
        )
    if is_author:
        raise CannotConfirmTag("you wrote the rule; a second person confirms what it finds")


def _confirm(
    by: ActingPerson, connection: Connection, one: ShownTag, target: OwnedTarget, now: datetime
) -> TagConfirmation:
    for row in TagConfirmation.objects.as_of(None).filter(
        connection=connection, target_id=one.target_id
    ):
        row.ended_at, row.ended_by = now, by.user
        row.save(update_fields=["ended_at", "ended_by"])
    row = TagConfirmation.objects.create(
        connection=connection,
        target_id=one.target_id,
        tag_key=one.tag_key,
        tag_value=one.tag_value,
        created_at=now,
        created_by=by.user,
        confirmed_at=now,
        confirmed_by=by.user,
        **one.key.columns,
    )
    audit_record(
        actor=by.actor,
        action=actions.OWNER_CONFIRM,
        object_kind="owners",
        object_id=one.target_id,
        object_name=target_words(target),
        connection_id=connection.pk,
        target_id=one.target_id,
        after={"tag": f"{one.tag_key}={one.tag_value}", "owner": str(row.user or row.group)},
        now=now,
    )
    return row
