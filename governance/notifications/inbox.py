"""A person's inbox. Nothing is read there that the person may no longer see."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from governance.access.viewers import viewer_of
from governance.notifications.kinds import UnknownKind, fitted, kind_of
from governance.notifications.models import Notification
from governance.notifications.people import viewer_digest
from inventory.viewing import Viewer

_RENEWED_AT_ONCE: Final = 200


def inbox(user: User) -> "QuerySet[Notification]":
    """What a person was told in the inbox and may see now, the newest first.

    What was put into words while the person might see something else is left out until
    `inbox_renew` has put it into words again.
    """
    return (
        Notification.objects.filter(
            user=user, in_inbox=True, seen_as=viewer_digest(viewer_of(user))
        )
        .select_related("connection")
        .order_by("-occurred_at", "-pk")
    )


def unread_count(user: User) -> int:
    """Return how many notifications a person has not read."""
    return inbox(user).filter(read_at__isnull=True).count()


def inbox_renew(user: User) -> None:
    """Put into words again what was worded while the person might see something else.

    The newest first, some at a time; what must not be seen any more is removed.
    """
    digest = viewer_digest(viewer_of(user))
    stale = Notification.objects.filter(user=user).exclude(seen_as=digest)
    notifications_renewed(user, stale.order_by("-occurred_at", "-pk")[:_RENEWED_AT_ONCE])


def notifications_renewed(
    user: User, notifications: "Iterable[Notification]"
) -> list[Notification]:
    """Return those of a person's notifications that may be seen now, in the words for now."""
    viewer = viewer_of(user)
    digest = viewer_digest(viewer)
    return [
        one
        for one in notifications
        if one.seen_as == digest or _renew(one, viewer=viewer, digest=digest)
    ]


@transaction.atomic
def _renew(one: Notification, *, viewer: Viewer, digest: str) -> bool:
    """Put one into the words for a viewer and keep it so; False: it was removed."""
    try:
        wording = kind_of(one.kind).words(one.event, viewer)
    except UnknownKind:
        wording = None
    if wording is None:
        one.delete()
        return False
    words = fitted(wording)
    one.title, one.lines, one.path = words.title, list(words.lines), words.path
    one.seen_as = digest
    one.save(update_fields=["title", "lines", "path", "seen_as"])
    return True


def mark_read(*, user: User, notification_id: int, now: datetime) -> Notification:
    """Mark one of a person's own notifications as read; twice is no error.

    :raises Notification.DoesNotExist: the person has none of that id.
    """
    one = inbox(user).get(pk=notification_id)
    if one.read_at is None:
        one.read_at = now
        one.save(update_fields=["read_at"])
    return one


def mark_unread(*, user: User, notification_id: int) -> Notification:
    """Mark one of a person's own notifications as not read.

    :raises Notification.DoesNotExist: the person has none of that id.
    """
    one = inbox(user).get(pk=notification_id)
    one.read_at = None
    one.save(update_fields=["read_at"])
    return one


def mark_many(*, user: User, notification_ids: Collection[int], read: bool, now: datetime) -> int:
    """Mark some of a person's own notifications as read or unread; return how many changed."""
    rows = inbox(user).filter(pk__in=notification_ids, read_at__isnull=read)
    return rows.update(read_at=now if read else None)


def mark_all_read(*, user: User, until: datetime, now: datetime) -> int:
    """Mark as read what happened by `until`, and return how many that were."""
    return inbox(user).filter(read_at__isnull=True, occurred_at__lte=until).update(read_at=now)
