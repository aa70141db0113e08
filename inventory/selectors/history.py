"""What changed: which things appeared, changed and went between two times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inventory.models import (
    Account,
    AccountSetting,
    Connection,
    DelegatedAdministrator,
    IamPolicy,
    IdentityProvider,
    Organization,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    Policy,
    PolicyAttachment,
    Principal,
    Root,
    TrustedService,
    UserCredential,
)
from inventory.models.versions import Version
from inventory.viewing import Viewer, visible, visible_connections

VERSIONED: Final[tuple[type[Version], ...]] = (
    Organization,
    Root,
    OrganizationalUnit,
    Account,
    Policy,
    PolicyAttachment,
    DelegatedAdministrator,
    TrustedService,
    OrganizationResourcePolicy,
    Principal,
    IamPolicy,
    UserCredential,
    IdentityProvider,
    AccountSetting,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that appeared (`before` None), went (`after` None) or changed in a span."""

    model: type[Version]
    key: tuple[str, ...]
    before: Version | None
    after: Version | None

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


def change_counts(
    viewer: Viewer, *, connection: Connection, after: datetime, until: datetime
) -> dict[str, int]:
    """Count, by table, the versions that began or ended after `after` and not after `until`."""
    # Two counts by their indexes each, all in one query: the tables are large, a span is not.
    counted: dict[str, Coalesce] = {}
    for model in VERSIONED:
        rows = model.objects.filter(connection=OuterRef("pk")).order_by()
        name = model._meta.model_name or ""
        counted[f"{name}_began"] = _count(rows.filter(seen_from__gt=after, seen_from__lte=until))
        counted[f"{name}_ended"] = _count(rows.filter(seen_until__gt=after, seen_until__lte=until))
    row = visible_connections(viewer).filter(pk=connection.pk).values_list(*counted.values())
    found: dict[str, int] = dict(zip(counted, row.first() or (), strict=False))
    names = [model._meta.model_name or "" for model in VERSIONED]
    return {
        name: max(found.get(f"{name}_began", 0), found.get(f"{name}_ended", 0)) for name in names
    }


def _count(rows: "QuerySet[Any]") -> Coalesce:
    counted = rows.values("connection").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def changes(
    viewer: Viewer,
    *,
    connection: Connection,
    after: datetime,
    until: datetime,
    models: tuple[type[Version], ...] = VERSIONED,
    limit: int = 1000,
) -> Iterator[Change]:
    """Yield what differs between the states at `after` and at `until`, table by table.

    At most `limit` things a table are compared. A thing that changed and changed back yields
    nothing.
    """
    for model in models:
        yield from _changes_of(model, viewer, connection, after, until, limit)


def _changes_of(
    model: type[Version],
    viewer: Viewer,
    connection: Connection,
    after: datetime,
    until: datetime,
    limit: int,
) -> Iterator[Change]:
    rows = visible(model.objects.all(), viewer).filter(connection=connection)
    touched = rows.filter(
        Q(seen_from__gt=after, seen_from__lte=until)
        | Q(seen_until__gt=after, seen_until__lte=until)
    ).order_by(*model.natural_key, "seen_from")
    states: dict[tuple[str, ...], tuple[Version | None, Version | None]] = {}
    for row in touched.iterator(chunk_size=2000):
        key = tuple(str(getattr(row, name)) for name in model.natural_key)
        if key not in states and len(states) >= limit:
            break
        before, latest = states.get(key, (None, None))
        if row.seen_from <= after:
            before = row
        if row.seen_until is None or row.seen_until > until:
            latest = row
        states[key] = (before, latest)
    for key, (before, latest) in states.items():
        same = (
            before is not None and latest is not None and before.fingerprint == latest.fingerprint
        )
        if not same and (before is not None or latest is not None):
            yield Change(model, key, before, latest)
