"""What the history of a trail is made from, and how texts of the files get their values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.cloudtrail.plan import CloudTrailPlan
from demo.seeding.plan import AccountPlan
from demo.seeding.reading import BadOrganization, Node
from demo.seeding.variables import substituted
from demo.simulator.organizations.state import Organization


@dataclass(frozen=True, slots=True)
class HistoryInput:
    """`variables`: what `<name>` stands for in each account, by its id."""

    plan: CloudTrailPlan
    organization: Organization
    accounts: tuple[AccountPlan, ...]
    variables: Mapping[str, Mapping[str, str]]
    seeded_at: datetime

    def check_accounts(self) -> None:
        """:raises BadOrganization: the files name an account that is not there."""
        names = {account.name for account in self.accounts}
        named = [name for each in self.plan.activities for name in each.accounts]
        named += [each.account for each in self.plan.planted]
        named += [each.account for each in self.plan.missing]
        for name in named:
            if name not in names:
                raise BadOrganization(f"CloudTrail: there is no account {name!r}")


def filled_text(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with its values.

    :raises BadOrganization: there is no such name.
    """
    return str(substituted(Node("CloudTrail", text), variables))


def filled_value(value: Any, variables: Mapping[str, str]) -> Any:
    """Return a value with the values of all texts in it.

    :raises BadOrganization: there is no such name.
    """
    return substituted(Node("CloudTrail", value), variables)
