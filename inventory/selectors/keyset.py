"""The first rows of a long list, found in an index alone."""

from typing import Any

from django.db.models import QuerySet


def rows_by_key(chosen: "QuerySet[Any]", rows: "QuerySet[Any]", limit: int) -> list[Any]:
    """Return the first `limit` of `chosen`, which are ordered, in two queries.

    The first goes through keys only: where an index holds order and filters, no row is looked at
    that is not on the page, however far the matches lie apart. `rows`: all of the list, with what
    else is told of each.
    """
    keys = list(chosen.values_list("pk", flat=True)[:limit])
    found = {row.pk: row for row in rows.filter(pk__in=keys)} if keys else {}
    return [found[key] for key in keys if key in found]
