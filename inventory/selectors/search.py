"""Finds accounts, OUs, policies, principals and resources by name or id."""

from dataclasses import dataclass
from typing import Final, TypeVar

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from inventory.models import (
    Account,
    Connection,
    OrganizationalUnit,
    Policy,
    Principal,
    ResourcePolicy,
)
from inventory.models.trigrams import SHORTEST
from inventory.models.versions import Version
from inventory.selectors.principals import principals_with_words
from inventory.selectors.resource_policies import resources_with_words
from inventory.viewing import Viewer, visible

Row = TypeVar("Row", bound=Version)

_RANKED: Final = 1000
_COLONS_IN_ARN: Final = 5


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One hit. `kind`: account, organizational-unit, policy, principal or resource."""

    kind: str
    key: str
    name: str
    detail: str


def search(
    viewer: Viewer, *, connection: Connection, words: str, limit_a_kind: int = 6
) -> list[SearchHit]:
    """Return what begins with or contains `words`, exact ids and beginnings first.

    Of names of accounts, OUs and policies each word may stand anywhere.
    Principals and resources are looked for from three letters on.
    """
    words = words.strip()
    if not words:
        return []
    hits = [
        SearchHit("account", row.account_id, row.name, row.account_id)
        for row in _best(
            Account.objects.all(), viewer, connection, words, "name", "account_id", limit_a_kind
        )
    ]
    hits += [
        SearchHit("organizational-unit", row.target_id, row.name, row.target_id)
        for row in _best(
            OrganizationalUnit.objects.all(),
            viewer,
            connection,
            words,
            "name",
            "target_id",
            limit_a_kind,
        )
    ]
    hits += [
        SearchHit("policy", row.policy_id, row.name, row.type)
        for row in _best(
            Policy.objects.all(), viewer, connection, words, "name", "policy_id", limit_a_kind
        )
    ]
    hits += [
        SearchHit("principal", row.arn, row.name, f"{row.kind} in {row.account_id}")
        for row in _best_principals(viewer, connection, words, limit_a_kind)
    ]
    hits += [
        SearchHit(
            "resource", row.arn, row.name, f"{row.service} {row.resource_type} in {row.region}"
        )
        for row in _best_resources(viewer, connection, words, limit_a_kind)
    ]
    return hits


def _best_resources(
    viewer: Viewer, connection: Connection, words: str, limit: int
) -> "QuerySet[ResourcePolicy]":
    """Return the best of so many matches at most, from three letters on."""
    rows = visible(ResourcePolicy.objects.as_of(None), viewer).filter(connection=connection)
    matching = rows.none() if len(words) < SHORTEST else resources_with_words(rows, words)
    among = list(matching.values_list("pk", flat=True)[:_RANKED])
    return ResourcePolicy.objects.filter(pk__in=among).order_by(
        _rank(words, "name", "arn"), "name", "arn"
    )[:limit]


def _best_principals(
    viewer: Viewer, connection: Connection, words: str, limit: int
) -> "QuerySet[Principal]":
    """Return the best of so many matches at most: common words match tens of thousands.

    One whose name or ARN is exactly `words` is always among them.
    """
    rows = visible(Principal.objects.as_of(None), viewer).filter(connection=connection)
    account_id = words.split(":")[4] if words.count(":") >= _COLONS_IN_ARN else ""
    exact = rows.filter(arn=words, account_id=account_id) if account_id else rows.filter(name=words)
    matching = rows.none() if len(words) < SHORTEST else principals_with_words(rows, words)
    among = exact.values("pk")[:limit].union(matching.values("pk")[:_RANKED], all=True)
    return Principal.objects.filter(pk__in=[row["pk"] for row in among]).order_by(
        _rank(words, "name", "arn"), "name", "arn"
    )[:limit]


def _best(
    rows: "QuerySet[Row]",
    viewer: Viewer,
    connection: Connection,
    words: str,
    name: str,
    key: str,
    limit: int,
) -> "QuerySet[Row]":
    matching = (
        visible(rows, viewer)
        .filter(connection=connection, seen_until__isnull=True)
        .filter(_holds_all(words, name) | Q(**{f"{key}__istartswith": words}))
        .order_by(_rank(words, name, key), name, key)
    )
    return matching[:limit]


def _holds_all(words: str, name: str) -> Q:
    """Return the condition that a name holds each of some words."""
    every = Q()
    for word in words.split():
        every &= Q(**{f"{name}__icontains": word})
    return every


def _rank(words: str, name: str, key: str) -> Case:
    return Case(
        When(**{f"{key}__iexact": words}, then=Value(0)),
        When(**{f"{name}__iexact": words}, then=Value(1)),
        When(**{f"{name}__istartswith": words}, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
