"""Pages by key: each begins after the last row of the one before, whatever came in between."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db.models import F, Q, QuerySet
from numpy.typing import NDArray
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from inventory.selectors.keyset import rows_by_key

LARGEST_LIMIT: Final = 1000
USUAL_LIMIT: Final = 100
_SIGNER: Final = signing.Signer(salt="governance.api.cursor")


@dataclass(frozen=True, slots=True)
class Key:
    """One field that a list is ordered by. Nulls come last, whichever the direction."""

    field: str
    descending: bool = False
    nullable: bool = False


Orderings = Mapping[str, tuple[Key, ...]]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a list. `cursor` begins the next page; None: these are the last."""

    rows: list[Any]
    cursor: str | None
    is_first: bool


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a request asks of a list. `after`: values of the keys in the row before this page."""

    keys: tuple[Key, ...]
    ordering: str
    limit: int
    after: tuple[Any, ...] | None
    query: str


def page_request(request: Request, orderings: Orderings, *, usual: str) -> PageRequest:
    """Read `limit`, `ordering` and `cursor`; an empty cursor begins at the first page.

    :raises ValidationError: one of them is none, or the cursor belongs to another query.
    """
    ordering = request.query_params.get("ordering", usual)
    keys = orderings.get(ordering.removeprefix("-"))
    if keys is None:
        raise ValidationError(
            {"ordering": [f"choose one of {', '.join(orderings)}, with - reversed"]}
        )
    if ordering.startswith("-"):
        keys = tuple(replace(key, descending=not key.descending) for key in keys)
    query = _query_digest(request)
    cursor = request.query_params.get("cursor", "")
    return PageRequest(
        keys=keys,
        ordering=ordering,
        limit=_limit(request),
        after=_decode(cursor, query=query, count=len(keys)) if cursor else None,
        query=query,
    )


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(USUAL_LIMIT))
    try:
        limit = int(given)
    except ValueError:
        limit = 0
    if not 1 <= limit <= LARGEST_LIMIT:
        raise ValidationError({"limit": [f"give a whole number from 1 to {LARGEST_LIMIT}"]})
    return limit


def _query_digest(request: Request) -> str:
    """Identify a list: a cursor holds for the list it came from, of any page size."""
    query = request.query_params.copy()
    for name in ("cursor", "limit", "fields"):
        query.pop(name, None)
    identity = repr((request.path, sorted((name, query.getlist(name)) for name in query)))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _encode(values: Sequence[Any], *, query: str) -> str:
    written = [_plain(value) for value in values]
    # No time in it: the same page has the same bytes, and with them the same ETag.
    return _SIGNER.sign_object([query, written], compress=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return str(value) if isinstance(value, UUID) else value


def _decode(cursor: str, *, query: str, count: int) -> tuple[Any, ...]:
    try:
        of_query, written = _SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        raise ValidationError({"cursor": ["take it unchanged from `next`"]}) from None
    if of_query != query or len(written) != count:
        raise ValidationError({"cursor": ["it belongs to another query; begin without a cursor"]})
    return tuple(
        datetime.fromisoformat(value["time"]) if isinstance(value, dict) else value
        for value in written
    )


def page_of(
    rows: "QuerySet[Any]", asked: PageRequest, *, whole: "QuerySet[Any] | None" = None
) -> RowPage:
    """Read one page of a query, in one query.

    `whole`: all rows, before filters; then it is read in two, for a table so long that only an
    index may be gone through.
    """
    rows = rows.order_by(*(_order(key) for key in asked.keys))
    if asked.after is not None:
        rows = rows.filter(_beyond(asked.keys, asked.after))
    return _page(
        list(rows[: asked.limit + 1])
        if whole is None
        else rows_by_key(rows, whole, asked.limit + 1),
        asked,
        lambda row: [getattr(row, key.field) for key in asked.keys],
    )


def page_of_union(
    union: Callable[[Callable[["QuerySet[Any]"], "QuerySet[Any]"]], "QuerySet[Any]"],
    asked: PageRequest,
) -> RowPage:
    """Read one page of a union of queries, in one query; its rows are mappings.

    `union`: makes it of its parts, each narrowed first, since a union cannot be.
    """

    def narrowed(part: "QuerySet[Any]") -> "QuerySet[Any]":
        return part if asked.after is None else part.filter(_beyond(asked.keys, asked.after))

    rows = union(narrowed).order_by(*(_order(key) for key in asked.keys))
    return _page(
        list(rows[: asked.limit + 1]), asked, lambda row: [row[key.field] for key in asked.keys]
    )


def page_of_list(
    rows: "Sequence[Any] | NDArray[Any]", asked: PageRequest, *, key: Callable[[Any], list[Any]]
) -> RowPage:
    """Cut one page out of rows that are in memory, however many.

    They are sorted by `key`, which is unique, the least first; a page in descending order comes
    from their end. The place where a page begins is searched for, not walked to.
    """
    most = asked.limit + 1
    after = None if asked.after is None else list(asked.after)
    if asked.keys[0].descending:
        end = len(rows) if after is None else bisect_left(rows, after, key=key)
        return _page(list(rows[max(0, end - most) : end])[::-1], asked, key)
    start = 0 if after is None else bisect_right(rows, after, key=key)
    return _page(list(rows[start : start + most]), asked, key)


def page_of_rows(
    found: list[Any], asked: PageRequest, *, key: Callable[[Any], list[Any]]
) -> RowPage:
    """Make a page of rows that begin right after the one asked for; one more than fit tells of it.

    `key`: the values of the ordering's keys in a row.
    """
    return _page(found, asked, key)


def _page(found: list[Any], asked: PageRequest, key: Callable[[Any], Sequence[Any]]) -> RowPage:
    more = len(found) > asked.limit
    return page_of_part(found[: asked.limit], asked, key=key, more=more)


def page_of_part(
    page: list[Any], asked: PageRequest, *, key: Callable[[Any], Sequence[Any]], more: bool
) -> RowPage:
    """Return a page that was cut already. `more`: whether rows follow it."""
    return RowPage(
        rows=page,
        cursor=_encode(key(page[-1]), query=asked.query) if more else None,
        is_first=asked.after is None,
    )


def _order(key: Key) -> Any:
    # Only where nulls can be: an index serves the plain order alone.
    nulls_last = True if key.nullable else None
    field = F(key.field)
    return field.desc(nulls_last=nulls_last) if key.descending else field.asc(nulls_last=nulls_last)


def _beyond(keys: tuple[Key, ...], values: tuple[Any, ...]) -> Q:
    """Keep the rows after `values`: beyond in one key, and equal in all before it."""
    beyond, equal = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        if value is None:
            # Nulls come last, so nothing lies beyond one in this key.
            equal &= Q(**{f"{key.field}__isnull": True})
            continue
        further = Q(**{f"{key.field}__{'lt' if key.descending else 'gt'}": value})
        if key.nullable:
            further |= Q(**{f"{key.field}__isnull": True})
        beyond |= equal & further
        equal &= Q(**{key.field: value})
    first, value = keys[0], values[0]
    if value is not None and not first.nullable:
        # Says no more than the rest does, but lets an index begin at the right place.
        beyond &= Q(**{f"{first.field}__{'lte' if first.descending else 'gte'}": value})
    return beyond
