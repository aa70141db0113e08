"""The resources of one account that can have policies of their own."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.urls import reverse

from governance.web.accounts.account import AS_EXPECTED, AccountPage
from governance.web.parts.coverage import collector_label, grouped_problems
from governance.web.parts.last_readings import last_reading_of
from governance.web.resources.states import shown_rows
from inventory.selectors.resource_policies import (
    ACCOUNT_BLOCK_COLLECTOR,
    account_public_access_block,
    resource_collectors,
    resource_policies,
)

_SETTINGS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
# The whole list has filters and pages.
_MOST = 500
_NAMED = 6


class AccountResources(AccountPage):
    """Every collected resource with its policy, and the account's own Block Public Access."""

    template_name = "governance/accounts/resources.html"
    tab = "resources"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was collected of which services, and what was not."""
        every = self.newest_coverage()
        readers = resource_collectors()
        coverage = [row for row in every if row.collector in readers]
        found = resource_policies(self.viewer, **self.of_account())
        total = found.count()
        rows = shown_rows(self, list(found.order_by("service", "name", "arn")[:_MOST]))
        block = account_public_access_block(self.viewer, **self.of_account())
        listed = reverse("resource-policies", kwargs={"slug": self.connection.slug})
        return super().get_context_data(
            rows=rows,
            total=total,
            most=_MOST,
            last_reading=last_reading_of(self, self.account.account_id, collector=""),
            list_href=f"{listed}?account_id={self.account.account_id}",
            problems=grouped_problems(row for row in coverage if row.state not in AS_EXPECTED),
            never_collected=_listed(set(readers) - {row.collector for row in coverage}),
            has_coverage=bool(coverage),
            settings_of_block=None
            if block is None
            else [(_SETTINGS[name], on) for name, on in asdict(block).items()],
            block_coverage=next(
                (row for row in every if row.collector == ACCOUNT_BLOCK_COLLECTOR), None
            ),
            **kwargs,
        )


def _listed(collectors: Iterable[str]) -> str:
    """Return some collectors by name, the first few and how many more; empty: none."""
    names = sorted(map(collector_label, collectors), key=str.casefold)
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
