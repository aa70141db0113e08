"""Filters of the inbox."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from governance.filtering.fields import choices_filter
from governance.filtering.scope import ScopedFilterSet
from governance.inbox.models import InboxItem
from governance.inbox.selectors import ACTIONABLE, below, overdue, with_words

_AGES = (("1", "Since yesterday"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))


class FindingFilters(ScopedFilterSet):
    """Filters of the rows of `governance.inbox.selectors.inbox_items`."""

    q = django_filters.CharFilter(
        label="Search",
        method="search",
        help_text="Searches title, place and kind.",
    )
    source = choices_filter("Source", InboxItem.Source.choices, help_text="What found it.")
    severity = choices_filter("Severity", InboxItem.InboxSeverity.choices, help_text="Severity.")
    state = choices_filter(
        "State",
        InboxItem.State.choices,
        help_text="State. Default: all but resolved.",
    )
    kind = django_filters.CharFilter(
        label="Kind", field_name="kind", help_text="Its code at its source."
    )
    target_id = django_filters.CharFilter(
        label="OU or account",
        method="inside",
        help_text="Id of an account, OU or root: it and all below.",
    )
    environment = django_filters.CharFilter(
        label="Environment",
        field_name="environment",
        help_text="Environment of its place, such as production.",
    )
    assignee = django_filters.CharFilter(
        label="Owner", method="whose", help_text="A username, `me`, or `none` for nobody."
    )
    overdue = django_filters.BooleanFilter(
        label="Overdue",
        method="late",
        help_text="Whether it is open longer than its severity allows.",
    )
    verified = django_filters.BooleanFilter(
        label="Verified", help_text="False: the data it is based on cannot be read now."
    )
    age = django_filters.ChoiceFilter(
        label="Age", choices=_AGES, method="younger", help_text="Found within this many days."
    )

    class Meta:
        model = InboxItem
        fields: list[str] = []

    @property
    def qs(self) -> "QuerySet[Any]":
        """Return the filtered rows; without a state, those that are not resolved."""
        rows: QuerySet[Any] = super().qs
        if not self.form.cleaned_data.get("state"):
            rows = rows.exclude(state=InboxItem.State.RESOLVED)
        return rows

    def search(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the findings with the words."""
        words, scope = value.strip(), self.scope
        return rows.filter(with_words(words, scope.viewer, scope.connection)) if words else rows

    def inside(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the findings at and below a target."""
        scope = self.scope
        return rows.filter(below(scope.connection, value, scope.viewer))

    def whose(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the findings of a person, or of nobody."""
        if value == "none":
            return rows.filter(assignee=None)
        if value == "me":
            return rows.filter(assignee_id=self.scope.viewer.person_id)
        return rows.filter(assignee__username=value)

    def late(self, rows: "QuerySet[Any]", _name: str, value: bool) -> "QuerySet[Any]":
        """Keep the findings that are overdue, or those that are not."""
        condition = overdue(self.scope.now)
        if value:
            return rows.filter(condition)
        return rows.filter(Q(due_at__gte=self.scope.now) | ~Q(state__in=ACTIONABLE))

    def younger(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the findings that were found within some days."""
        return rows.filter(first_seen_at__gte=self.scope.now - timedelta(days=int(value)))
