"""The versions that are stored of what collectors read, of many slices in one query."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from django.db import connection as database

from inventory.models import Policy, PolicyAttachment
from inventory.models.versions import Version

# An attachment's type is that of its policy.
_OF_TYPE: Final = (
    f"policy_id IN (SELECT policy_id FROM {Policy._meta.db_table}"  # noqa: S608
    " WHERE connection_id = %s AND type = %s)"
)


class StoredVersion(NamedTuple):
    """A stored version. `tags`: None where they were not asked for."""

    pk: int
    fingerprint: str
    seen_from: datetime
    tags: dict[str, str] | None


@dataclass(slots=True)
class StoredVersions:
    """What is stored of a slice.

    `open`: by natural key. `ended`: those that the run ended, by key and fingerprint.
    """

    open: dict[tuple[str, ...], StoredVersion] = field(default_factory=dict)
    ended: dict[tuple[tuple[str, ...], str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSlice:
    """The rows of a table that a complete reading knows whole: those where `where` holds.

    `where`: column → value. `with_tags`: the tags of open versions are wanted.
    """

    model: type[Version]
    where: Mapping[str, str]
    with_tags: bool = False


def stored_versions(
    slices: Sequence[StoredSlice], *, connection_id: int, moment: datetime
) -> list[StoredVersions]:
    """Return what is stored of each slice: open versions, and those that `moment` ended."""
    found = [StoredVersions() for _ in slices]
    if not slices:
        return found
    queries: list[str] = []
    given: list[Any] = []
    for number, each in enumerate(slices):
        query, values = _query(each, connection_id)
        queries.append(query)
        given += [number, moment, *values]
    with database.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries), given)
        for number, pk, fingerprint, seen_from, is_open, names, tags in cursor.fetchall():
            key = tuple(names)
            if is_open:
                kept = None if tags is None else json.loads(tags)
                found[number].open[key] = StoredVersion(pk, fingerprint, seen_from, kept)
            else:
                found[number].ended[key, fingerprint] = pk
    return found


def _query(wanted: StoredSlice, connection_id: int) -> tuple[str, list[Any]]:
    """Return the query of a slice, to be given its number, the moment, and these values."""
    clauses = [_select(wanted.model, wanted.with_tags)]
    given: list[Any] = [connection_id]
    for column, value in wanted.where.items():
        if wanted.model is PolicyAttachment and column == "type":
            clauses.append(_OF_TYPE)
            given += [connection_id, value]
        else:
            clauses.append(f"{_quoted(wanted.model, column)} = %s")
            given.append(value)
    return " AND ".join(clauses), given


@cache
def _select(model: type[Version], with_tags: bool) -> str:
    names = ", ".join(f"{_quoted(model, name)}::text" for name in model.natural_key)
    tags = "tags::text" if with_tags else "NULL::text"
    return (
        f"SELECT %s, id, fingerprint, seen_from, seen_until IS NULL, ARRAY[{names}], {tags}"  # noqa: S608
        f" FROM {model._meta.db_table}"
        " WHERE (seen_until IS NULL OR seen_until = %s) AND connection_id = %s"
    )


@cache
def _quoted(model: type[Version], column: str) -> str:
    """Return a column's name as SQL has it.

    :raises LookupError: the table has no such column.
    """
    names = {each.column for each in model._meta.concrete_fields}
    if column not in names:
        raise LookupError(f"{model.__name__} has no column {column}")
    return database.ops.quote_name(column)
