"""What the lists of principals share: tabs, and the accounts whose principals are not known."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet

from governance.web.parts.pages import ConnectionPage, Tab
from inventory.selectors.coverage import collected
from inventory.selectors.hierarchy import accounts
from inventory.selectors.principals import principals

COLLECTOR: Final = "iam.authorization_details"


class PrincipalsFrame(ConnectionPage):
    """Every user, group and role of every account, one by one or by name."""

    section = "principals"
    shows_tables = ("Principal",)
    page_title = "Principals"
    template_name = "governance/principals/page.html"
    search_label: ClassVar[str] = "Name or ARN"
    empty_title: ClassVar[str] = "No principal is known"
    empty_text: ClassVar[str] = "Principals appear once an inventory run has read the accounts."
    tab: ClassVar[str]

    def get_rows(self) -> "QuerySet[Any]":
        """Return all principals at the time looked at."""
        return principals(self.viewer, connection=self.connection, as_of=self.as_of)

    def get_tabs(self) -> Sequence[Tab]:
        """Return the two ways to list them."""
        return [
            Tab(label, self.href(name) + self.as_of_query, current=name == self.tab)
            for label, name in (("Each", "principals"), ("By name", "principal-names"))
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many accounts' principals are not known at all."""
        every = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        read = collected(self.viewer, connection=self.connection, as_of=self.as_of).filter(
            collector=COLLECTOR
        )
        total, unread = self.recent(
            ("accounts whose principals are read",),
            lambda: (
                every.count(),
                every.exclude(account_id__in=read.values("account_id")).count(),
            ),
        )
        context = super().get_context_data(
            accounts_total=total,
            accounts_unread=unread,
            unread_words=f"IAM has never been read completely in {unread:,} of {total:,} accounts: "
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
                "empty_text": f"IAM of account {account_id} has never been read completely, so "
                "which principals it has is not known.",
            }
        return context
