"""Filters of change requests."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from governance.changes.life.selectors import touching
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from governance.filtering.fields import TimeFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet


class ChangeRequestFilters(ScopedFilterSet):
    """Filters of change requests."""

    q = django_filters.CharFilter(
        label="Search", method="search", help_text="Searches titles; `CR-12` finds that number."
    )
    state = choices_filter("State", ChangeState.choices, help_text="State of the request.")
    author = django_filters.CharFilter(
        label="Author", method="by_author", help_text="The username of who asks for the change."
    )
    policy_id = django_filters.CharFilter(
        label="Policy", method="touching", help_text="Id of a policy that it touches."
    )
    target_id = django_filters.CharFilter(
        label="Target",
        method="touching",
        help_text="Id of a root, OU or account that an operation names, or where a policy that it "
        "changes is attached.",
    )
    applied = choices_filter(
        "Applied", ChangeRequest.Applied.choices, help_text="Who makes the calls."
    )
    emergency = django_filters.BooleanFilter(
        label="Emergency", help_text="Whether it was applied before its review."
    )
    updated_after = TimeFilter(
        field_name="updated_at", lookup_expr="gte", label="Edited since", help_text="ISO 8601."
    )

    class Meta:
        model = ChangeRequest
        fields: list[str] = []

    def search(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the requests whose title has the words, or with the number."""
        words = value.strip()
        number = words.upper().removeprefix("CR-").removeprefix("#")
        found = Q(title__icontains=words)
        if number.isascii() and number.isdecimal() and len(number) <= 9:
            found |= Q(number=int(number))
        return rows.filter(found)

    def by_author(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep what a person asks for."""
        return rows.filter(author__username=value)

    def touching(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the requests that touch a policy, root, OU or account."""
        return rows.filter(touching(value, self.scope.viewer, self.scope.connection))
