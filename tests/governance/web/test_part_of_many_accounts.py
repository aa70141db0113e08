"""What somebody sees who sees three OUs of an organization with 10,000 accounts, at what cost."""

import re
from collections import Counter

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access.sessions import store
from governance.inbox.models import InboxItem, InboxReading
from inventory.models import Account
from inventory.viewing import Place
from tests.factories.connections import ConnectionFactory
from tests.factories.findings import InboxItemFactory
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    RootFactory,
)
from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

OUS, IN_EACH = 40, 250
SEEN = frozenset({3, 17, 31})
_ACCOUNT = re.compile(r"acct-(\d\d)-(\d{3})")


@pytest.fixture
def connection():
    made = ConnectionFactory.create()
    OrganizationFactory.create(connection=made)
    RootFactory.create(connection=made)
    for source in InboxItem.Source.values:
        InboxReading.objects.create(connection=made, source=source, mark="1", read_at=FIRST_RUN_AT)
    return made


@pytest.fixture
def units(connection):
    return [
        OrganizationalUnitFactory.create(connection=connection, name=f"Unit-{number:02d}")
        for number in range(OUS)
    ]


@pytest.fixture
def vera(client, connection, units, monkeypatch):
    # Once a minute a session notes its use, in three queries of its own.
    monkeypatch.setattr(store, "_USE_IS_NOTED_EVERY_SECONDS", 3600)
    places = [Place(connection.pk, units[number].target_id) for number in sorted(SEEN)]
    client.force_login(person("viewer", *places, username="vera"))
    return client


def fields_of(made):
    """Return what a row that was built is made of, to make others like it."""
    return {
        field.attname: getattr(made, field.attname)
        for field in made._meta.concrete_fields
        if not field.primary_key and not field.generated
    }


def fill(connection, units, numbers):
    """Put accounts with these numbers into each OU, each with one finding."""
    account = fields_of(AccountFactory.build(connection=connection))
    item = fields_of(InboxItemFactory.build(connection=connection, target_kind="ACCOUNT"))
    accounts, items = [], []
    for place, unit in enumerate(units):
        for number in numbers:
            key, name = f"2{place:03d}{number:08d}", f"acct-{place:02d}-{number:03d}"
            lies = {"parent_id": unit.target_id, "path": unit.path, "fingerprint": key}
            accounts.append(Account(**{**account, **lies, "account_id": key, "name": name}))
            about = {"source_key": key, "target_id": key, "account_id": key, "title": name}
            items.append(InboxItem(**{**item, **about}))
    Account.objects.bulk_create(accounts)
    InboxItem.objects.bulk_create(items)


def seen_in(answer):
    """Return the accounts that an answer names: how many of which OU."""
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Counter(int(unit) for unit, _ in set(_ACCOUNT.findall(body.decode())))


def addresses(connection, units):
    """Return what is asked: a name → its address."""

    def page(name, query="", **kwargs):
        return reverse(name, kwargs={"slug": connection.slug, **kwargs}) + query

    api = f"/api/v1/organizations/{connection.slug}"
    shown = units[min(SEEN)].target_id
    return {
        "account list": page("accounts"),
        "its last page": page("accounts", "?page=15"),
        "accounts searched": page("accounts", "?q=acct"),
        "accounts exported": page("accounts", "?format=csv"),
        "OU tree": page("organization"),
        "an OU opened": page("organization-children", target_id=shown),
        "findings": page("findings"),
        "findings exported": page("findings", "?format=csv"),
        "palette": page("palette", "?q=acct"),
        "accounts over REST": f"{api}/accounts?limit=1000",
        "findings over REST": f"{api}/findings?limit=1000",
    }


def asked(client, connection, units):
    """Ask each address twice; return what the second answer names, and how many queries it took."""
    found = {}
    for name, address in addresses(connection, units).items():
        seen_in(client.get(address))
        with CaptureQueriesContext(database) as captured:
            counts = seen_in(client.get(address))
        found[name] = (counts, len(captured))
    return found


def test_shows_only_their_accounts_and_costs_the_same_queries(vera, connection, units):
    fill(connection, units, range(1))
    few = asked(vera, connection, units)
    fill(connection, units, range(1, IN_EACH))
    many = asked(vera, connection, units)

    assert Account.objects.count() == OUS * IN_EACH
    beyond = {name: counts for name, (counts, _) in many.items() if not set(counts) <= SEEN}
    assert beyond == {}
    all_of_them = dict.fromkeys(SEEN, IN_EACH)
    for name in (
        "accounts exported",
        "findings exported",
        "accounts over REST",
        "findings over REST",
    ):
        assert many[name][0] == all_of_them, name
    assert many["accounts searched"][0].total() == many["account list"][0].total() > 0
    assert many["an OU opened"][0].keys() == {min(SEEN)}
    assert many["palette"][0].total() > 0
    # An export reads 500 rows at a time, findings in three queries.
    allowed = {name: few[name][1] + (6 if "exported" in name else 0) for name in few}
    over = {name: queries for name, (_, queries) in many.items() if queries > allowed[name]}
    assert over == {}


def test_finds_nothing_of_what_lies_elsewhere(vera, connection, units):
    fill(connection, units, range(2))
    slug, elsewhere = connection.slug, units[4]
    account_id = f"2{4:03d}{1:08d}"
    # Where nothing has that name, the palette offers similar ones: of what she sees alone.
    found = vera.get(reverse("palette", kwargs={"slug": slug}) + "?q=acct-04")
    assert set(seen_in(found)) <= SEEN
    assert "Nothing is named “acct-04”" in found.content.decode()
    assert not seen_in(vera.get(reverse("accounts", kwargs={"slug": slug}) + "?q=acct-04"))
    assert not seen_in(vera.get(reverse("findings", kwargs={"slug": slug}) + "?q=acct-04"))
    for address in (
        reverse("account", kwargs={"slug": slug, "account_id": account_id}),
        reverse("organization-children", kwargs={"slug": slug, "target_id": elsewhere.target_id}),
        f"/api/v1/organizations/{slug}/accounts/{account_id}",
    ):
        assert vera.get(address).status_code == 404, address
