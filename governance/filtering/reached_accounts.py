"""Filters of the accounts that one policy reaches."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from governance.filtering.fields import SearchFilter, TagFilter, UnderFilter, choices_filter
from governance.filtering.organization import ACCOUNT_STATES
from governance.filtering.scope import ScopedFilterSet
from governance.policy_effect.reach import Bound
from inventory.models import Account

BOUND_WORDS = (
    (Bound.BOUND.value, "Has effect"),
    (Bound.MANAGEMENT_ACCOUNT.value, "Management account: not bound"),
    (Bound.NOT_ENABLED.value, "Type not enabled"),
    (Bound.NOT_KNOWN.value, "Not known"),
)


class ReachedAccountFilters(ScopedFilterSet):
    """Filters of rows of `governance.policy_effect.reach.reached_accounts`."""

    q = SearchFilter(contains=["name", "email"], begins=["account_id"])
    bound = choices_filter(
        "Effect", list(BOUND_WORDS), help_text="Whether the policy has effect on the account."
    )
    state = choices_filter(
        "State",
        [(state, state.replace("_", " ").capitalize()) for state in ACCOUNT_STATES],
        help_text="AWS's state.",
    )
    via = django_filters.CharFilter(
        label="Through",
        method="through",
        help_text="Id of a root, OU or account: those that are reached through it.",
    )
    under = UnderFilter()
    tag = TagFilter()

    class Meta:
        model = Account
        fields: list[str] = []

    def through(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the accounts at or below one target."""
        return rows.filter(
            Q(account_id=value) | Q(path__startswith=f"{value}/") | Q(path__contains=f"/{value}/")
        )
