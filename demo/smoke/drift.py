"""A baseline, drift and an ignore rule to visit."""

from django.contrib.auth.models import User
from django.utils import timezone

from governance.baseline.structure.collected import collected_structure
from governance.baseline.structure.document import document_digest
from governance.baseline.structure.models import BaselineVersion
from governance.drift.models import DriftItem, IgnoreRule
from inventory.models import Account, Connection


def kept_baseline(connection: Connection, visitor: User) -> BaselineVersion:
    """Return the first version of the baseline, stored here where there is none."""
    first = BaselineVersion.objects.filter(connection=connection).order_by("number").first()
    if first is not None:
        return first
    document = collected_structure(connection).as_json()
    return BaselineVersion.objects.create(
        connection=connection,
        number=1,
        document=document,
        digest=document_digest(document),
        source=BaselineVersion.Source.ADOPTED,
        reason="To be visited.",
        made_by=visitor,
        made_at=timezone.now(),
    )


def kept_drift(connection: Connection, account: Account) -> DriftItem:
    """Return the first drift, stored here, resolved, where there is none."""
    first = DriftItem.objects.filter(connection=connection).order_by("pk").first()
    if first is not None:
        return first
    now = timezone.now()
    return DriftItem.objects.create(
        connection=connection,
        key="0" * 64,
        subject=f"account:{account.account_id}",
        kind=DriftItem.Kind.ACCOUNT_MOVED,
        target_kind="account",
        target_id=account.account_id,
        target_name=account.name,
        account_id=account.account_id,
        place_id=account.account_id,
        attribute="parent",
        effect=DriftItem.DriftEffect.STRUCTURE,
        severity=DriftItem.DriftSeverity.LOW,
        state=DriftItem.State.RESOLVED,
        resolution="To be visited.",
        first_seen_at=now,
        last_seen_at=now,
        resolved_at=now,
    )


def kept_ignore_rule(connection: Connection, visitor: User) -> IgnoreRule:
    """Return the first ignore rule, stored here where there is none."""
    now = timezone.now()
    rule, _ = IgnoreRule.objects.get_or_create(
        connection=connection,
        number=1,
        defaults={
            "kind": DriftItem.Kind.OU_RENAMED,
            "reason": "To be visited.",
            "until": now.date(),
            "made_by": visitor,
            "made_at": now,
        },
    )
    return rule
