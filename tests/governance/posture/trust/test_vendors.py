"""Accounts outside the organization have names: those given here go before the published ones."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from governance.posture.trust.models import ExternalParty
from governance.posture.trust.vendors import published_vendors, vendor_of
from tests.factories.people import UserFactory
from tests.factories.times import FIRST_RUN_AT

DATADOG, OURS = "464622532012", "999999999999"
PUBLISHED = Path("governance/posture/trust/vendors.json")
KNOWN = Path("../shared/data/known-aws-accounts/accounts.yaml")


class TestPublishedVendors:
    def test_each_account_belongs_to_one_party_and_names_its_source_and_the_day_it_was_read(self):
        parties = json.loads(PUBLISHED.read_text())["parties"]
        ids = [
            account_id
            for party in parties
            for account in party["accounts"]
            for account_id in account["ids"]
        ]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"\d{12}", account_id) for account_id in ids)
        assert all(one.source.startswith("https://") for one in published_vendors().values())
        days = {one.checked_on for one in published_vendors().values()}
        assert all(date.fromisoformat(day) for day in days)

    def test_gives_the_day_on_which_the_page_was_read(self):
        assert published_vendors()[DATADOG].checked_on == "2026-11-29"

    def test_parties_are_in_order_of_their_names(self):
        names = [party["name"] for party in json.loads(PUBLISHED.read_text())["parties"]]
        assert names == sorted(names, key=str.casefold)
        assert len(names) == len(set(names))

    @pytest.mark.skipif(not KNOWN.is_file(), reason="no list to compare with here")
    def test_none_is_given_to_another_party_than_a_list_of_known_accounts_gives_it_to(self):
        known = {
            account_id: f"{entry.get('type', '')} {entry['name']}".casefold()
            for entry in yaml.safe_load(KNOWN.read_text())
            for account_id in entry["accounts"]
        }
        differing = {
            account_id: (vendor.name, known[account_id])
            for account_id, vendor in published_vendors().items()
            if account_id in known and not any(word in known[account_id] for word in _words(vendor))
        }
        assert differing == {}


def _words(vendor):
    """Return what of a party's name, or of its kind, tells it apart."""
    words = re.findall(r"[a-z0-9]+", f"{vendor.kind} {vendor.name}".casefold())
    return [word for word in words if word != "vendor" and len(word) > 2]


class TestVendorOf:
    def test_names_what_vendors_publish_and_what_was_named_here(self, snapshot):
        ExternalParty.objects.create(
            connection=snapshot.connection,
            name="Harbour Partners",
            kind=ExternalParty.Kind.PARTNER,
            account_ids=[OURS],
            updated_by=UserFactory.create(),
            updated_at=FIRST_RUN_AT,
        )
        names = vendor_of(snapshot.connection)
        assert (names[DATADOG].name, names[DATADOG].is_named_here) == ("Datadog", False)
        assert (names[OURS].name, names[OURS].kind) == ("Harbour Partners", "partner")
        assert names[OURS].is_named_here

    def test_a_name_given_here_goes_before_the_published_one(self, snapshot):
        ExternalParty.objects.create(
            connection=snapshot.connection,
            name="Datadog EU",
            account_ids=[DATADOG],
            updated_by=UserFactory.create(),
            updated_at=FIRST_RUN_AT,
        )
        assert vendor_of(snapshot.connection)[DATADOG].name == "Datadog EU"
