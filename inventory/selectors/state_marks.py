"""Whether an organization's rows changed: what tells one state of them from another."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from inventory.models import (
    Account,
    Connection,
    Organization,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)
from inventory.models.versions import Version
from inventory.selectors.coverage import collected
from inventory.viewing import Viewer, visible_connections

_TABLES: tuple[type[Version], ...] = (
    Organization,
    Root,
    OrganizationalUnit,
    Account,
    Policy,
    PolicyAttachment,
)

StateMarks = tuple[datetime | None, ...]


def organization_marks(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> StateMarks:
    """Return what identifies the content of the organization's tables at that time.

    When rows last began and last ended, table by table: a run writes all of them in one
    transaction with its own start, so equal marks mean equal rows. One query by indexes, whatever
    the number of rows; empty for a viewer who may not see the organization.
    """
    marks: dict[str, Subquery] = {}
    for table in _TABLES:
        for column in ("seen_from", "seen_until"):
            rows: QuerySet[Version] = table.objects.filter(
                connection=OuterRef("pk"), **{f"{column}__isnull": False}
            )
            if as_of is not None:
                rows = rows.filter(**{f"{column}__lte": as_of})
            marks[f"{table._meta.model_name}_{column}"] = Subquery(
                rows.order_by(f"-{column}").values(column)[:1]
            )
    found = (
        visible_connections(viewer)
        .filter(pk=connection.pk)
        .values_list(*(query for query in marks.values()))
        .first()
    )
    return tuple(found or ())


def organization_collectors_complete(
    viewer: Viewer,
    *,
    connection: Connection,
    collectors: tuple[str, ...],
    as_of: datetime | None = None,
) -> frozenset[str]:
    """Return which of the organization's own collectors had been complete by that time."""
    rows = collected(viewer, connection=connection, as_of=as_of).filter(
        account_id="", collector__in=collectors
    )
    return frozenset(rows.values_list("collector", flat=True))


def accounts_ever_complete(
    viewer: Viewer, *, connection: Connection, collector: str, as_of: datetime | None = None
) -> frozenset[str]:
    """Return the accounts in which a collector had been complete by that time, in one query."""
    rows = collected(viewer, connection=connection, as_of=as_of).filter(collector=collector)
    return frozenset(rows.values_list("account_id", flat=True))


def account_collector_complete(
    viewer: Viewer,
    *,
    connection: Connection,
    account_id: str,
    collector: str,
    as_of: datetime | None = None,
) -> bool:
    """Whether a collector had been complete in one account by that time."""
    rows = collected(viewer, connection=connection, as_of=as_of)
    return rows.filter(account_id=account_id, collector=collector).exists()
