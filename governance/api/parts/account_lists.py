"""Lists of what is in accounts: so long that an index pages them, and known account by account."""

from governance.api.parts.list_endpoint import ListEndpoint
from governance.api.parts.pagination import PageRequest, RowPage, page_of
from inventory.selectors.organization_coverage import OrganizationCoverage, organization_coverage


class InAccountsEndpoint(ListEndpoint):
    """An address of things that are in accounts, of all or with `account_id` of one."""

    def page(self, asked: PageRequest) -> RowPage:
        """Read the page by its keys: there may be hundreds of thousands."""
        rows = self.rows()
        return page_of(self.filtered(rows), asked, whole=rows)

    def list_coverage(self) -> OrganizationCoverage:
        """Say how well the accounts are known, or the one that is asked for."""
        account_id = self.request.query_params.get("account_id")
        if account_id:
            one = self.coverage_of(account_id)
            return OrganizationCoverage(
                accounts=1,
                by_knowledge={one.knowledge: 1},
                organization=one,
                oldest_complete_at=one.oldest_complete_at,
            )
        return organization_coverage(
            self.viewer, connection=self.connection, now=self.now, as_of=self.as_of
        )
