"""Filters that several topics share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.db.models import Q, QuerySet


def choices_filter(
    label: str, choices: Sequence[tuple[str, str]], *, method: str | None = None, help_text: str
) -> django_filters.MultipleChoiceFilter:
    """Return a filter that keeps rows with any of the chosen values; give it several times."""
    # Not distinct: no row comes twice where the values are its own, and indexes would not help.
    return django_filters.MultipleChoiceFilter(
        label=label, choices=choices, method=method, help_text=help_text, distinct=False
    )


class TimeFilter(django_filters.IsoDateTimeFilter):
    """Compares with a time of any offset; PostgreSQL takes none of 16 hours or more."""

    def filter(self, qs: "QuerySet[Any]", value: datetime | None) -> "QuerySet[Any]":
        """Keep the rows on the asked side of the time."""
        if value is not None:
            try:
                value = value.astimezone(UTC)
            except OverflowError:
                # On the first or last day that there is, where no hours can be added.
                value = value.replace(tzinfo=UTC)
        filtered: QuerySet[Any] = super().filter(qs, value)
        return filtered


class TagFilter(django_filters.CharFilter):
    """Keeps rows with a tag: `owner` (with any value) or `owner=payments` (with this value)."""

    def __init__(self) -> None:
        super().__init__(
            label="Tag", help_text="A tag's key, or key=value. Exact, as AWS compares them."
        )

    def filter(self, qs: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        """Keep the rows that have the tag."""
        if not value:
            return qs
        key, sign, wanted = value.partition("=")
        return qs.filter(tags__contains={key: wanted}) if sign else qs.filter(tags__has_key=key)


class SearchFilter(django_filters.CharFilter):
    """Keeps rows whose name contains, or whose id begins with, the words given."""

    def __init__(self, *, contains: Sequence[str], begins: Sequence[str]) -> None:
        self._contains, self._begins = contains, begins
        searched = ", ".join([*contains, *(f"the beginning of {name}" for name in begins)])
        super().__init__(label="Search", help_text=f"Searches {searched}; not case-sensitive.")

    def filter(self, qs: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        """Keep the rows that match."""
        words = value.strip() if value else ""
        if not words:
            return qs
        found = Q()
        for name in self._contains:
            found |= Q(**{f"{name}__icontains": words})
        for name in self._begins:
            found |= Q(**{f"{name}__istartswith": words})
        return qs.filter(found)


class UnderFilter(django_filters.CharFilter):
    """Keeps what lies at any depth below a root or OU, by the ids in `path`."""

    def __init__(self, *, itself: str = "") -> None:
        self._itself = itself
        super().__init__(label="Below", help_text="Id of a root or OU: everything below it.")

    def filter(self, qs: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        """Keep the rows below; a row is not below itself."""
        if not value:
            return qs
        below = qs.filter(Q(path__startswith=f"{value}/") | Q(path__contains=f"/{value}/"))
        return below.exclude(**{self._itself: value}) if self._itself else below
