"""Whose an account outside the organization is, by name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from governance.posture.trust.models import ExternalParty
from inventory.models import Connection

AWS: Final = "aws"
"""The kind of an account from which an AWS service acts."""

_PUBLISHED: Final = Path(__file__).with_name("vendors.json")


@dataclass(frozen=True, slots=True)
class VendorName:
    """Who holds an account.

    `kind`: of `ExternalParty.Kind`, or `aws`. `source`: the address of the page on which the vendor
    publishes the account; empty: somebody named it here. `checked_on`: when that page was read, as
    `YYYY-MM-DD`; empty: not looked up; written from general knowledge.
    """

    name: str
    kind: str
    source: str = ""
    checked_on: str = ""

    @property
    def is_named_here(self) -> bool:
        """Whether somebody named the account here, rather than its vendor in public."""
        return not self.source


def vendor_of(connection: Connection) -> Mapping[str, VendorName]:
    """Return who holds which account, by account id: as named here, else as vendors publish it."""
    named = {
        account_id: VendorName(party.name, party.kind)
        for party in ExternalParty.objects.filter(connection=connection)
        for account_id in party.account_ids
    }
    return MappingProxyType({**published_vendors(), **named})


@cache
def published_vendors() -> Mapping[str, VendorName]:
    """Return the accounts that vendors and AWS publish, by account id."""
    content = json.loads(_PUBLISHED.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            account_id: VendorName(
                party["name"], party["kind"], account["source"], account["checked_on"] or ""
            )
            for party in content["parties"]
            for account in party["accounts"]
            for account_id in account["ids"]
        }
    )
