"""A finding of the inbox to visit."""

from django.utils import timezone

from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from inventory.models import Account, Connection


def kept_finding(connection: Connection, account: Account) -> InboxItem:
    """Return the worst finding of the inbox, which is brought up to date here."""
    refresh_inbox(connection, now=timezone.now())
    found = InboxItem.objects.filter(connection=connection, account_id=account.account_id)
    first = found.order_by("severity_rank", "pk").first()
    if first is not None:
        return first
    return InboxItem.objects.create(
        connection=connection,
        source=InboxItem.Source.TRUST,
        source_key="to-be-visited",
        kind="to-be-visited",
        title="To be visited",
        target_kind="ACCOUNT",
        target_id=account.account_id,
        target_name=account.name,
        account_id=account.account_id,
        accounts=1,
        severity=InboxItem.InboxSeverity.LOW,
        first_seen_at=timezone.now(),
        last_seen_at=timezone.now(),
    )
