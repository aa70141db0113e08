"""The organization's policies, their versions over time and where they are attached."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Length

from inventory.models import (
    Account,
    Connection,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)
from inventory.viewing import Viewer, visible


def policies(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[Policy]:
    """Every policy at that time with `attachment_count` and `characters` (of its text)."""
    attached = (
        PolicyAttachment.objects.as_of(as_of)
        .filter(connection=connection, policy_id=OuterRef("policy_id"))
        .order_by()
        .values("policy_id")
        .annotate(count=Count("pk"))
        .values("count")
    )
    rows: QuerySet[Policy] = (
        visible(Policy.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .annotate(
            attachment_count=Coalesce(Subquery(attached, output_field=IntegerField()), 0),
            characters=Length("content__text"),
        )
    )
    return rows


def policy_counts(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> dict[str, int]:
    """Count the policies by type, AWS's own included; a type with none is absent."""
    rows = visible(Policy.objects.as_of(as_of), viewer).filter(connection=connection)
    return dict(rows.order_by().values_list("type").annotate(count=Count("pk")))


def policy(
    viewer: Viewer, *, connection: Connection, policy_id: str, as_of: datetime | None = None
) -> Policy | None:
    """Return one policy with its content, or None where it did not exist at that time."""
    rows: QuerySet[Policy] = policies(viewer, connection=connection, as_of=as_of)
    return rows.select_related("content").filter(policy_id=policy_id).first()


def attached_policy_ids(
    viewer: Viewer, *, connection: Connection, target_id: str, as_of: datetime | None = None
) -> QuerySet[PolicyAttachment, str]:
    """Ids of the policies attached directly to one target."""
    return (
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, target_id=target_id)
        .values_list("policy_id", flat=True)
    )


def attached_target_ids(
    viewer: Viewer, *, connection: Connection, policy_id: str, as_of: datetime | None = None
) -> QuerySet[PolicyAttachment, str]:
    """Ids of the targets that one policy is attached to directly."""
    return (
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, policy_id=policy_id)
        .values_list("target_id", flat=True)
    )


def attachments_by_target(
    viewer: Viewer,
    *,
    connection: Connection,
    policy_type: str,
    target_ids: Collection[str],
    as_of: datetime | None = None,
) -> dict[str, int]:
    """Count the policies of one type that are attached to each of some targets."""
    of_type = (
        visible(Policy.objects.as_of(as_of), viewer)
        .filter(connection=connection, type=policy_type)
        .values("policy_id")
    )
    return dict(
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, policy_id__in=of_type, target_id__in=target_ids)
        .order_by()
        .values_list("target_id")
        .annotate(count=Count("pk"))
    )


def policy_versions(viewer: Viewer, *, connection: Connection, policy_id: str) -> QuerySet[Policy]:
    """Every version that was seen, the newest first, each with its content and `number`.

    Numbers go up from 1, the oldest version that was seen.
    """
    before = (
        visible(Policy.objects.all(), viewer)
        .filter(connection=connection, policy_id=policy_id, seen_from__lte=OuterRef("seen_from"))
        .order_by()
        .values("policy_id")
        .annotate(count=Count("pk"))
        .values("count")
    )
    rows: QuerySet[Policy] = (
        visible(Policy.objects.all(), viewer)
        .filter(connection=connection, policy_id=policy_id)
        .select_related("content")
        .annotate(
            characters=Length("content__text"),
            number=Subquery(before, output_field=IntegerField()),
        )
        .order_by("-seen_from")
    )
    return rows


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where a policy is attached. `accounts`: how many it reaches from there."""

    target_id: str
    target_type: str
    name: str
    path: str
    accounts: int
    seen_from: datetime


def policy_attachments(
    viewer: Viewer, *, connection: Connection, policy_id: str, as_of: datetime | None = None
) -> list[Attachment]:
    """Return the targets that the policy is attached to, the root first, then OUs, accounts."""
    kinds = PolicyAttachment.TargetType
    rows = list(
        visible(PolicyAttachment.objects.as_of(as_of), viewer).filter(
            connection=connection, policy_id=policy_id
        )
    )
    target_ids = [row.target_id for row in rows]
    named: dict[str, tuple[str, str]] = {
        root.target_id: (root.name, f"{root.target_id}/")
        for root in visible(Root.objects.as_of(as_of), viewer).filter(
            connection=connection, target_id__in=target_ids
        )
    }
    for target_id, name, path in (
        visible(OrganizationalUnit.objects.as_of(as_of), viewer)
        .filter(connection=connection, target_id__in=target_ids)
        .values_list("target_id", "name", "path")
    ):
        named[target_id] = (name, path)
    accounts = visible(Account.objects.as_of(as_of), viewer).filter(connection=connection)
    for account_id, name, path in accounts.filter(account_id__in=target_ids).values_list(
        "account_id", "name", "path"
    ):
        named[account_id] = (name, path)
    paths = list(accounts.values_list("path", flat=True))
    found = []
    for row in rows:
        name, path = named.get(row.target_id, (row.target_id, ""))
        if row.target_type == kinds.ACCOUNT:
            reached = 1
        else:
            reached = sum(1 for other in paths if path and other.startswith(path))
        found.append(Attachment(row.target_id, row.target_type, name, path, reached, row.seen_from))
    order = {kinds.ROOT: 0, kinds.ORGANIZATIONAL_UNIT: 1, kinds.ACCOUNT: 2}
    return sorted(found, key=lambda at: (order.get(kinds(at.target_type), 3), at.name.casefold()))
