"""A version of the baseline and an exception to visit."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.structure.collected import collected_structure
from governance.baseline.structure.document import document_digest
from governance.baseline.structure.models import BaselineVersion
from inventory.models import Account, Connection


def kept_baseline(connection: Connection, visitor: User) -> BaselineVersion:
    """Return the newest version of the baseline, adopted here where there is none."""
    newest = BaselineVersion.objects.filter(connection=connection).order_by("-number").first()
    if newest is not None:
        return newest
    document = collected_structure(connection).as_json()
    return BaselineVersion.objects.create(
        connection=connection,
        number=1,
        document=document,
        digest=document_digest(document),
        source=BaselineVersion.Source.ADOPTED,
        reason="to be visited",
        made_by=visitor,
        made_at=timezone.now(),
    )


def kept_exception(connection: Connection, account: Account, visitor: User) -> GuardrailException:
    """Return the first exception, a draft made here where there is none."""
    first = GuardrailException.objects.filter(connection=connection).order_by("number").first()
    if first is not None:
        return first
    now = timezone.now()
    return GuardrailException.objects.create(
        connection=connection,
        number=1,
        guardrail_id="cloudtrail-stays-on",
        kind=GuardrailException.Kind.WAIVER,
        target_ids=[account.account_id],
        reason="to be visited",
        owner=visitor,
        until=(now + timedelta(days=30)).date(),
        digest="0" * 64,
        asked_by=visitor,
        asked_at=now,
    )
