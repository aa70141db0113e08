"""Filters of the effective policies of accounts."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.filtering.fields import UnderFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet
from governance.posture.effective.targets import EffectiveSource, EffectiveState
from inventory.models import Account
from inventory.policy_types import MANAGEMENT_POLICY_TYPES, policy_type


class EffectivePolicyFilters(ScopedFilterSet):
    """Filters over accounts; what belongs to their policies is left to who works those out."""

    account_id = django_filters.CharFilter(label="Account", help_text="12 digits.")
    under = UnderFilter()
    policy_type = choices_filter(
        "Type",
        [(name, policy_type(name).label) for name in MANAGEMENT_POLICY_TYPES],
        method="left_to_the_rows",
        help_text="AWS's policy type.",
    )
    state = choices_filter(
        "State",
        [(state.value, state.value) for state in EffectiveState],
        method="left_to_the_rows",
        help_text="What is known of the policy.",
    )
    source = choices_filter(
        "Source",
        [(source.value, source.value) for source in EffectiveSource],
        method="left_to_the_rows",
        help_text="aws: AWS's own answer. computed: from what is attached, by operators.",
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def left_to_the_rows(self, rows: "QuerySet[Any]", _name: str, _values: Any) -> "QuerySet[Any]":
        """Keep all accounts: the value is about their policies."""
        return rows
