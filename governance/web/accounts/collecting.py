"""Reading many accounts again at once."""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.collection.runs import RunRefused, accounts_collect
from governance.web.parts.bulk import BulkActPage, BulkDone, ChosenRow
from governance.web.parts.markup import counted
from governance.web.parts.pages import ConnectionPage, Crumb
from inventory.models import Account
from inventory.selectors.hierarchy import accounts

# Accounts in any other state refuse to be read.
_ACTIVE: Final = "ACTIVE"


class AccountsCollectPage(BulkActPage, ConnectionPage):
    """Starts one run that reads the chosen accounts."""

    required_right = rights.VIEW_INVENTORY
    post_right = rights.START_RUN
    section = "accounts"
    verb = "Collect"
    noun = "account,accounts"
    effect = "One inventory run reads these accounts with every collector, and nothing else."
    refusals = (RunRefused,)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this act."""
        return [Crumb("Accounts", self.back_href()), Crumb("Collect")]

    def back_href(self) -> str:
        """Return the list."""
        return self.href("accounts")

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the accounts; those that are not active or lie elsewhere stay."""
        rows = accounts(self.viewer, connection=self.connection).filter(account_id__in=keys)
        return [
            ChosenRow(
                row.account_id,
                row.name,
                row.account_id,
                reverse(
                    "account",
                    kwargs={"slug": self.connection.slug, "account_id": row.account_id},
                ),
                self._stays(row),
            )
            for row in rows.order_by("name", "account_id")
        ]

    def _stays(self, row: Account) -> str:
        if row.state != _ACTIVE:
            return "it is not active"
        if not self.may(rights.START_RUN, row.account_id):
            return "you may not start runs there"
        return ""

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """Ask for the run and lead to it."""
        run = accounts_collect(
            connection=self.connection,
            account_ids=keys,
            actor=actor_of(self.request),
            now=self.now,
        )
        said = f"Run {run.pk} of {counted(len(keys), self.noun)} is queued."
        return BulkDone(said, self.href("inventory-run", run_id=run.pk))
