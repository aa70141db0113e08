"""Finds accounts, OUs, policies and principals by name or id."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from inventory.models import Account, Connection, OrganizationalUnit, Policy, Principal
from inventory.models.versions import Version
from inventory.viewing import Viewer, visible

Row = TypeVar("Row", bound=Version)


@dataclass(frozen=True, slots=True)
class Found:
    """One hit. `kind`: account, organizational-unit, policy or principal."""

    kind: str
    key: str
    name: str
    detail: str


def search(
    viewer: Viewer, *, connection: Connection, words: str, limit_a_kind: int = 6
) -> list[Found]:
    """Return what begins with or contains `words`, exact ids and beginnings first."""
    words = words.strip()
    if not words:
        return []
    hits = [
        Found("account", row.account_id, row.name, row.account_id)
        for row in _best(
            Account.objects.all(), viewer, connection, words, "name", "account_id", limit_a_kind
        )
    ]
    hits += [
        Found("organizational-unit", row.target_id, row.name, row.target_id)
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
        Found("policy", row.policy_id, row.name, row.type)
        for row in _best(
            Policy.objects.all(), viewer, connection, words, "name", "policy_id", limit_a_kind
        )
    ]
    hits += [
        Found("principal", row.arn, row.name, f"{row.kind} in {row.account_id}")
        for row in _best(
            Principal.objects.all(), viewer, connection, words, "name", "arn", limit_a_kind
        )
    ]
    return hits


def _best(
    rows: "QuerySet[Row]",
    viewer: Viewer,
    connection: Connection,
    words: str,
    name: str,
    key: str,
    limit: int,
) -> "QuerySet[Row]":
    ranked = Case(
        When(**{f"{key}__iexact": words}, then=Value(0)),
        When(**{f"{name}__iexact": words}, then=Value(1)),
        When(**{f"{name}__istartswith": words}, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    matching = (
        visible(rows, viewer)
        .filter(connection=connection, seen_until__isnull=True)
        .filter(Q(**{f"{name}__icontains": words}) | Q(**{f"{key}__istartswith": words}))
        .order_by(ranked, name, key)
    )
    return matching[:limit]
