"""A service account, a group, a grant and a notification, to visit."""

from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.utils import timezone

from governance.access.models import Profile
from governance.access.owners.models import GrantProposal, Ownership
from governance.access.viewers import viewer_of
from governance.notifications.models import Notification, OutboxEvent
from governance.notifications.people import viewer_digest
from inventory.models import Connection


def kept_service_account() -> User:
    """Keep a service account."""
    user, _ = User.objects.get_or_create(username="smoke-program")
    Profile.objects.update_or_create(user=user, defaults={"kind": Profile.Kind.SERVICE_ACCOUNT})
    return user


def kept_group() -> Group:
    """Keep a group of people that is empty."""
    group, _ = Group.objects.get_or_create(name="smoke")
    return group


def kept_grant(connection: Connection, group: Group, target_id: str) -> GrantProposal:
    """Keep an owner that waits for a second person."""
    now = timezone.now()
    owner, _ = Ownership.objects.get_or_create(
        connection=connection, target_id=target_id, group=group, defaults={"created_at": now}
    )
    return GrantProposal.objects.create(
        kind=GrantProposal.Kind.OWNERSHIP,
        connection=connection,
        target_id=target_id,
        group=group,
        ownership=owner,
        proposed_at=now,
        expires_at=now + timedelta(days=7),
    )


def kept_notification(user: User) -> Notification:
    """Keep a notification in somebody's inbox."""
    now = timezone.now()
    event = OutboxEvent.objects.create(
        kind="run.failed", occurred_at=now, due_at=now, state=OutboxEvent.State.SPREAD
    )
    return Notification.objects.create(
        user=user,
        event=event,
        title="Run 1 failed",
        seen_as=viewer_digest(viewer_of(user)),
        occurred_at=now,
    )
