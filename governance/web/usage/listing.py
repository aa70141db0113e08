"""What was used, by whom and how often: in an organization, an account, by a principal."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.usage import AccountUsageFilters, PrincipalUsageFilters, UsageFilters
from governance.web.accounts.account import AccountPage
from governance.web.parts.lists import Column
from governance.web.parts.pages import ConnectionPage, Tab
from governance.web.principals.principal import PrincipalPart
from governance.web.usage.hours import HourlyList, with_pictures
from governance.web.usage.naming import name_principals, short_resource, used_from
from inventory.models import UsedAccess
from inventory.selectors.usage import used_accesses
from inventory.selectors.usage_counts import counted_uses

_COUNTED: Final = (
    Column("region", "Region", (), lambda row: row.region),
    Column("used_from", "From", (), lambda row: row.used_from),
    Column("count", "Calls", ("calls",), lambda row: row.used and row.used.count, numeric=True),
    Column("denied", "Denied", (), lambda row: row.used and row.used.denied, numeric=True),
    Column("first_day", "First used", (), lambda row: row.first_day),
    Column("last_at", "Last used", ("last_at",), lambda row: row.used and row.used.last_at),
    Column("last_day", "", (), lambda row: row.last_day, hidden=True),
    Column("calls", "All calls", (), lambda row: row.calls, numeric=True, hidden=True),
)
_ACTION: Final = Column("action", "Action", (), lambda row: row.action)
_SORTED_ACTION: Final = Column("action", "Action", ("action", "resource"), lambda row: row.action)
_RESOURCE: Final = Column("resource", "Resource", (), lambda row: row.resource)
_ACCOUNT: Final = Column("account_id", "Account", (), lambda row: row.account_id)
_PRINCIPAL: Final = Column(
    "principal", "Principal", ("principal", "action"), lambda row: row.principal
)


class UsedAccessList(HourlyList):
    """A list of accesses with their calls over the last days."""

    required_right = rights.VIEW_INVENTORY
    filterset_class = UsageFilters
    row_template = "governance/usage/row.html"
    search_label = "Action, service or ARN"
    row_noun = "access,accesses"
    caption = "What was used"
    export_name = "usage"
    shows_principal: ClassVar[bool] = True
    shows_account: ClassVar[bool] = True
    logged_noun = "Usage"

    def get_template_names(self) -> list[str]:
        """Return for htmx the picture beside the list: it follows the filters, too."""
        return with_pictures(super().get_template_names(), "governance/usage/list_partial.html")

    def get_rows(self) -> "QuerySet[Any]":
        """Return every access on record, with its context."""
        rows = used_accesses(self.viewer, connection=self.connection).order_by()
        return rows.select_related("context")

    def enrich(self, rows: Sequence[UsedAccess]) -> Sequence[Any]:
        """Add the counts of the days asked for, names, and where the calls came from."""
        since, until = self.given_filters.span
        counts = counted_uses(rows, since=since, until=until)
        named: list[Any] = list(rows)
        name_principals(self, named)
        for row in named:
            row.used = counts.get(row.pk)
            row.used_from = used_from(row.context.context)
            row.resource_name = short_resource(row.resource)
        return named

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which columns there are."""
        return super().get_context_data(
            shows_principal=self.shows_principal,
            shows_account=self.shows_account,
            sorts_by_calls=self.sort_key()[0].key == "count",
            **kwargs,
        )


class UsagePage(UsedAccessList):
    """What was used in an organization."""

    section = "usage"
    page_title = "Usage"
    template_name = "governance/usage/page.html"
    default_sort = "principal"
    columns = (_PRINCIPAL, _ACTION, _RESOURCE, _ACCOUNT, *_COUNTED)

    def get_tabs(self) -> Sequence[Tab]:
        """Return usage and denials."""
        return usage_tabs(self, "usage")


def usage_tabs(page: ConnectionPage, current: str) -> list[Tab]:
    """Return the tabs of usage."""
    return [
        Tab("Usage", page.href("usage"), current=current == "usage"),
        Tab("Denials", page.href("denials"), current=current == "denials"),
        Tab("Unused", page.href("unused"), current=current == "unused"),
    ]


class AccountUsage(AccountPage, UsedAccessList):
    """What was used in an account, as its own log has it."""

    required_right = rights.VIEW_INVENTORY
    tab = "usage"
    filterset_class = AccountUsageFilters
    template_name = "governance/usage/account.html"
    shows_account = False
    of_account_alone = True
    default_sort = "principal"
    columns = (_PRINCIPAL, _SORTED_ACTION, _RESOURCE, *_COUNTED)

    def begin(self) -> None:
        """Find the account."""
        super().begin()
        self.log_account_id = self.account.account_id

    def get_rows(self) -> "QuerySet[Any]":
        """Return the accesses that the account's log has."""
        return super().get_rows().filter(account_id=self.account.account_id)

    def file_name(self) -> str:
        """Return the name of an exported file."""
        return f"{self.connection.slug}-{self.account.account_id}-usage"


class PrincipalUsage(PrincipalPart, UsedAccessList):
    """What a principal used, in every account."""

    required_right = rights.VIEW_INVENTORY
    tab = "usage"
    # Hours are counted by account and service.
    hours_title = None
    filterset_class = PrincipalUsageFilters
    template_name = "governance/usage/principal.html"
    shows_principal = False
    default_sort = "action"
    columns = (_SORTED_ACTION, _RESOURCE, _ACCOUNT, *_COUNTED)

    def begin(self) -> None:
        """Find the principal."""
        super().begin()
        self.log_account_id = self.principal.account_id

    def get_rows(self) -> "QuerySet[Any]":
        """Return the accesses of the principal."""
        return super().get_rows().filter(principal=self.principal.arn)

    def file_name(self) -> str:
        """Return the name of an exported file."""
        return f"{self.connection.slug}-{self.principal.account_id}-{self.principal.name}-usage"
