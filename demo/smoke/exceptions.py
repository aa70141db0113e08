"""An exception to visit."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.terms import ExceptionTerms
from inventory.models import Account, Connection


def kept_exception(connection: Connection, account: Account, visitor: User) -> GuardrailException:
    """Return the first exception, asked for here where there is none."""
    rows = GuardrailException.objects.filter(connection=connection)
    first = rows.order_by("number").first()
    if first is not None:
        return first
    now = timezone.now()
    terms = ExceptionTerms(
        guardrail_id="no-iam-users",
        kind=GuardrailException.Kind.WAIVER,
        target_ids=(account.account_id,),
        reason="To be visited.",
        owner_id=visitor.pk,
        until=now.date() + timedelta(days=30),
    )
    return GuardrailException.objects.create(
        connection=connection,
        number=1,
        guardrail_id=terms.guardrail_id,
        kind=terms.kind,
        target_ids=list(terms.target_ids),
        reason=terms.reason,
        owner=visitor,
        until=terms.until,
        digest=terms.digest,
        asked_by=visitor,
        asked_at=now,
        updated_at=now,
    )
