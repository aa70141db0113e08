"""The list of resources that can have policies of their own, of all accounts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.resource_policies import ResourcePolicyFilters
from governance.web.parts.keyset import KeysetListPage
from governance.web.parts.last_readings import (
    LAST_READING,
    mark_last_readings,
    mark_region_readings,
)
from governance.web.parts.lists import Column
from governance.web.resources.states import shown_rows
from inventory.selectors.coverage import collected
from inventory.selectors.hierarchy import accounts
from inventory.selectors.resource_policies import BUCKETS_COLLECTOR, resource_policies

COLUMNS = (
    Column("name", "Name", ("name", "arn"), lambda row: row.name),
    Column("arn", "", (), lambda row: row.arn, hidden=True),
    Column("service", "Service", ("service", "arn"), lambda row: row.service),
    Column("resource_type", "", (), lambda row: row.resource_type, hidden=True),
    Column("account_name", "Account", (), lambda row: row.account_name),
    Column("account_id", "Account id", ("account_id", "arn"), lambda row: row.account_id),
    Column("region", "Region", ("region", "arn"), lambda row: row.region),
    Column("policy", "Policy", (), lambda row: row.policy_state),
    Column("exposure", "Public access", (), lambda row: row.exposure.state),
    Column("unknown", "", (), lambda row: row.unknown, hidden=True),
    Column("seen_from", "Unchanged since", ("seen_from", "arn"), lambda row: row.seen_from),
    LAST_READING,
)


class ResourcePoliciesPage(KeysetListPage):
    """Every collected resource of every account, with its policy."""

    required_right = rights.VIEW_INVENTORY
    section = "resources"
    shows_tables = ("ResourcePolicy",)
    page_title = "Resources"
    template_name = "governance/resources/page.html"
    filterset_class = ResourcePolicyFilters
    row_template = "governance/resources/row.html"
    default_sort = "name"
    search_label = "Name or ARN"
    export_name = "resource-policies"
    row_noun = "resource,resources"
    empty_title = "No resource is known"
    empty_text = (
        "Buckets, queues, keys and the like appear once an inventory run has read the accounts."
    )
    columns = COLUMNS

    def get_rows(self) -> "QuerySet[Any]":
        """Return all resources at the time looked at."""
        return resource_policies(self.viewer, connection=self.connection, as_of=self.as_of)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Say what is known of each one's policy, whether it is public, and of when it is."""
        # Of whichever collector: an account that cannot be read is read by none.
        mark_last_readings(self, rows, collector="")
        mark_region_readings(self, rows)
        return shown_rows(self, rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add in how many accounts buckets were never read completely."""
        every = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        read = collected(self.viewer, connection=self.connection, as_of=self.as_of).filter(
            collector=BUCKETS_COLLECTOR
        )
        total = every.count()
        unread = every.exclude(account_id__in=read.values("account_id")).count()
        return super().get_context_data(
            accounts_total=total,
            accounts_unread=unread,
            unread_words=f"S3 has never been read completely in {unread:,} of {total:,} accounts: "
            "buckets there may be missing in this list, or not known in part.",
            **kwargs,
        )
