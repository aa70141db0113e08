"""Filters of the organization's policies."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.filtering.fields import SearchFilter, TagFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet
from inventory.models import Policy
from inventory.policy_types import POLICY_TYPES
from inventory.selectors.policies import attached_policy_ids


class PolicyFilters(ScopedFilterSet):
    """Filters of policies. The rows are those of `inventory.selectors.policies.policies`."""

    q = SearchFilter(contains=["name", "description"], begins=["policy_id"])
    type = choices_filter(
        "Type", [(kind.name, kind.label) for kind in POLICY_TYPES], help_text="AWS's policy type."
    )
    aws_managed = django_filters.BooleanFilter(
        label="AWS managed", help_text="Whether AWS manages the policy."
    )
    attached = django_filters.BooleanFilter(
        label="Attached", method="with_attachments", help_text="Whether it is attached anywhere."
    )
    target_id = django_filters.CharFilter(
        label="Attached to",
        method="attached_to",
        help_text="Id of the root, OU or account that the policy is attached to directly.",
    )
    tag = TagFilter()

    class Meta:
        model = Policy
        fields: list[str] = []

    def with_attachments(self, rows: "QuerySet[Any]", _name: str, value: bool) -> "QuerySet[Any]":
        """Keep the policies that are, or are not, attached."""
        return rows.filter(attachment_count__gt=0) if value else rows.filter(attachment_count=0)

    def attached_to(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the policies attached directly to one target."""
        return rows.filter(
            policy_id__in=attached_policy_ids(
                self.scope.viewer,
                connection=self.scope.connection,
                target_id=value,
                as_of=self.scope.as_of,
            )
        )
