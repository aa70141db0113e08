"""Filters of accounts and OUs."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.filtering.fields import SearchFilter, TagFilter, UnderFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet
from inventory.models import Account, OrganizationalUnit
from inventory.selectors.coverage import Knowledge, coverage_by_account
from inventory.selectors.coverage_states import accounts_known_as

# organizations: AccountState and AccountJoinedMethod of the service's API model.
ACCOUNT_STATES = ("PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED")
JOINED_METHODS = ("INVITED", "CREATED")


def _worded(values: Sequence[str]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class AccountFilters(ScopedFilterSet):
    """Filters of accounts."""

    q = SearchFilter(contains=["name", "email"], begins=["account_id"])
    state = choices_filter("State", _worded(ACCOUNT_STATES), help_text="AWS's state.")
    parent_id = django_filters.CharFilter(
        label="Parent", help_text="Id of the root or OU that the account is directly in."
    )
    under = UnderFilter()
    tag = TagFilter()
    joined_method = choices_filter(
        "Joined by", _worded(JOINED_METHODS), help_text="How it came into the organization."
    )
    coverage = choices_filter(
        "Coverage",
        _worded([knowledge.value for knowledge in Knowledge]),
        method="with_coverage",
        help_text="Coverage of the account.",
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def with_coverage(
        self, rows: "QuerySet[Any]", _name: str, values: Sequence[str]
    ) -> "QuerySet[Any]":
        """Keep the accounts that are known as well as any of `values` says."""
        if not values:
            return rows
        if Knowledge.UNKNOWN in values:
            # Accounts that were never collected are in no list of how accounts are known.
            others = [one for one in Knowledge if one not in values]
            return rows.exclude(account_id__in=self._known_as(others))
        return rows.filter(account_id__in=self._known_as(values))

    def _known_as(self, values: Sequence[str]) -> "QuerySet[Any, str] | list[str]":
        at = self.scope
        if at.as_of is None:
            return accounts_known_as(
                at.viewer, connection=at.connection, now=at.now, knowledge=values
            )
        then = coverage_by_account(at.viewer, connection=at.connection, now=at.now, as_of=at.as_of)
        return [key for key, found in then.items() if found.knowledge in values]


class OrganizationalUnitFilters(ScopedFilterSet):
    """Filters of OUs."""

    q = SearchFilter(contains=["name"], begins=["target_id"])
    parent_id = django_filters.CharFilter(
        label="Parent", help_text="Id of the root or OU that the unit is directly in."
    )
    under = UnderFilter(itself="target_id")
    tag = TagFilter()

    class Meta:
        model = OrganizationalUnit
        fields: list[str] = []
