"""Accounts as the tree shows them: some of each OU, by name."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from inventory.models import Account, Connection, InventoryRun, OrganizationalUnit
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer, visible


def first_accounts(
    rows: "QuerySet[Account]", *, parent_ids: Collection[str], limit: int
) -> dict[str, list[Account]]:
    """Return the first `limit` of `rows` by name directly in each parent, in one query."""
    numbered = rows.filter(parent_id__in=parent_ids).annotate(
        place=Window(
            RowNumber(),
            partition_by=F("parent_id"),
            order_by=[F("name").asc(), F("account_id").asc()],
        )
    )
    found: dict[str, list[Account]] = {}
    for account in numbered.filter(place__lte=limit).order_by("parent_id", "name", "account_id"):
        found.setdefault(account.parent_id, []).append(account)
    return found


def accounts_by_parent(rows: "QuerySet[Account]", *, parent_ids: Collection[str]) -> dict[str, int]:
    """Return how many of `rows` lie directly in each of some parents, none where it is none."""
    if not parent_ids:
        return {}
    counted = rows.filter(parent_id__in=parent_ids).order_by().values_list("parent_id")
    return dict(counted.annotate(Count("pk")))


def accounts_after(rows: "QuerySet[Account]", *, parent_id: str, after: str) -> "QuerySet[Account]":
    """Return the accounts directly in a parent that follow `after` by name, all if it is empty.

    `after`: an account id; where it is no longer among `rows` nothing follows.
    """
    here = rows.filter(parent_id=parent_id).order_by("name", "account_id")
    if not after:
        return here
    last = rows.filter(account_id=after).first()
    if last is None:
        return here.none()
    return here.filter(Q(name__gt=last.name) | Q(name=last.name, account_id__gt=after))


def accounts_before(
    rows: "QuerySet[Account]", *, parent_id: str, before: str
) -> "QuerySet[Account]":
    """Return the accounts directly in a parent that precede `before` by name, the nearest first.

    `before`: an account id; where it is no longer among `rows` nothing precedes.
    """
    here = rows.filter(parent_id=parent_id).order_by("-name", "-account_id")
    first = rows.filter(account_id=before).first()
    if first is None:
        return here.none()
    return here.filter(Q(name__lt=first.name) | Q(name=first.name, account_id__lt=before))


def account_parents(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> dict[str, str]:
    """Return account id → id of the root or OU it is in, for every account."""
    return dict(
        accounts(viewer, connection=connection, as_of=as_of).values_list("account_id", "parent_id")
    )


def neighbouring_runs(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return when the whole runs before and after the one shown at `as_of` started.

    None where there is none. For now (`as_of` None) the newest run is the one shown.
    """
    ended = visible(InventoryRun.objects.filter(connection=connection), viewer).filter(
        account_ids__isnull=True,
        state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
    )
    shown = ended if as_of is None else ended.filter(started_at__lte=as_of)
    two = list(shown.order_by("-started_at").values_list("started_at", flat=True)[:2])
    later = None
    if as_of is not None:
        later = (
            ended.filter(started_at__gt=as_of)
            .order_by("started_at")
            .values_list("started_at", flat=True)
            .first()
        )
    return (two[1] if len(two) > 1 else None), later


def account_history(
    viewer: Viewer, *, connection: Connection, account_id: str
) -> "QuerySet[Account]":
    """Return every version of an account that was seen, the newest first."""
    rows: QuerySet[Account] = visible(Account.objects.all(), viewer).filter(
        connection=connection, account_id=account_id
    )
    return rows.order_by("-seen_from")


def unit_history(
    viewer: Viewer, *, connection: Connection, target_id: str
) -> "QuerySet[OrganizationalUnit]":
    """Return every version of an OU that was seen, the newest first."""
    rows: QuerySet[OrganizationalUnit] = visible(OrganizationalUnit.objects.all(), viewer).filter(
        connection=connection, target_id=target_id
    )
    return rows.order_by("-seen_from")
