"""The resources of one account that can have policies of their own."""

from dataclasses import asdict
from typing import Any

from django.urls import reverse

from governance.web.accounts.account import AccountPage
from governance.web.parts.last_readings import last_reading_of
from governance.web.resources.states import shown_rows
from inventory.models import Coverage
from inventory.selectors.resource_policies import (
    ACCOUNT_BLOCK_COLLECTOR,
    BUCKETS_COLLECTOR,
    account_public_access_block,
    resource_policies,
)
from inventory.selectors.state_marks import account_collector_complete

_SETTINGS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
# The whole list has filters and pages.
_MOST = 500


class AccountResources(AccountPage):
    """Buckets with their policies, and the account's own block of public access."""

    template_name = "governance/accounts/resources.html"
    tab = "resources"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was collected; what was not whole is told as such."""
        coverage = {row.collector: row for row in self.newest_coverage()}
        found = resource_policies(self.viewer, **self.of_account()).order_by("name")
        rows = shown_rows(self, list(found[:_MOST]))
        block = account_public_access_block(self.viewer, **self.of_account())
        buckets = coverage.get(BUCKETS_COLLECTOR)
        listed = reverse("resource-policies", kwargs={"slug": self.connection.slug})
        return super().get_context_data(
            rows=rows,
            last_reading=last_reading_of(
                self, self.account.account_id, collector=BUCKETS_COLLECTOR
            ),
            list_href=f"{listed}?account_id={self.account.account_id}",
            was_read=account_collector_complete(
                self.viewer, collector=BUCKETS_COLLECTOR, **self.of_account()
            ),
            coverage=buckets,
            incomplete=buckets if buckets and buckets.state != Coverage.State.COMPLETE else None,
            settings_of_block=None
            if block is None
            else [(_SETTINGS[name], on) for name, on in asdict(block).items()],
            block_coverage=coverage.get(ACCOUNT_BLOCK_COLLECTOR),
            **kwargs,
        )
