"""Where one policy is attached, a page at a time: some policies are attached to every account."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Final, TypeVar

from django.db.models import Count, F, Model, QuerySet, Value

from inventory.models import (
    Account,
    Connection,
    OrganizationalUnit,
    PolicyAttachment,
    Root,
)
from inventory.viewing import Viewer, visible

# The root before OUs, these before accounts.
RANK: Final = "rank"
NAME: Final = "shown_name"
TARGET: Final = "shown_target"
_COLUMNS: Final = (RANK, NAME, TARGET)

Target = Mapping[str, Any]
Row = TypeVar("Row", bound=Model)
Narrowing = Callable[["QuerySet[Any]"], "QuerySet[Any]"]


@dataclass(frozen=True, slots=True)
class AttachedTarget:
    """A target that a policy is attached to. `accounts`: how many it reaches from there.

    `name` is the id, and `accounts` None, for a target that is not collected.
    """

    target_id: str
    target_type: str
    name: str
    accounts: int | None
    seen_from: datetime


def policy_targets(
    viewer: Viewer,
    *,
    connection: Connection,
    policy_id: str,
    as_of: datetime | None = None,
    narrowed: Narrowing | None = None,
) -> "QuerySet[Any, Target]":
    """Return the targets of a policy as mappings of `RANK`, `NAME` and `TARGET`, in no order.

    `narrowed`: applied to each kind of target, for filters on these columns. The result is a
    union: it can be ordered, counted and cut, no more.
    """
    attached = _attachments(viewer, connection, policy_id, as_of)
    parts = []
    left = attached
    for rank, (model, key) in enumerate(
        ((Root, "target_id"), (OrganizationalUnit, "target_id"), (Account, "account_id"))
    ):
        known = visible(model.objects.as_of(as_of), viewer).filter(connection=connection)
        here = known.filter(**{f"{key}__in": attached.values("target_id")})
        parts.append(_part(here, rank, "name", key))
        left = left.exclude(target_id__in=known.values(key))
    parts.append(_part(left, len(parts), "target_id", "target_id"))
    if narrowed is not None:
        parts = [narrowed(part) for part in parts]
    found: QuerySet[Any, Target] = reduce(
        lambda one, other: one.union(other, all=True),
        (part.order_by().values(*_COLUMNS) for part in parts),
    )
    return found


def attachment_count(
    viewer: Viewer, *, connection: Connection, policy_id: str, as_of: datetime | None = None
) -> int:
    """Count the targets of a policy."""
    return _attachments(viewer, connection, policy_id, as_of).count()


def _attachments(
    viewer: Viewer, connection: Connection, policy_id: str, as_of: datetime | None
) -> "QuerySet[PolicyAttachment]":
    rows: QuerySet[PolicyAttachment] = visible(PolicyAttachment.objects.as_of(as_of), viewer)
    return rows.filter(connection=connection, policy_id=policy_id)


def _part(rows: "QuerySet[Row]", rank: int, name: str, target: str) -> "QuerySet[Row]":
    annotated: QuerySet[Row] = rows.annotate(
        **{RANK: Value(rank), NAME: F(name), TARGET: F(target)},
    )
    return annotated


def attached_targets(
    viewer: Viewer,
    *,
    connection: Connection,
    policy_id: str,
    chosen: Iterable[Target],
    as_of: datetime | None = None,
) -> list[AttachedTarget]:
    """Tell more of some of `policy_targets`, in their order, in two queries."""
    targets = list(chosen)
    attached = _attachments(viewer, connection, policy_id, as_of)
    details: dict[str, tuple[str, datetime]] = {
        target_id: (kind, seen_from)
        for target_id, kind, seen_from in attached.filter(
            target_id__in=[target[TARGET] for target in targets]
        ).values_list("target_id", "target_type", "seen_from")
    }
    below = _accounts_below(viewer, connection, as_of)
    found = []
    for target in targets:
        target_id = target[TARGET]
        kind, seen_from = details[target_id]
        reached: int | None = None
        if target[RANK] == _RANK_OF_ACCOUNTS:
            reached = 1
        elif target[RANK] < _RANK_OF_ACCOUNTS:
            reached = below[target_id]
        found.append(AttachedTarget(target_id, kind, target[NAME], reached, seen_from))
    return found


_RANK_OF_ACCOUNTS: Final = 2


def _accounts_below(viewer: Viewer, connection: Connection, as_of: datetime | None) -> Counter[str]:
    """Count the accounts at any depth below the root and each OU, in one query."""
    found: Counter[str] = Counter()
    rows = visible(Account.objects.as_of(as_of), viewer).filter(connection=connection)
    for path, number in rows.order_by().values_list("path").annotate(number=Count("pk")):
        for target_id in path.split("/"):
            found[target_id] += number
    return found


def ended_attachments(
    viewer: Viewer, *, connection: Connection, policy_id: str, limit: int
) -> tuple[Sequence[PolicyAttachment], int]:
    """Return the attachments that ended last, at most `limit`, and how many ended in all."""
    ended = (
        visible(PolicyAttachment.objects.all(), viewer)
        .filter(connection=connection, policy_id=policy_id, seen_until__isnull=False)
        .order_by("-seen_until", "target_id")
    )
    return list(ended[:limit]), ended.count()
