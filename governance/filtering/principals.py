"""Filters of IAM principals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from governance.filtering.fields import TagFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet
from inventory.models import Principal
from inventory.selectors.last_use import unused_since
from inventory.selectors.principals import principals_with_words


class PrincipalFilters(ScopedFilterSet):
    """Filters of principals. The rows are those of `inventory.selectors.principals.principals`."""

    q = django_filters.CharFilter(
        label="Search",
        method="with_words",
        help_text="Searches name and the beginning of arn; not case-sensitive.",
    )
    kind = choices_filter("Kind", Principal.Kind.choices, help_text="What the principal is.")
    name = django_filters.CharFilter(label="Name", help_text="The whole name, case included.")
    path = django_filters.CharFilter(label="Path", help_text="The whole path: `/` for most.")
    account_id = django_filters.CharFilter(label="Account", help_text="The account's 12 digits.")
    policy_arn = django_filters.CharFilter(
        label="Managed policy",
        method="with_policy",
        help_text="ARN of a managed policy attached directly.",
    )
    has_boundary = django_filters.BooleanFilter(
        label="Has a boundary",
        method="with_boundary",
        help_text="Whether a permissions boundary is set.",
    )
    boundary_arn = django_filters.CharFilter(
        label="Boundary", help_text="ARN of the permissions boundary."
    )
    unused_days = django_filters.NumberFilter(
        label="Unused for days",
        method="unused",
        validators=[MinValueValidator(0), MaxValueValidator(400)],
        help_text=(
            "Users and roles with no use on record in that many days, 400 at most since AWS keeps "
            "no more. Those whose use was never collected are left out."
        ),
    )
    tag = TagFilter()

    class Meta:
        model = Principal
        fields: list[str] = []

    def with_words(self, rows: "QuerySet[Any]", _name: str, words: str) -> "QuerySet[Any]":
        """Keep the principals by name or ARN."""
        return principals_with_words(rows, words)

    def with_policy(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the principals with a managed policy."""
        return rows.filter(attached_policy_arns__contains=[value])

    def with_boundary(self, rows: "QuerySet[Any]", _name: str, value: bool) -> "QuerySet[Any]":
        """Keep the principals with, or without, a boundary."""
        return rows.exclude(boundary_arn="") if value else rows.filter(boundary_arn="")

    def unused(self, rows: "QuerySet[Any]", _name: str, value: Decimal) -> "QuerySet[Any]":
        """Keep the principals whose last use is known and lies before that, or is not on record."""
        before = self.scope.moment - timedelta(days=float(value))
        return unused_since(rows.exclude(kind=Principal.Kind.GROUP), before)
