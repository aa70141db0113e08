"""The list of IAM principals of all accounts."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.principals import PrincipalFilters
from governance.web.parts.keyset import KeysetListPage
from governance.web.parts.last_readings import LAST_READING, mark_last_readings
from governance.web.parts.lists import Column
from inventory.selectors.coverage import collected
from inventory.selectors.hierarchy import accounts
from inventory.selectors.principals import last_use, principals

COLLECTOR: Final = "iam.authorization_details"


class PrincipalsPage(KeysetListPage):
    """Every user, group and role of every account."""

    required_right = rights.VIEW_INVENTORY
    section = "principals"
    shows_tables = ("Principal",)
    page_title = "Principals"
    template_name = "governance/principals/page.html"
    filterset_class = PrincipalFilters
    row_template = "governance/principals/row.html"
    default_sort = "name"
    search_label = "Name or ARN"
    export_name = "principals"
    row_noun = "principal,principals"
    empty_title = "No principal is known"
    empty_text = "Principals appear once an inventory run has read the accounts."
    columns = (
        Column("name", "Name", ("name", "arn"), lambda row: row.name),
        Column("arn", "", (), lambda row: row.arn, hidden=True),
        Column("kind", "Kind", (), lambda row: row.kind),
        Column("account_name", "Account", (), lambda row: row.account_name),
        Column("account_id", "Account id", ("account_id", "arn"), lambda row: row.account_id),
        Column("path", "Path", (), lambda row: row.path),
        Column(
            "managed_policies",
            "Managed",
            (),
            lambda row: len(row.attached_policy_arns),
            numeric=True,
        ),
        Column("inline_policies", "Inline", (), lambda row: len(row.inline_policies), numeric=True),
        Column("boundary_arn", "Boundary", (), lambda row: row.boundary_arn),
        Column("last_use", "Last used", (), lambda row: row.use.use.value),
        Column("last_used_at", "", (), lambda row: row.use.at, hidden=True),
        Column("created_at", "Created", (), lambda row: row.created_at),
        Column("tags", "", (), lambda row: row.tags, hidden=True),
        LAST_READING,
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return all principals at the time looked at."""
        return principals(self.viewer, connection=self.connection, as_of=self.as_of)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Say what is known of each one's use, and of when it is if its account is unreadable."""
        mark_last_readings(self, rows, collector=COLLECTOR)
        for row in rows:
            row.boundary_name = row.boundary_arn.rsplit("/", 1)[-1]
            row.use = last_use(
                kind=row.kind,
                collected=row.use_collected,
                last_used_at=row.last_used_at,
                region=row.last_used_region,
                as_of=self.as_of,
            )
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many accounts' principals are not known at all."""
        every = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        read = collected(self.viewer, connection=self.connection, as_of=self.as_of).filter(
            collector=COLLECTOR
        )
        total = every.count()
        unread = every.exclude(account_id__in=read.values("account_id")).count()
        context = super().get_context_data(
            accounts_total=total,
            accounts_unread=unread,
            unread_words=f"IAM has never been read whole in {unread:,} of {total:,} accounts: "
            "their principals are not in this list.",
            **kwargs,
        )
        account_id = self.request.GET.get("account_id")
        asked = read.filter(account_id=account_id)
        if account_id and unread and not context["rows"].object_list and not asked.exists():
            context |= {
                "is_filtered": False,
                "empty_state": "unknown",
                "empty_title": "Not known",
                "empty_text": f"IAM of account {account_id} has never been read whole, so which "
                "principals it has is not known.",
            }
        return context
