"""Reads of change requests: the queue, one request, what was said of it, and its timeline."""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from governance.approvals.models import Review
from governance.approvals.requirements import standing
from governance.audit.models import AuditEntry
from governance.changes.life.required import read_required
from governance.changes.life.reviews import SUBJECT_KIND
from governance.changes.life.shown import names_target
from governance.changes.models import ChangeComment, ChangeRequest
from governance.changes.states import ChangeState
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen, visible

# What lists do not show is not read: a text may have 60,000 characters.
_NOT_IN_LISTS = ("operations", "rings", "overrides", "object_ids", "reaching_ids")


def change_requests(
    viewer: Viewer,
    *,
    connection: Connection | None = None,
    states: Collection[ChangeState] = (),
    author_id: int | None = None,
    waiting_for_id: int | None = None,
    object_ids: Iterable[str] = (),
) -> "QuerySet[ChangeRequest]":
    """Return the requests that a viewer may see, the latest first, in one query.

    `waiting_for_id`: only those whose turn it is for this person. `object_ids`: only those that
    touch each of these policies, roots, OUs and accounts. Who sees a part of an organization sees
    the requests that reach it, and their own.
    """
    rows = visible(ChangeRequest.objects.all(), viewer).select_related("author", "connection")
    if connection is not None:
        rows = rows.filter(connection=connection)
    if states:
        rows = rows.filter(state__in=states)
    if author_id is not None:
        rows = rows.filter(author_id=author_id)
    if waiting_for_id is not None:
        rows = rows.filter(waiting_for__contains=[waiting_for_id])
    for one in object_ids:
        rows = rows.filter(touching(one, viewer, connection))
    return rows.defer(*_NOT_IN_LISTS).order_by("-updated_at", "-pk")


def touching(object_id: str, viewer: Viewer, connection: Connection | None) -> Q:
    """Return the condition on requests that touch a policy, root, OU or account.

    None does where that is a target of the organization that is hidden.
    """
    if (
        connection is not None
        and names_target(object_id)
        and not targets_seen(viewer, connection).holds_by_name(object_id)
    ):
        return Q(pk__in=[])
    return Q(object_ids__contains=[object_id])


def change_request_find(
    viewer: Viewer, *, connection: Connection, number: int
) -> ChangeRequest | None:
    """Return one request with its evidence, None where the viewer sees none of that number."""
    if number > 2**31 - 1:
        return None
    return (
        visible(ChangeRequest.objects.all(), viewer)
        .select_related("author", "connection", "evidence", "undoes")
        .filter(connection=connection, number=number)
        .first()
    )


def waiting_count(viewer: Viewer, *, user: User, connection: Connection | None = None) -> int:
    """Return how many requests wait for a person."""
    return change_requests(viewer, connection=connection, waiting_for_id=user.pk).order_by().count()


def met_approvals(rows: Iterable[ChangeRequest]) -> dict[int, tuple[int, int]]:
    """Return, by request, how many of its required approvals are met, of how many; one query.

    As last worked out. A request whose plan is not known yet has none.
    """
    planned = [one for one in rows if one.plan_sha256]
    reviews: dict[str, list[Review]] = {}
    for review in Review.objects.filter(
        subject_kind=SUBJECT_KIND,
        subject_id__in=[str(one.pk) for one in planned],
        voided_at__isnull=True,
    ):
        reviews.setdefault(review.subject_id, []).append(review)
    found = {}
    for one in planned:
        required = read_required(one.required_approvals)
        given = standing(required, reviews.get(str(one.pk), ()), digest=one.plan_sha256)
        found[one.pk] = (len(required) - len(given.missing), len(required))
    return found


def comments_of(change_request: ChangeRequest) -> list[ChangeComment]:
    """Return what was said of a request, each thread's first before its answers."""
    found = list(
        change_request.comments.select_related("author", "resolved_by").order_by("created_at", "pk")
    )
    first = {one.pk: place for place, one in enumerate(found) if one.answers_id is None}
    return sorted(
        found,
        key=lambda one: (
            first.get(one.answers_id or one.pk, 0),
            one.answers_id is not None,
            one.created_at,
            one.pk,
        ),
    )


def timeline_of(change_request: ChangeRequest) -> "QuerySet[AuditEntry]":
    """Return the audit entries about a request, by what comes first in the log."""
    return AuditEntry.objects.filter(
        Q(connection_id=change_request.connection_id),
        object_kind="change_request",
        object_id=str(change_request.number),
    ).order_by("pk")
