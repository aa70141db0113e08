"""All principals of all accounts in bulk, for questions that are asked of every one of them.

Half a million rows are read in a second or two: what many principals have alike is told once, and
an account's id is taken out of texts (`MARK` stands in its place), so that what differs by the
account alone is alike too.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import numpy
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BooleanField,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from numpy.typing import NDArray

from inventory.models import Connection, IamPolicy, Principal
from inventory.models.versions import Version
from inventory.viewing import Viewer, visible, visible_connections, visible_key

MARK: Final = "\x01"
"""Stands for the account's id. IAM lets no name, path or tag hold a control character."""

_AT_ONCE: Final = 20_000
_SERVICE_LINKED: Final = "/aws-service-role/"
_PART: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')
_ESCAPED: Final = re.compile(r"\\(.)")


def with_account(text: str, account_id: str) -> str:
    """Return a text with the account's id in its place again."""
    return text.replace(MARK, account_id)


@dataclass(frozen=True, slots=True)
class PrincipalShape:
    """What some principals have alike, ARNs without the account's id.

    `inline`: (name, SHA-256) by name. `ids`: primary keys of the principals.
    """

    kind: str
    is_service_linked: bool
    attached: tuple[str, ...]
    inline: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    boundary: str
    ids: NDArray[numpy.int64]


@dataclass(frozen=True, slots=True)
class PolicyHolders:
    """Accounts in which a managed policy says the same. `arn`: without the account's id."""

    arn: str
    sha256: str
    account_ids: tuple[str, ...]


def principal_shapes(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Iterator[PrincipalShape]:
    """Yield what principals have alike at that time; every principal is in one shape."""
    rows = (
        _rows(Principal, viewer, connection, as_of)
        .annotate(
            linked=Func(
                F("path"),
                Value(_SERVICE_LINKED),
                function="starts_with",
                output_field=BooleanField(),
            ),
            attached=_without_account(Cast("attached_policy_arns", TextField())),
            inline=Cast("inline_policies", TextField()),
            member_of=Cast("groups", TextField()),
            boundary=_without_account(F("boundary_arn")),
        )
        .values("kind", "linked", "attached", "inline", "member_of", "boundary")
        # As text: a list of numbers would cost a Python object for each.
        .annotate(ids=Cast(ArrayAgg("pk"), TextField()))
    )
    # Not by a cursor, whose queries PostgreSQL never runs in parallel.
    for row in rows:
        yield PrincipalShape(
            kind=row["kind"],
            is_service_linked=row["linked"],
            attached=_parts(row["attached"]),
            inline=tuple(sorted(json.loads(row["inline"]).items())),
            groups=_parts(row["member_of"]),
            boundary=row["boundary"],
            ids=numpy.fromstring(row["ids"][1:-1], sep=",", dtype=numpy.int64),
        )


def principal_places(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Iterator[Sequence[tuple[int, str, str, str]]]:
    """Yield principals, many at once: key, account, ARN without the account, tags as JSON."""
    rows = (
        _rows(Principal, viewer, connection, as_of)
        .annotate(called=_without_account(F("arn")), tagged=Cast("tags", TextField()))
        .values_list("pk", "account_id", "called", "tagged")
    )
    every = iter(rows.iterator(chunk_size=_AT_ONCE))
    while chunk := list(islice(every, _AT_ONCE)):
        yield chunk


def policy_holders(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Iterator[PolicyHolders]:
    """Yield each content of each managed policy in use, with the accounts that have it."""
    rows = (
        _rows(IamPolicy, viewer, connection, as_of)
        .annotate(called=_without_account(F("arn")))
        .values("called", "content_id")
        .annotate(holders=ArrayAgg("account_id"))
    )
    for row in rows:
        yield PolicyHolders(row["called"], row["content_id"], tuple(row["holders"]))


PopulationMarks = tuple[datetime | int | str | None, ...]


def population_marks(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> PopulationMarks:
    """Return what identifies principals and managed policies at that time: equal marks, equal rows.

    When rows last began and last ended by then; and, because a run writes account by account, the
    newest row and how many rows ended last. Three queries by indexes; empty for a viewer who may
    not see the organization.
    """
    marks: dict[str, Subquery] = {}
    tables = (Principal, IamPolicy)
    for table in tables:
        rows: QuerySet[Any] = table._default_manager.filter(connection=OuterRef("pk"))
        ended = rows.filter(seen_until__isnull=False)
        then, ended_then = rows, ended
        if as_of is not None:
            then = rows.filter(seen_from__lte=as_of)
            ended_then = ended.filter(seen_until__lte=as_of)
        for name, found, column in (
            ("began", then, "seen_from"),
            ("ended", ended_then, "seen_until"),
            ("last_ended", ended, "seen_until"),
            ("newest", rows, "pk"),
        ):
            marks[f"{table._meta.model_name}_{name}"] = Subquery(
                found.order_by(f"-{column}").values(column)[:1]
            )
    found_marks = (
        visible_connections(viewer).filter(pk=connection.pk).values_list(*marks.values()).first()
    )
    if found_marks is None:
        return ()
    seen: dict[str, Any] = dict(zip(marks, found_marks, strict=True))
    counts = []
    for table in tables:
        last = seen[f"{table._meta.model_name}_last_ended"]
        rows = table._default_manager.filter(connection=connection, seen_until=last)
        counts.append(0 if last is None else rows.count())
    part = visible_key(viewer, connection)
    return (*(seen[name] for name in marks), *counts, *((part,) if part else ()))


def _rows(
    model: type[Version], viewer: Viewer, connection: Connection, as_of: datetime | None
) -> "QuerySet[Any]":
    return visible(model.objects.as_of(as_of), viewer).filter(connection=connection).order_by()


def _without_account(field: Any) -> Func:
    # Replace's own function takes no column for what it looks for.
    return Func(field, F("account_id"), Value(MARK), function="REPLACE", output_field=TextField())


def _parts(text: str) -> tuple[str, ...]:
    """Read PostgreSQL's text of an array of texts."""
    return tuple(
        _ESCAPED.sub(r"\1", quoted) if quoted else plain for quoted, plain in _PART.findall(text)
    )
