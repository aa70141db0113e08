"""All accounts that a policy reaches, through which targets, and whether it binds them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from governance.filtering.reached_accounts import ReachedAccountFilters
from governance.policy_effect.reach import reached_accounts
from governance.web.parts.lists import Column, ListPage
from governance.web.parts.targets import page_href
from governance.web.policies.policy import PolicyPage
from inventory.policy_types import policy_type
from inventory.selectors.freshness import AUTHORIZATION_TABLES


class PolicyAccountsTab(PolicyPage, ListPage):
    """The accounts at or below the targets that the policy is attached to."""

    template_name = "governance/policies/accounts.html"
    tab = "accounts"
    shows_tables = AUTHORIZATION_TABLES
    filterset_class = ReachedAccountFilters
    row_template = "governance/policies/account_row.html"
    default_sort = "name"
    search_label = "Name, email or account id"
    row_noun = "account,accounts"
    empty_title = "It reaches no account"
    empty_text = "It is attached to no target with an account at or below it."
    columns = (
        Column("name", "Account", ("name",), lambda row: row.name),
        Column("account_id", "Id", ("account_id",), lambda row: row.account_id),
        Column("via", "Through", (), lambda row: [one.target_id for one in row.via]),
        Column("bound", "Effect", ("bound", "name"), lambda row: row.bound),
        Column("state", "State", ("state", "name"), lambda row: row.state),
        Column("email", "Email", ("email",), lambda row: row.email, hidden=True),
        Column("path", "Path", ("path", "name"), lambda row: row.path, hidden=True),
    )

    @property
    def export_name(self) -> str:  # type: ignore[override]
        """Return the file's name, with the policy's id."""
        return f"{self.policy.policy_id}-accounts"

    @property
    def caption(self) -> str:  # type: ignore[override]
        """Say what the table holds."""
        return f"Accounts that {self.policy.name} reaches"

    def get_rows(self) -> "QuerySet[Any]":
        """Return the accounts at the time looked at."""
        return reached_accounts(
            self.viewer, connection=self.connection, reach=self.reach, as_of=self.as_of
        )

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add the targets through which each is reached; the organization is in memory."""
        slug = self.connection.slug
        for row in rows:
            row.via = self.reach.via(row.account_id)
            row.via_links = [(one, page_href(slug, one.target_id)) for one in row.via]
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what holds for all of them."""
        return super().get_context_data(
            bound_total=len(self.reach.bound_ids),
            reached_total=len(self.reach.account_ids),
            of_others=self.reach.of_others.value,
            type_label=policy_type(self.policy.type).label,
            **kwargs,
        )
