"""How well each account is known, as the database tells it, to filter by."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from inventory.models import AccountCoverage, Connection
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import Knowledge
from inventory.viewing import Viewer, visible


def accounts_known_as(
    viewer: Viewer, *, connection: Connection, now: datetime, knowledge: Collection[str]
) -> "QuerySet[AccountCoverage, str]":
    """Return the ids of the accounts that are now known in one of some ways, one a row.

    What `summarize` judges, in one query. Accounts that were never collected have no row: ask
    for all others and leave them out.
    """
    readable = F("total") - F("unsupported")
    fresh_since = now - stale_after(connection)
    judged = Case(
        When(total=0, then=Value(Knowledge.UNKNOWN)),
        When(unsupported=F("total"), then=Value(Knowledge.SKIPPED)),
        When(complete=0, denied=readable, then=Value(Knowledge.DENIED)),
        When(complete=0, then=Value(Knowledge.FAILED)),
        When(complete__lt=readable, then=Value(Knowledge.PARTIAL)),
        When(
            Q(oldest_complete_at__isnull=True) | Q(oldest_complete_at__lt=fresh_since),
            then=Value(Knowledge.STALE),
        ),
        default=Value(Knowledge.COLLECTED),
        output_field=CharField(),
    )
    return (
        visible(AccountCoverage.objects.filter(connection=connection, total__gt=0), viewer)
        .annotate(knowledge=judged)
        .filter(knowledge__in=list(knowledge))
        .order_by()
        .values_list("account_id", flat=True)
    )
