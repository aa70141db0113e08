"""Reads owners of an organization for all targets, or some, in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, F, Func, OuterRef, Prefetch, Q, TextField

from governance.access.owners.labels import LabelMap, read_labels
from governance.access.owners.models import (
    OwnerRule,
    OwnerRuleValue,
    Ownership,
    TagConfirmation,
)
from governance.access.owners.parties import Parties, PartyKey, party_key, read_parties
from governance.access.owners.standing import OwnerMap, OwnerSource, StandingOwner
from governance.access.owners.targets import OwnedTarget, OwnedTree, target_tree
from inventory.models import Account, Connection, OrganizationalUnit, Root


@dataclass(frozen=True, slots=True)
class TagOwner:
    """What a rule finds at a target. `key`: whom the value means; None: nobody it could mean."""

    target: OwnedTarget
    rule_id: int
    tag_key: str
    tag_value: str
    key: PartyKey | None

    @property
    def tag(self) -> str:
        """The tag as `key=value`."""
        return f"{self.tag_key}={self.tag_value}"


@dataclass(frozen=True, slots=True)
class OwnersState:
    """All that is known of an organization's owners at one time.

    `tag_owners`: what rules find, target id → match, also where an owner by hand stands.
    `rules`: with what each matched.
    """

    owners: OwnerMap
    labels: LabelMap
    parties: Parties
    tag_owners: Mapping[str, TagOwner]
    rules: tuple["RuleMatches", ...]

    @property
    def tree(self) -> OwnedTree:
        """The targets."""
        return self.owners.tree


@dataclass(frozen=True, slots=True)
class RuleMatches:
    """A rule with the number of targets that bear its tag, and the values that name nobody.

    `first_for`: of how many targets it is the rule that counts.
    """

    rule: OwnerRule
    tagged: int
    first_for: int
    unmatched: Mapping[str, int]


def owners_state(
    connection: Connection,
    *,
    as_of: datetime | None = None,
    target_ids: Collection[str] | None = None,
) -> OwnersState:
    """Return who owns what. `target_ids`: of accounts only these; None: all.

    The number of queries does not grow with targets, owners or rules.
    """
    tree = target_tree(connection, as_of=as_of, target_ids=target_ids)
    labels = read_labels(connection, tree, as_of=as_of)
    ownerships = list(_ownerships(connection, as_of))
    rules = list(_rules(connection, as_of))
    confirmations = _confirmations(connection, as_of) if rules else {}
    parties = read_parties(
        {
            *(party_key(row) for row in ownerships),
            *(party_key(row) for rule in rules for row in rule.values.all()),
        },
        words=_tag_values(tree, rules),
    )
    tag_owners = find_tag_owners(tree, rules, parties)
    standing: dict[str, list[StandingOwner]] = {}
    for row in ownerships:
        if row.target_id in tree.by_id:
            standing.setdefault(row.target_id, []).append(_by_hand(row, parties))
    by_hand = set(standing)
    for target_id, match in tag_owners.items():
        if match.key is not None and target_id not in by_hand:
            row = confirmations.get(target_id)
            standing[target_id] = [_by_tag(match, match.key, row, parties)]
    owners = OwnerMap(tree, standing, labels.is_protected)
    return OwnersState(owners, labels, parties, tag_owners, _matches(tree, rules, tag_owners))


def _ownerships(connection: Connection, as_of: datetime | None) -> Any:
    return Ownership.objects.as_of(as_of).filter(connection=connection).order_by("created_at", "pk")


def _rules(connection: Connection, as_of: datetime | None) -> Any:
    return (
        OwnerRule.objects.as_of(as_of)
        .filter(connection=connection)
        .prefetch_related(Prefetch("values", OwnerRuleValue.objects.order_by("value")))
        .order_by("position", "pk")
    )


class ConfirmedTag(NamedTuple):
    """What security confirmed of a target; of a `TagConfirmation`."""

    pk: int
    target_id: str
    tag_key: str
    tag_value: str
    user_id: int | None
    group_id: int | None
    confirmed_at: datetime
    recertified_at: datetime | None


def _confirmations(connection: Connection, as_of: datetime | None) -> dict[str, ConfirmedTag]:
    """Return the confirmations whose tag kept its value ever since, by target."""
    rows = TagConfirmation.objects.as_of(as_of).filter(connection=connection)
    for model, name in (
        (Account, "account_id"),
        (OrganizationalUnit, "target_id"),
        (Root, "target_id"),
    ):
        rows = rows.exclude(Exists(_had_another_value(model, name)))
    read = map(ConfirmedTag._make, rows.values_list(*ConfirmedTag._fields))
    return {row.target_id: row for row in read}


def _had_another_value(model: Any, name: str) -> Any:
    tagged = Func(
        F("tags"),
        OuterRef("tag_key"),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    versions = model.objects.filter(
        **{name: OuterRef("target_id")},
        connection_id=OuterRef("connection_id"),
        seen_until__gt=OuterRef("confirmed_at"),
    )
    # A tag that was taken away is no value at all, which SQL's <> would pass over.
    another = Q(tagged__isnull=True) | ~Q(tagged=OuterRef("tag_value"))
    return versions.annotate(tagged=tagged).filter(another)


def _tag_values(tree: OwnedTree, rules: Sequence[OwnerRule]) -> set[str]:
    keys = [rule.tag_key for rule in rules]
    return {one.tags[key] for one in tree.by_id.values() for key in keys if key in one.tags}


def find_tag_owners(
    tree: OwnedTree, rules: Sequence[OwnerRule], parties: Parties
) -> dict[str, TagOwner]:
    """Return, by target, what the first rule finds whose tag the target bears."""
    found: dict[str, TagOwner] = {}
    for rule in rules:
        named = {row.value.casefold(): party_key(row) for row in rule.values.all()}
        meant: dict[str, PartyKey | None] = {}
        for target in tree.by_id.values():
            value = target.tags.get(rule.tag_key)
            if value is None or target.target_id in found:
                continue
            if value not in meant:
                meant[value] = named.get(value.strip().casefold()) or parties.named(value)
            key = meant[value]
            found[target.target_id] = TagOwner(target, rule.pk, rule.tag_key, value, key)
    return found


def _due(*times: datetime | None) -> tuple[datetime | None, datetime | None]:
    since = max((one for one in times if one is not None), default=None)
    if since is None:
        return None, None
    return since, since + timedelta(days=settings.OWNERS_RECERTIFY_DAYS)


def _by_hand(row: Ownership, parties: Parties) -> StandingOwner:
    since, due_at = _due(row.created_at, row.confirmed_at, row.recertified_at)
    return StandingOwner(
        party=parties.get(party_key(row)),
        source=OwnerSource(row.source),
        target_id=row.target_id,
        confirmed=row.confirmed_at is not None,
        row_id=row.pk,
        since=since,
        due_at=due_at,
    )


def _by_tag(
    match: TagOwner, key: PartyKey, row: ConfirmedTag | None, parties: Parties
) -> StandingOwner:
    holds = (
        row is not None
        and (row.tag_key, row.tag_value) == (match.tag_key, match.tag_value)
        and party_key(row) == key
    )
    kept = row if holds else None
    since, due_at = _due(kept.confirmed_at, kept.recertified_at) if kept else (None, None)
    return StandingOwner(
        party=parties.get(key),
        source=OwnerSource.TAG,
        target_id=match.target.target_id,
        confirmed=holds,
        row_id=kept.pk if kept else None,
        tag=match.tag,
        since=since,
        due_at=due_at,
    )


def _matches(
    tree: OwnedTree, rules: Sequence[OwnerRule], tag_owners: Mapping[str, TagOwner]
) -> tuple[RuleMatches, ...]:
    found = []
    for rule in rules:
        tagged = sum(rule.tag_key in one.tags for one in tree.by_id.values())
        own = [one for one in tag_owners.values() if one.rule_id == rule.pk]
        unmatched: dict[str, int] = {}
        for one in own:
            if one.key is None:
                unmatched[one.tag_value] = unmatched.get(one.tag_value, 0) + 1
        found.append(RuleMatches(rule, tagged, len(own), unmatched))
    return tuple(found)
