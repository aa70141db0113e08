"""IAM principals gathered by name over all accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import Count, Max, QuerySet

from inventory.models import Principal

PrincipalNameKey = tuple[str, str, str]
"""Kind, name and path: what principals of several accounts have in common."""


@dataclass(frozen=True, slots=True)
class NameUse:
    """What the principals of one name and path differ in, over all accounts.

    `trust_texts`: how many trust policies that are written differently; 0 for users and groups.
    `last_used_at`: of the one used last, None where no use is on record. `use_known`: the use of
    every one of them was read.
    """

    trust_texts: int
    last_used_at: datetime | None
    use_known: bool


def grouped_by_name(rows: "QuerySet[Principal]") -> "QuerySet[Any]":
    """Gather principals by kind, name and path over accounts, with `accounts`: how many have it."""
    grouped: QuerySet[Any] = (
        rows.order_by().values("kind", "name", "path").annotate(accounts=Count("account_id"))
    )
    return grouped


def name_uses(rows: "QuerySet[Principal]", names: Iterable[str]) -> dict[PrincipalNameKey, NameUse]:
    """Return what principals of some names differ in. `rows`: of `principals`, filtered."""
    found = (
        rows.order_by()
        .filter(name__in=list(names))
        .values("kind", "name", "path")
        .annotate(
            texts=Count("trust_policy_id", distinct=True),
            last=Max("last_used_at"),
            known=BoolAnd("use_collected"),
        )
    )
    return {
        (one["kind"], one["name"], one["path"]): NameUse(one["texts"], one["last"], one["known"])
        for one in found
    }
