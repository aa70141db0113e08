"""A finding of the inbox, a detection and a result of a guardrail to visit."""

from django.utils import timezone

from governance.baseline.guardrails.models import GuardrailProof, GuardrailResult
from governance.baseline.guardrails.proofs import proof_content
from governance.detections.models import Detection
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from inventory.models import Account, Connection

_GUARDRAIL = "cloudtrail-stays-on"


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


def kept_detection(connection: Connection, account: Account) -> Detection:
    """Return the newest detection in an account, one made up where there is none."""
    found = Detection.objects.filter(connection=connection, account_id=account.account_id)
    first = found.filter(raised_at__isnull=False).order_by("-last_at").first()
    if first is not None:
        return first
    now = timezone.now()
    made, _ = Detection.objects.get_or_create(
        connection=connection,
        rule_id="root-signed-in",
        subject_kind="account",
        subject_id=account.account_id,
        window_start=now.replace(hour=0, minute=0, second=0, microsecond=0),
        defaults={
            "title": "To be visited",
            "severity": "low",
            "topic": "access",
            "subject_account_id": account.account_id,
            "account_id": account.account_id,
            "first_at": now,
            "last_at": now,
            "count": 1,
            "raised_at": now,
            "updated_at": now,
        },
    )
    return made


def kept_result(connection: Connection, account: Account) -> GuardrailResult:
    """Return a result that does not hold in an account, one made up where there is none."""
    found = GuardrailResult.objects.as_of(None).filter(
        connection=connection, account_id=account.account_id
    )
    first: GuardrailResult | None = (
        found.exclude(outcome=GuardrailResult.ResultOutcome.HOLDS).order_by("pk").first()
    )
    if first is not None:
        return first
    content = proof_content(because="to be visited", account_id=account.account_id)
    proof, _ = GuardrailProof.objects.get_or_create(digest="0" * 64, defaults={"content": content})
    made, _ = GuardrailResult.objects.get_or_create(
        connection=connection,
        guardrail_id=_GUARDRAIL,
        account_id=account.account_id,
        seen_until=None,
        defaults={
            "outcome": GuardrailResult.ResultOutcome.FAILS,
            "proof": proof,
            "seen_from": timezone.now(),
            "fingerprint": "0" * 64,
        },
    )
    return made
