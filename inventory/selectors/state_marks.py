"""Whether an organization's rows changed: what tells one state of them from another."""

from datetime import UTC, datetime
from functools import cache

from django.db import connection as database
from django.db.models import Count, Max

from inventory.models import CollectedSpan, Connection
from inventory.models.versions import Version
from inventory.selectors.coverage import collected
from inventory.selectors.ready_query import ReadyQuery
from inventory.selectors.versioned_tables import HIERARCHY_TABLES
from inventory.viewing import Viewer, visible_key

StateMarks = tuple[datetime | str | None, ...]
CollectedMarks = tuple[int, datetime | None]


def state_marks(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    tables: tuple[type[Version], ...] = HIERARCHY_TABLES,
) -> StateMarks:
    """Return what identifies the content of some of an organization's tables at that time.

    When rows last began and last ended by then, table by table: a run writes all of them in one
    transaction with its own start, so equal marks mean equal rows. One query by indexes, whatever
    the number of rows; empty for a viewer who may not see the organization. For one who sees a part
    of it, what tells that part from others is among the marks.
    """
    if not viewer.sees_inventory:
        return ()
    part = visible_key(viewer, connection)
    until = as_of or datetime.max.replace(tzinfo=UTC)
    with database.cursor() as cursor:
        cursor.execute(_marking(tables), {"connection": connection.pk, "until": until})
        found: StateMarks = cursor.fetchone()
    return (*found, part) if part else found


@cache
def _marking(tables: tuple[type[Version], ...]) -> str:
    """Return the query. As SQL: to put 12 queries together costs Django more than to answer them
    costs the database.
    """
    marks = [
        f"(SELECT {column} FROM {database.ops.quote_name(table._meta.db_table)} "  # noqa: S608
        f"WHERE connection_id = %(connection)s AND {column} <= %(until)s "
        f"ORDER BY {column} DESC LIMIT 1)"
        for table in tables
        for column in ("seen_from", "seen_until")
    ]
    return f"SELECT {', '.join(marks)}"


def organization_collectors_complete(
    viewer: Viewer,
    *,
    connection: Connection,
    collectors: tuple[str, ...],
    as_of: datetime | None = None,
) -> frozenset[str]:
    """Return which of the organization's own collectors had been complete by that time."""
    if as_of is None and viewer.sees_everything:
        found = _complete_now(collectors).rows(connection_id=connection.pk)
        return frozenset(name for (name,) in found)
    rows = collected(viewer, connection=connection, as_of=as_of).filter(
        account_id="", collector__in=collectors
    )
    return frozenset(rows.values_list("collector", flat=True))


@cache
def _complete_now(collectors: tuple[str, ...]) -> ReadyQuery:
    """Return the query for who sees everything."""
    return ReadyQuery(
        lambda connection_id: CollectedSpan.objects.filter(
            connection_id=connection_id,
            known_until__isnull=True,
            account_id="",
            collector__in=collectors,
        ).values_list("collector"),
        connection_id=-1,
    )


def accounts_ever_complete(
    viewer: Viewer, *, connection: Connection, collector: str, as_of: datetime | None = None
) -> frozenset[str]:
    """Return the accounts in which a collector had been complete by that time, in one query."""
    rows = collected(viewer, connection=connection, as_of=as_of).filter(collector=collector)
    return frozenset(rows.values_list("account_id", flat=True))


def collected_marks(
    viewer: Viewer, *, connection: Connection, collector: str, as_of: datetime | None = None
) -> CollectedMarks:
    """Return what identifies the accounts that `accounts_ever_complete` would: equal, equal ones.

    How many they are, and when the last of them began to be known: none begins unseen, and one
    that ends is missing in the number.
    """
    rows = collected(viewer, connection=connection, as_of=as_of).filter(collector=collector)
    found = rows.aggregate(accounts=Count("pk"), last=Max("known_from"))
    return found["accounts"], found["last"]


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
