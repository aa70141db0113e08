"""What an endpoint that lists rows does: filters, order, pages, and whether the rows were read."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.pagination import (
    Key,
    Orderings,
    PageRequest,
    RowPage,
    page_of,
    page_request,
)
from governance.api.parts.representations import (
    CoverageSummaryRepresentation,
)
from governance.filtering.fields import TimeFilter
from governance.filtering.scope import ScopedFilterSet


class ListEndpoint(OrganizationEndpoint):
    """An address of many things, filtered, ordered and in pages.

    `collectors`: beginnings of the names of those that read what the list shows. `orderings`:
    what `ordering` may name → its keys, the last of which make it unique. `queryset` only tells
    the documentation of the model; the rows come from `rows`. `results` is null rather than
    empty where nothing was found because nothing was ever read.
    """

    takes_as_of = True
    filter_backends = [DjangoFilterBackend]
    filterset_class: ClassVar[type[ScopedFilterSet] | None] = None
    collectors: ClassVar[tuple[str, ...]]
    orderings: ClassVar[Orderings]
    usual_ordering: ClassVar[str]
    coverage_representation: ClassVar[type[BaseSerializer[Any]]] = CoverageSummaryRepresentation

    def parameters(self) -> set[str]:
        """Return the names of filters and of what every list knows."""
        filters = self.filterset_class.base_filters if self.filterset_class else ()
        return super().parameters() | {"limit", "cursor", "ordering", *filters}

    def rows(self) -> "QuerySet[Any]":
        """Return all that the viewer may see, before filters."""
        raise NotImplementedError(f"{type(self).__qualname__} must define rows")

    def context(self, rows: Sequence[Any]) -> Mapping[str, Any]:
        """Return what a page's rows need beside themselves, in queries per page."""
        return {}

    def members(self) -> Mapping[str, Any]:
        """Return what a page has beside its results and their coverage."""
        return {}

    def list_coverage(self) -> Any:
        """Say how well what the list draws on is known."""
        return self.coverage_of()

    def was_read(self) -> bool:
        """Whether what the list shows was ever read whole."""
        return self.ever_complete("")

    def ever_complete(self, account_id: str) -> bool:
        """Whether one of the list's collectors was ever complete there."""
        return any(
            name.startswith(self.collectors) for name in self.complete_collectors(account_id)
        )

    def filtered(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Apply the filters.

        :raises ValidationError: a value is none that its filter knows.
        """
        if self.filterset_class is None:
            return rows
        given = self.request.query_params
        empty = [
            name
            for name, one in self.filterset_class.base_filters.items()
            if isinstance(one, TimeFilter) and name in given and not given[name]
        ]
        if empty:
            raise ValidationError({name: ["give a time, or leave it out"] for name in empty})
        filters = self.filterset_class(given, queryset=rows, scope=self.scope)
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        filtered: QuerySet[Any] = filters.qs
        return filtered

    def page(self, asked: PageRequest) -> RowPage:
        """Read the page asked for."""
        return page_of(self.filtered(self.rows()), asked)

    def respond(self) -> Response:
        """Answer with a page."""
        asked = page_request(self.request, self.orderings, usual=self.usual_ordering)
        page = self.page(asked)
        results = self.serialized(page.rows, many=True, **self.context(page.rows))
        if not results and page.is_first and not self.was_read():
            results = None
        coverage = self.coverage_representation(self.list_coverage()).data
        return self.respond_with(page, results, **self.members(), coverage=coverage)


def by(*fields: str, nullable: bool = False) -> tuple[Key, ...]:
    """Return the keys of an ordering. `nullable`: whether the first may be null."""
    first, *rest = fields
    return (Key(first, nullable=nullable), *(Key(field) for field in rest))
