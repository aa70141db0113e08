"""Filters of drift."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from governance.access.owners.targets import target_tree
from governance.drift.models import DriftItem
from governance.filtering.fields import choices_filter
from governance.filtering.scope import ScopedFilterSet


class DriftFilters(ScopedFilterSet):
    """Filters of the rows of `governance.drift.selectors.drift_items`."""

    q = django_filters.CharFilter(
        label="Search",
        method="with_words",
        help_text="Searches the name and id of what differs; not case-sensitive.",
    )
    state = choices_filter("State", DriftItem.State.choices, help_text="Its state.")
    kind = choices_filter("Kind", DriftItem.Kind.choices, help_text="What drifted.")
    severity = choices_filter("Severity", DriftItem.DriftSeverity.choices, help_text="Severity.")
    effect = choices_filter("Effect", DriftItem.DriftEffect.choices, help_text="Its severity.")
    within = django_filters.CharFilter(
        label="Within", method="lying_in", help_text="Id of an OU or account that it lies in."
    )
    account_id = django_filters.CharFilter(label="Account", help_text="12 digits.")
    verified = django_filters.BooleanFilter(
        label="Verified", help_text="false: drift that can no longer be verified."
    )

    class Meta:
        model = DriftItem
        fields: list[str] = []

    def with_words(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Keep what has words in its name or id."""
        words = value.strip()
        return rows.filter(Q(target_name__icontains=words) | Q(target_id__icontains=words))

    def lying_in(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Keep what lies in an OU or account."""
        below = [one.target_id for one in target_tree(self.scope.connection).below(value)]
        return rows.filter(place_id__in=below)
