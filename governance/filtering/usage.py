"""Filters of what was used and of what was denied, over the last days."""

from datetime import date, timedelta
from typing import Any, Final

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from governance.filtering.fields import choices_filter
from governance.filtering.scope import FilterScope, ScopedFilterSet
from inventory.models import DailyDenial, UsedAccess
from policies.catalogue import load_catalogue

USUAL_DAYS: Final = 30
LONGEST_DAYS: Final = 400
POLICY_TYPE_CHOICES: Final = (
    ("service control policy", "SCP"),
    ("resource control policy", "RCP"),
    ("identity-based policy", "Identity policy"),
    ("resource-based policy", "Resource policy"),
    ("permissions boundary", "Permissions boundary"),
    ("session policy", "Session policy"),
    ("vpc endpoint policy", "VPC endpoint policy"),
    ("role trust policy", "Role trust policy"),
)


def span_of(days: int, scope: FilterScope) -> tuple[date, date]:
    """Return the first and last day of the `days` that end at the time looked at, in UTC."""
    until = scope.moment.date()
    return until - timedelta(days=days - 1), until


def _days_filter() -> django_filters.NumberFilter:
    return django_filters.NumberFilter(
        label="Days",
        method="in_days",
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)],
        help_text=f"Number of days, today included; default {USUAL_DAYS}.",
    )


class UsageDaysFilterSet(ScopedFilterSet):
    """Filters by whole days up to the time looked at."""

    @property
    def days(self) -> int:
        """How many days are asked for; the filters must be valid."""
        return int(self.form.cleaned_data.get("days") or USUAL_DAYS)

    @property
    def span(self) -> tuple[date, date]:
        """The first and last day."""
        return span_of(self.days, self.scope)

    def in_days(self, rows: "QuerySet[Any]", _name: str, _value: Any) -> "QuerySet[Any]":
        """Keep all: `filter_queryset` applies the days, also where none are given."""
        return rows

    def with_service(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the actions of a service; by their names, which an index has."""
        service = value.strip().lower().rstrip(":")
        names = [name for name in load_catalogue().names if name.startswith(f"{service}:")]
        return rows.filter(action__any_of=names) if names else rows.none()

    def with_words(self, rows: "QuerySet[Any]", _name: str, words: str) -> "QuerySet[Any]":
        """Keep what has exactly this principal, action or resource, or an action of this service.

        Parts of names are not looked for: no index has them, and there are millions.
        """
        wanted = words.strip()
        if wanted.startswith("arn:"):
            field = "principal" if ":iam::" in wanted or ":sts::" in wanted else "resource"
            return rows.filter(**{field: wanted})
        if ":" in wanted:
            catalogue = load_catalogue()
            index = catalogue.index_of.get(wanted.lower())
            return rows.filter(action=catalogue.names[index] if index is not None else wanted)
        if wanted.isdecimal():
            return rows.filter(account_id=wanted)
        return self.with_service(rows, _name, wanted)


_SEARCH_HELP: Final = (
    "An action such as s3:GetObject, a service such as s3, the ARN of a principal or resource, or "
    "an account id; whole."
)


class UsageFilters(UsageDaysFilterSet):
    """Filters of the rows of `inventory.selectors.usage.used_accesses`."""

    q = django_filters.CharFilter(label="Search", method="with_words", help_text=_SEARCH_HELP)
    days = _days_filter()
    account_id = django_filters.CharFilter(
        label="Account", help_text="The 12 digits of the account whose log has it."
    )
    principal = django_filters.CharFilter(label="Principal", help_text="Its ARN, the role's.")
    action = django_filters.CharFilter(label="Action", help_text="Such as s3:GetObject.")
    service = django_filters.CharFilter(
        label="Service", method="with_service", help_text="Prefix of the actions, such as s3."
    )
    region = django_filters.CharFilter(label="Region", help_text="Such as eu-central-1.")

    class Meta:
        model = UsedAccess
        fields: list[str] = []

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Apply the filters, and keep what was used in the days asked for."""
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        since, until = self.span
        return rows.filter(last_day__gte=since, first_day__lte=until)


class AccountUsageFilters(UsageFilters):
    """Filters of one account's usage."""

    account_id = None


class PrincipalUsageFilters(UsageFilters):
    """Filters of one principal's usage."""

    principal = None


class DenialFilters(UsageDaysFilterSet):
    """Filters of the rows of `inventory.selectors.usage.daily_denials`."""

    q = django_filters.CharFilter(label="Search", method="with_words", help_text=_SEARCH_HELP)
    days = _days_filter()
    account_id = django_filters.CharFilter(
        label="Account", help_text="The 12 digits of the account whose log has it."
    )
    principal = django_filters.CharFilter(label="Principal", help_text="Its ARN, the role's.")
    action = django_filters.CharFilter(label="Action", help_text="Such as ec2:RunInstances.")
    service = django_filters.CharFilter(
        label="Service", method="with_service", help_text="Prefix of the actions, such as ec2."
    )
    region = django_filters.CharFilter(label="Region", help_text="Such as eu-west-3.")
    policy = django_filters.CharFilter(
        label="Policy", help_text="ARN of the policy that AWS's message names."
    )
    policy_type = choices_filter(
        "Denied by", POLICY_TYPE_CHOICES, help_text="The type of policy that AWS's message names."
    )
    reason = choices_filter(
        "Reason",
        DailyDenial.Reason.choices,
        help_text="Whether the message names an explicit deny, a missing allow, or neither.",
    )

    class Meta:
        model = DailyDenial
        fields: list[str] = []

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Apply the filters, and keep the days asked for."""
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        since, until = self.span
        return rows.filter(day__gte=since, day__lte=until)


class PolicyDenialFilters(DenialFilters):
    """Filters of what one policy denied."""

    policy = None
    policy_type = None
