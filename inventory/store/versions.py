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
    """Return what is stored of each slice: open versions, and those that `moment` ended.

    Slices of a table that are told apart by the values of the same columns, such as those of a
    group of collectors in every region, are read together.
    """
    found = [StoredVersions() for _ in slices]
    if not slices:
        return found
    alike: dict[_Alike, dict[tuple[str, ...], list[int]]] = {}
    for number, each in enumerate(slices):
        by_values = alike.setdefault(_alike(each), {})
        by_values.setdefault(tuple(each.where[name] for name in sorted(each.where)), []).append(
            number
        )
    queries: list[str] = []
    given: list[Any] = []
    groups = list(alike.items())
    for place, (kind, by_values) in enumerate(groups):
        query, values = _query(kind, by_values, connection_id)
        queries.append(query)
        given += [place, moment, *values]
    with database.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries), given)
        for place, pk, fingerprint, seen_from, is_open, names, told, tags in cursor.fetchall():
            key = tuple(names)
            by_values = groups[place][1]
            numbers = by_values.get(tuple(told), ()) if told else next(iter(by_values.values()))
            for number in numbers:
                if is_open:
                    kept = None if tags is None else json.loads(tags)
                    found[number].open[key] = StoredVersion(pk, fingerprint, seen_from, kept)
                else:
                    found[number].ended[key, fingerprint] = pk
    return found


class _Alike(NamedTuple):
    """What slices have in common that one query reads. `attached`: of which type, one alone."""

    model: type[Version]
    with_tags: bool
    columns: tuple[str, ...]
    attached: str = ""


def _alike(wanted: StoredSlice) -> _Alike:
    columns = tuple(sorted(wanted.where))
    if wanted.model is PolicyAttachment and "type" in columns:
        # No column of the table tells it.
        return _Alike(wanted.model, wanted.with_tags, columns, wanted.where["type"])
    return _Alike(wanted.model, wanted.with_tags, columns)


def _query(
    kind: _Alike, by_values: Mapping[tuple[str, ...], Any], connection_id: int
) -> tuple[str, list[Any]]:
    """Return the query of some slices, to be given its place, the moment, and these values."""
    columns = () if kind.attached else kind.columns
    clauses = [_select(kind.model, kind.with_tags, columns)]
    given: list[Any] = [connection_id]
    for position, column in enumerate(kind.columns):
        values = sorted({each[position] for each in by_values})
        if kind.attached and column == "type":
            clauses.append(_OF_TYPE)
            given += [connection_id, kind.attached]
        elif len(values) == 1:
            clauses.append(f"{_quoted(kind.model, column)} = %s")
            given.append(values[0])
        else:
            clauses.append(f"{_quoted(kind.model, column)} = ANY(%s)")
            given.append(values)
    return " AND ".join(clauses), given


@cache
def _select(model: type[Version], with_tags: bool, columns: tuple[str, ...]) -> str:
    names = ", ".join(f"{_quoted(model, name)}::text" for name in model.natural_key)
    told = ", ".join(f"{_quoted(model, name)}::text" for name in columns)
    tags = "tags::text" if with_tags else "NULL::text"
    return (
        "SELECT %s, id, fingerprint, seen_from, seen_until IS NULL,"  # noqa: S608
        f" ARRAY[{names}], ARRAY[{told}]::text[], {tags}"
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
