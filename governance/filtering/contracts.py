"""Filters of contracts."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.approvals.agreements.selectors import about_target
from governance.contracts.models import TrustContract
from governance.contracts.selectors import with_words
from governance.filtering.fields import choices_filter
from governance.filtering.scope import ScopedFilterSet


class ContractFilters(ScopedFilterSet):
    """Filters of the rows of `governance.contracts.selectors.contracts`."""

    q = django_filters.CharFilter(
        label="Search",
        method="search",
        help_text="Searches the purpose and both ends; `C-17` finds that contract.",
    )
    state = choices_filter("State", TrustContract.State.choices, help_text="State of the contract.")
    target_id = django_filters.CharFilter(
        label="To", method="into", help_text="Id of an account, OU or root that it gives access to."
    )
    declared_by = django_filters.CharFilter(
        field_name="declared_by__username",
        label="Declared by",
        help_text="The username of who declared it.",
    )

    class Meta:
        model = TrustContract
        fields: list[str] = []

    def search(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the contracts with the words."""
        return rows.filter(with_words(value.strip()))

    def into(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the contracts that let into a root, OU or account."""
        scope = self.scope
        return rows.filter(about_target(value, scope.viewer, scope.connection))
