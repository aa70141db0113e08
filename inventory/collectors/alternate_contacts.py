"""Alternate contacts of an account: whom AWS writes to beside the root user."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.service_reading import FactReader, raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import ALTERNATE_CONTACTS

_CONTACTS: Final = {"security": "SECURITY", "billing": "BILLING", "operations": "OPERATIONS"}


def collect_alternate_contacts(account: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the account's alternate contacts by mail address: three calls.

    Names and telephone numbers are not kept. AWS: account:GetAlternateContact.
    """
    reader = FactReader()
    for name, kind in _CONTACTS.items():
        try:
            reader.read(
                account,
                [name],
                "get_alternate_contact",
                lambda answer, name=name: {  # type: ignore[misc]
                    name: answer["AlternateContact"]["EmailAddress"]
                },
                AlternateContactType=kind,
            )
        except AwsNotFound:
            reader.facts[name] = ""
        if reader.denied is not None:
            # One action allows all three: the others would be refused as well.
            reader.unknown |= dict.fromkeys(_CONTACTS, reader.denied.code)
            break
    yield ALTERNATE_CONTACTS.record(reader.facts, unknown=reader.unknown)
    raise_denied({"contacts": reader.denied})


COLLECTORS = (
    Collector(
        name=ALTERNATE_CONTACTS.collector,
        label="Alternate contacts",
        scope=Scope.GLOBAL,
        service="account",
        actions=(
            Action(
                "account:GetAlternateContact",
                "whether security, billing and operations contacts are set",
                given={"AlternateContactType": "SECURITY"},
            ),
        ),
        read=alone(collect_alternate_contacts),
        covers=rows_of(ALTERNATE_CONTACTS),
    ),
)
