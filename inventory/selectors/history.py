"""What changed: which things appeared, changed and went between two times."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import connection as database
from django.db.models import Count, Q

from inventory.models import Connection
from inventory.models.versions import Version
from inventory.selectors.versioned_tables import VERSIONED_TABLES
from inventory.viewing import Viewer, sees_whole, visible, visible_connections


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One thing that appeared (`before` None), went (`after` None) or changed in a span.

    `versions`: those that began or ended in the span, the oldest first.
    """

    model: type[Version]
    key: tuple[str, ...]
    before: Version | None
    after: Version | None
    versions: tuple[Version, ...] = ()

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """Names of the fields whose values differ; empty unless the thing changed."""
        if self.before is None or self.after is None:
            return ()
        apart = {"id", "seen_from", "seen_until", "fingerprint", "connection"}
        names = [
            field.attname for field in self.model._meta.concrete_fields if field.name not in apart
        ]
        return tuple(
            name for name in names if getattr(self.before, name) != getattr(self.after, name)
        )


def first_seen(viewer: Viewer, row: Version) -> datetime:
    """Return when the oldest visible version of a thing was seen, also before it was gone once."""
    natural_key = {name: getattr(row, name) for name in type(row).natural_key}
    versions = visible(type(row)._default_manager.all(), viewer)
    oldest = versions.filter(connection_id=row.connection_id, **natural_key).order_by("seen_from")
    found: datetime | None = oldest.values_list("seen_from", flat=True).first()
    return found or row.seen_from


def change_counts(
    viewer: Viewer, *, connection: Connection, after: datetime, until: datetime
) -> dict[str, int]:
    """Count, by table, the versions that began or ended after `after` and not after `until`."""
    names = [model._meta.model_name or "" for model in VERSIONED_TABLES]
    if not visible_connections(viewer).filter(pk=connection.pk).exists():
        return dict.fromkeys(names, 0)
    if not sees_whole(viewer, connection):
        return _counts_in_part(viewer, connection, after, until)
    with database.cursor() as cursor:
        cursor.execute(_counting(), {"connection": connection.pk, "after": after, "until": until})
        found: tuple[int, ...] = cursor.fetchone()
    return {
        name: max(began, ended)
        for name, began, ended in zip(names, found[::2], found[1::2], strict=True)
    }


def _counts_in_part(
    viewer: Viewer, connection: Connection, after: datetime, until: datetime
) -> dict[str, int]:
    """Count what the viewer may see, a query a table."""
    counts = {}
    for model in VERSIONED_TABLES:
        rows = visible(model.objects.filter(connection=connection), viewer)
        counted = rows.filter(
            Q(seen_from__gt=after, seen_from__lte=until)
            | Q(seen_until__gt=after, seen_until__lte=until)
        ).aggregate(
            began=Count("pk", filter=Q(seen_from__gt=after, seen_from__lte=until)),
            ended=Count("pk", filter=Q(seen_until__gt=after, seen_until__lte=until)),
        )
        counts[model._meta.model_name or ""] = max(counted["began"], counted["ended"])
    return counts


@cache
def _counting() -> str:
    """Return one query of two counts a table, by their indexes: tables are large, a span is not.

    Put together once a process: as a query of Django's it takes longer to write than to answer.
    """
    counts = [
        f"(SELECT COUNT(*) FROM {database.ops.quote_name(model._meta.db_table)} "  # noqa: S608
        f"WHERE connection_id = %(connection)s AND {column} > %(after)s AND {column} <= %(until)s)"
        for model in VERSIONED_TABLES
        for column in ("seen_from", "seen_until")
    ]
    return f"SELECT {', '.join(counts)}"


def changes(
    viewer: Viewer,
    *,
    connection: Connection,
    after: datetime,
    until: datetime,
    models: tuple[type[Version], ...] = VERSIONED_TABLES,
    limit: int | None = None,
) -> Iterator[VersionChange]:
    """Yield what differs between the states at `after` and at `until`, table by table.

    At most `limit` things a table are looked at, all where it is None. A thing that changed and
    changed back yields nothing.
    """
    for model in models:
        rows = visible(model.objects.all(), viewer).filter(connection=connection)
        touched = rows.filter(
            Q(seen_from__gt=after, seen_from__lte=until)
            | Q(seen_until__gt=after, seen_until__lte=until)
        ).order_by(*model.natural_key, "seen_from")
        # Through a cursor of the server only where most of the rows may be left unread.
        found = touched if limit is None else touched.iterator(chunk_size=2000)
        yield from changes_of(model, found, after=after, until=until, limit=limit)


def changes_of(
    model: type[Version],
    touched: Iterable[Version],
    *,
    after: datetime,
    until: datetime,
    limit: int | None = None,
) -> Iterator[VersionChange]:
    """Yield what differs, by the versions of one table that began or ended in the span.

    `touched`: by natural key, then by `seen_from`.
    """
    versions: dict[tuple[str, ...], list[Version]] = {}
    for row in touched:
        key = tuple(str(getattr(row, name)) for name in model.natural_key)
        if key not in versions and limit is not None and len(versions) >= limit:
            break
        versions.setdefault(key, []).append(row)
    for key, rows in versions.items():
        before = next((row for row in rows if row.seen_from <= after), None)
        last = rows[-1]
        latest = last if last.seen_until is None or last.seen_until > until else None
        same = (
            before is not None and latest is not None and before.fingerprint == latest.fingerprint
        )
        if not same and (before is not None or latest is not None):
            yield VersionChange(model, key, before, latest, tuple(rows))
