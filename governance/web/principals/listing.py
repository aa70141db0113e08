"""The list of IAM principals of all accounts."""

from collections.abc import Sequence
from typing import Any

from governance.access import rights
from governance.filtering.principals import PrincipalFilters
from governance.web.parts.keyset import KeysetListPage
from governance.web.parts.last_readings import LAST_READING, mark_last_readings
from governance.web.parts.lists import Column
from governance.web.principals.frame import COLLECTOR, PrincipalsFrame
from inventory.selectors.last_use import last_use


class PrincipalsPage(PrincipalsFrame, KeysetListPage):
    """Every user, group and role of every account."""

    required_right = rights.VIEW_INVENTORY
    tab = "principals"
    filterset_class = PrincipalFilters
    row_template = "governance/principals/row.html"
    default_sort = "name"
    export_name = "principals"
    row_noun = "principal,principals"
    columns = (
        Column("name", "Name", ("name", "arn"), lambda row: row.name),
        Column("arn", "", (), lambda row: row.arn, hidden=True),
        Column("kind", "Kind", ("kind", "name", "arn"), lambda row: row.kind),
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
