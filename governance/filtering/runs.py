"""Filters of inventory runs and of coverage."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.filtering.fields import TimeFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet
from inventory.models import (
    AccountCoverage,
    CollectionTask,
    Coverage,
    InventoryRun,
    SuspectedDeletion,
)


class RunFilters(ScopedFilterSet):
    """Filters of inventory runs."""

    state = choices_filter("State", InventoryRun.State.choices, help_text="State of the run.")
    trigger = choices_filter(
        "Trigger", InventoryRun.Trigger.choices, help_text="What started the run."
    )
    requested_after = TimeFilter(
        field_name="requested_at", lookup_expr="gte", label="Requested since", help_text="ISO 8601."
    )
    requested_before = TimeFilter(
        field_name="requested_at", lookup_expr="lt", label="Requested before", help_text="ISO 8601."
    )

    class Meta:
        model = InventoryRun
        fields: list[str] = []


class CoverageFilters(ScopedFilterSet):
    """Filters of coverage rows."""

    state = choices_filter("State", Coverage.State.choices, help_text="The collector's result.")
    account_id = django_filters.CharFilter(label="Account", help_text="The account's 12 digits.")
    collector = django_filters.CharFilter(label="Collector", help_text="The collector's name.")
    region = django_filters.CharFilter(
        label="Region", help_text="`global` for services without regions."
    )

    class Meta:
        model = Coverage
        fields: list[str] = []


class RunAccountFilters(ScopedFilterSet):
    """Filters of the accounts of one run."""

    state = choices_filter(
        "State", CollectionTask.State.choices, help_text="State of the account's part."
    )
    account_id = django_filters.CharFilter(label="Account", help_text="The account's 12 digits.")

    class Meta:
        model = AccountCoverage
        fields: list[str] = []


class SuspectedDeletionFilters(ScopedFilterSet):
    """Filters of suspected deletions."""

    state = choices_filter(
        "State", SuspectedDeletion.State.choices, help_text="What was decided, if anything."
    )
    run_id = django_filters.NumberFilter(
        method="of_run", label="Run", help_text="Held back by this run."
    )

    class Meta:
        model = SuspectedDeletion
        fields: list[str] = []

    def of_run(self, rows: "QuerySet[Any]", name: str, value: int) -> "QuerySet[Any]":
        """Keep what one run was the first to miss."""
        started = InventoryRun.objects.filter(
            connection=self.scope.connection, pk=value, started_at__isnull=False
        )
        return rows.filter(missing_at__in=started.values("started_at"))
