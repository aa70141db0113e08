"""Filters of resources that have policies of their own."""

from typing import Any, Final

import django_filters
from django.db.models import Q, QuerySet

from governance.filtering.fields import choices_filter
from governance.filtering.scope import ScopedFilterSet
from inventory.models import ResourcePolicy
from inventory.resource_facts import POLICY
from inventory.selectors.resource_policies import resources_with_words

POLICY_CHOICES: Final = (("set", "Has one"), ("none", "Has none"), ("unknown", "Not known"))


class ResourcePolicyFilters(ScopedFilterSet):
    """Filters of the rows of `inventory.selectors.resource_policies.resource_policies`."""

    q = django_filters.CharFilter(
        label="Search",
        method="with_words",
        help_text="Searches name; a whole arn finds that one; not case-sensitive.",
    )
    account_id = django_filters.CharFilter(label="Account", help_text="The account's 12 digits.")
    region = django_filters.CharFilter(label="Region", help_text="Such as eu-central-1.")
    service = django_filters.CharFilter(
        label="Service", help_text="The service as ARNs name it, such as s3."
    )
    policy = choices_filter(
        "Policy",
        POLICY_CHOICES,
        method="with_policy",
        help_text="Whether the resource has a policy; unknown: it could not be read.",
    )

    class Meta:
        model = ResourcePolicy
        fields: list[str] = []

    def with_words(self, rows: "QuerySet[Any]", _name: str, words: str) -> "QuerySet[Any]":
        """Keep the resources by name or ARN."""
        return resources_with_words(rows, words)

    def with_policy(self, rows: "QuerySet[Any]", _name: str, values: Any) -> "QuerySet[Any]":
        """Keep the resources that have a policy, have none, or of which it is not known."""
        chosen = list(values)
        if not chosen:
            return rows
        kept = Q()
        if "set" in chosen:
            kept |= Q(content__isnull=False)
        if "none" in chosen:
            kept |= Q(content__isnull=True) & ~Q(unknown__has_key=POLICY)
        if "unknown" in chosen:
            kept |= Q(unknown__has_key=POLICY)
        return rows.filter(kept)
