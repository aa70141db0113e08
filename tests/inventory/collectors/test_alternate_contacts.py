"""Alternate contacts, read from answers as account management gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied
from inventory.collectors.alternate_contacts import collect_alternate_contacts
from tests.inventory.collectors.service_stubs import read_partly
from tests.inventory.stubs import stubbed

OPERATION = "get_alternate_contact"


@pytest.fixture
def account():
    with stubbed("account") as aws:
        yield aws


def test_yields_mail_addresses_and_no_names_or_numbers(account):
    account.answers(
        OPERATION,
        {
            "AlternateContact": {
                "EmailAddress": "security@example.com",
                "Name": "Marit Solberg",
                "PhoneNumber": "+49 40 1",
                "Title": "CISO",
            }
        },
        AlternateContactType="SECURITY",
    )
    for kind in ("BILLING", "OPERATIONS"):
        account.stubber.add_client_error(
            OPERATION,
            "ResourceNotFoundException",
            expected_params={"AlternateContactType": kind},
        )
    [found] = collect_alternate_contacts(account.client)
    assert found.facts == {"security": "security@example.com", "billing": "", "operations": ""}
    assert found.region == "global"


def test_asks_once_where_it_may_not_be_read(account):
    account.refuses(OPERATION)
    [found] = read_partly(AwsPartlyDenied, collect_alternate_contacts(account.client))
    assert found.facts == {"security": None, "billing": None, "operations": None}
    assert set(found.unknown) == {"security", "billing", "operations"}
