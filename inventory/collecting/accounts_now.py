"""Reads which accounts are below a root or OU at this moment; stores nothing."""

from dataclasses import dataclass, field
from typing import Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound

# Answers of AWS: about eight come in a second, so all of them take some twenty seconds.
_MOST_ANSWERS: Final = 160


class _TooMany(Exception):
    """There is more below a place than may be read while somebody waits."""


@dataclass
class AccountsBelow:
    """The accounts below places, each root and OU listed once and as long as there are not many.

    `accounts`: of each root and OU that was listed, the names of the accounts in it, by id.
    """

    organizations: AwsClient
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    _units: dict[str, list[str]] = field(default_factory=dict)
    _answers: int = 0

    def read(self, place: str) -> bool:
        """List the OUs and accounts below a root or OU; return whether all of them were.

        AWS: organizations:ListAccountsForParent, ListOrganizationalUnitsForParent.
        :raises AwsError: AWS refused, or did not answer in time.
        """
        waiting = [place]
        try:
            while waiting:
                waiting += self._listed(waiting.pop())
        except _TooMany:
            return False
        return True

    def _listed(self, unit_id: str) -> list[str]:
        """Return the OUs directly below one, whose accounts are then known. None of one gone."""
        if unit_id not in self._units:
            try:
                accounts = {
                    each["Id"]: each["Name"]
                    for each in self._all("list_accounts_for_parent", "Accounts", unit_id)
                }
                units = self._all(
                    "list_organizational_units_for_parent", "OrganizationalUnits", unit_id
                )
            except AwsNotFound:
                accounts, units = {}, []
            self.accounts[unit_id] = accounts
            self._units[unit_id] = [each["Id"] for each in units]
        return self._units[unit_id]

    def _all(self, operation: str, key: str, unit_id: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for page in self.organizations.pages(operation, ParentId=unit_id):
            if self._answers >= _MOST_ANSWERS:
                raise _TooMany
            self._answers += 1
            found += [{"Id": str(one["Id"]), "Name": str(one["Name"])} for one in page[key]]
        return found
