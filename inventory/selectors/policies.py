"""The organization's policies, their versions over time and where they are attached."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Length

from inventory.models import (
    Connection,
    Policy,
    PolicyAttachment,
    PolicyContent,
)
from inventory.viewing import Viewer, visible


def policies(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[Policy]:
    """Every policy at that time with `attachment_count` and `characters` (of its text)."""
    rows: QuerySet[Policy] = listed_policies(viewer, connection=connection, as_of=as_of)
    return rows.annotate(attachment_count=F("attachment_count"), characters=Length("content__text"))


def listed_policies(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[Policy]:
    """Every policy at that time, to be filtered and sorted by `attachment_count` and `characters`.

    Neither is counted for who does not ask: see `attachments_by_policy` and `policy_texts`.
    """
    attached = (
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, policy_id=OuterRef("policy_id"))
        .order_by()
        .values("policy_id")
        # A column of the index that finds the rows: the rows themselves are not read.
        .annotate(count=Count("policy_id"))
        .values("count")
    )
    rows: QuerySet[Policy] = (
        visible(Policy.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .alias(
            attachment_count=Coalesce(Subquery(attached, output_field=IntegerField()), 0),
            characters=Length("content__text"),
        )
    )
    return rows


def attachments_by_policy(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> dict[str, int]:
    """Count the targets that each policy is attached to; one attached nowhere is absent."""
    rows = policy_attachments(viewer, connection=connection, as_of=as_of).order_by()
    return dict(rows.values_list("policy_id").annotate(count=Count("policy_id")))


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


def policy_attachments(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[PolicyAttachment]:
    """Return what is attached where, of every policy."""
    rows: QuerySet[PolicyAttachment] = visible(PolicyAttachment.objects.as_of(as_of), viewer)
    return rows.filter(connection=connection)


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


def policy_texts(viewer: Viewer, *, sha256s: Collection[str]) -> dict[str, str]:
    """Return texts by SHA-256. Ask for what another selector let the viewer see."""
    if not viewer.sees_inventory or not sha256s:
        return {}
    rows = PolicyContent.objects.filter(pk__in=list(sha256s))
    return dict(rows.values_list("sha256", "text"))


def policy_version_starts(
    viewer: Viewer, *, connection: Connection, policy_ids: Collection[str]
) -> dict[str, list[datetime]]:
    """Return since when each version of some policies was seen, the oldest first."""
    found: dict[str, list[datetime]] = {}
    rows = visible(Policy.objects.all(), viewer).filter(
        connection=connection, policy_id__in=list(policy_ids)
    )
    for policy_id, seen_from in rows.order_by("seen_from").values_list("policy_id", "seen_from"):
        found.setdefault(policy_id, []).append(seen_from)
    return found
