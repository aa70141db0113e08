"""Rows of accounts and regions that are no longer read, on pages and in the API."""

import csv
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from inventory.models import Coverage
from inventory.selectors.last_readings import (
    UnreadableAccount,
    last_readings,
    region_readings,
)
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.principals import ACCOUNT_ID, RoleFactory
from tests.factories.resources import BucketFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT
from tests.factories.versions import changed

API = "/api/v1/organizations/acme"
OTHER = "999988887777"
SUSPENDED_AT = FIRST_RUN_AT + timedelta(days=3)
TITLE = "As of the last reading"
COLLECTORS = ("iam.authorization_details", "s3.buckets")
READ_AT = f"{FIRST_RUN_AT:%Y-%m-%dT%H:%M:%SZ}"
THEN = {"as_of": f"{FIRST_RUN_AT + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}


@pytest.fixture
def connection(db):
    """An organization with one account that was read and then suspended, and one that is read."""
    made = ConnectionFactory.create(slug="acme", name="Acme")
    account = AccountFactory.create(
        connection=made, account_id=ACCOUNT_ID, name="payments", seen_from=FIRST_RUN_AT
    )
    AccountFactory.create(connection=made, account_id=OTHER, name="web", seen_from=FIRST_RUN_AT)
    for account_id, name in ((ACCOUNT_ID, "old"), (OTHER, "new")):
        common = {"connection": made, "account_id": account_id, "seen_from": FIRST_RUN_AT}
        RoleFactory.create(name=f"{name}-role", **common)
        BucketFactory.create(name=f"{name}-bucket", **common)
    first = InventoryRunFactory.create(connection=made, started_at=FIRST_RUN_AT)
    second = InventoryRunFactory.create(connection=made, started_at=SUSPENDED_AT)
    for account_id in (ACCOUNT_ID, OTHER):
        for collector in COLLECTORS:
            CoverageFactory.create(run=first, account_id=account_id, collector=collector)
    changed(account, at=SUSPENDED_AT, state="SUSPENDED")
    for collector in COLLECTORS:
        CoverageFactory.create(
            run=second,
            account_id=ACCOUNT_ID,
            collector=collector,
            state=Coverage.State.UNSUPPORTED,
            message="the account is SUSPENDED: no role in it can be assumed",
        )
        CoverageFactory.create(run=second, account_id=OTHER, collector=collector)
    return made


@pytest.fixture
def get(client, connection):
    """Return a function that returns what an address answers to a viewer."""
    client.force_login(person("viewer"))

    def get(address, query=None):
        answer = client.get(address, query or {})
        assert answer.status_code == 200
        return answer

    return get


def arn_of(name, account_id=ACCOUNT_ID):
    return f"arn:aws:iam::{account_id}:role/{name}"


def page(name, **kwargs):
    return reverse(name, kwargs={"slug": "acme", **kwargs})


OF_SUSPENDED = {
    "account-iam": {"account_id": ACCOUNT_ID},
    "account-resources": {"account_id": ACCOUNT_ID},
    "principal": {"arn": arn_of("old-role")},
    "principal-history": {"arn": arn_of("old-role")},
    "resource-policy": {"resource_arn": "arn:aws:s3:::old-bucket"},
    "resource-policy-history": {"resource_arn": "arn:aws:s3:::old-bucket"},
}
OF_ACTIVE = {
    "account-iam": {"account_id": OTHER},
    "account-resources": {"account_id": OTHER},
    "principal": {"arn": arn_of("new-role", OTHER)},
    "resource-policy": {"resource_arn": "arn:aws:s3:::new-bucket"},
}


class TestLastReadings:
    def found(self, connection, viewer=Viewer(sees_inventory=True), as_of=None):  # noqa: B008
        return last_readings(
            viewer,
            connection=connection,
            account_ids=[ACCOUNT_ID, OTHER],
            collector="iam.",
            as_of=as_of,
        )

    def test_are_those_of_accounts_that_are_not_active(self, connection):
        reading = UnreadableAccount("SUSPENDED", FIRST_RUN_AT)
        assert self.found(connection) == {ACCOUNT_ID: reading}
        assert self.found(connection, as_of=SUSPENDED_AT) == {ACCOUNT_ID: reading}

    def test_are_none_before_the_account_was_suspended(self, connection):
        assert self.found(connection, as_of=FIRST_RUN_AT + timedelta(hours=1)) == {}

    def test_are_none_for_who_may_not_see_the_inventory(self, connection):
        assert self.found(connection, viewer=Viewer(sees_inventory=False)) == {}

    def test_take_the_oldest_of_several_collectors(self, connection):
        later = InventoryRunFactory.create(
            connection=connection, started_at=FIRST_RUN_AT + timedelta(days=5)
        )
        CoverageFactory.create(run=later, account_id=ACCOUNT_ID, collector="iam.saml_providers")
        assert self.found(connection)[ACCOUNT_ID].read_at == FIRST_RUN_AT

    def test_of_an_account_never_read_whole_have_no_time(self, connection):
        Coverage.objects.filter(account_id=ACCOUNT_ID).update(complete_before_at=None)
        assert self.found(connection) == {ACCOUNT_ID: UnreadableAccount("SUSPENDED", None)}


class TestPages:
    @pytest.mark.parametrize(("name", "kwargs"), OF_SUSPENDED.items())
    def test_of_a_suspended_account_say_when_it_was_read(self, get, name, kwargs):
        answer = get(page(name, **kwargs))
        text = answer.content.decode()
        assert answer.context["last_reading"] == UnreadableAccount("SUSPENDED", FIRST_RUN_AT)
        assert TITLE in text
        assert "state of the account is Suspended, so no role in it can be assumed." in text

    @pytest.mark.parametrize(("name", "kwargs"), OF_SUSPENDED.items())
    def test_of_a_time_before_do_not(self, get, name, kwargs):
        assert TITLE not in get(page(name, **kwargs), THEN).content.decode()

    @pytest.mark.parametrize(("name", "kwargs"), OF_ACTIVE.items())
    def test_of_an_account_that_is_read_do_not(self, get, name, kwargs):
        assert TITLE not in get(page(name, **kwargs)).content.decode()

    def test_say_that_the_time_is_not_known(self, get, connection):
        Coverage.objects.filter(account_id=ACCOUNT_ID).update(complete_before_at=None)
        text = get(page("principal", arn=arn_of("old-role"))).content.decode()
        assert "As of a reading of unknown time" in text
        assert "an unknown time" in get(page("principals")).content.decode()

    @pytest.mark.parametrize(
        ("name", "what"), [("principals", "role"), ("resource-policies", "bucket")]
    )
    def test_list_marks_only_the_rows_of_the_suspended_account(self, get, name, what):
        text = get(page(name)).content.decode()
        rows = {row.split("</tr>")[0] for row in text.split("<tr>")[1:]}
        (old,) = (row for row in rows if f">old-{what}<" in row)
        (new,) = (row for row in rows if f">new-{what}<" in row)
        assert "Suspended: as of" in old
        assert "as of" not in new

    @pytest.mark.parametrize(
        ("name", "what"), [("principals", "role"), ("resource-policies", "bucket")]
    )
    def test_export_has_the_time_only_of_the_suspended_account(self, get, name, what):
        answer = get(page(name), {"format": "csv"})
        content = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = {row["name"]: row for row in csv.DictReader(content.splitlines())}
        assert rows[f"old-{what}"]["as_of_last_reading"].startswith(f"{FIRST_RUN_AT:%Y-%m-%d}")
        assert rows[f"new-{what}"]["as_of_last_reading"] == ""


class TestRegionsNoLongerRead:
    """A queue in a region that its account disabled, beside one in a region that is read."""

    LEFT_AT = FIRST_RUN_AT + timedelta(days=4)

    @pytest.fixture
    def queues(self, connection):
        for name, region in (("left", "eu-south-2"), ("here", "eu-west-1")):
            BucketFactory.create(
                connection=connection,
                account_id=OTHER,
                seen_from=FIRST_RUN_AT,
                service="sqs",
                resource_type="queue",
                region=region,
                arn=f"arn:aws:sqs:{region}:{OTHER}:{name}",
                name=name,
            )
        for at, where in (
            (FIRST_RUN_AT, {}),
            (self.LEFT_AT, {"state": "unsupported", "error_code": "RegionNotRead"}),
        ):
            run = InventoryRunFactory.create(connection=connection, started_at=at)
            collector = {"collector": "applications.sqs_queues", "region": "eu-south-2"}
            CoverageFactory.create(run=run, account_id=OTHER, **collector, **where)

    def test_are_told_by_account_and_region_from_then_on(self, connection, queues):
        found = partial(
            region_readings,
            Viewer(sees_inventory=True),
            connection=connection,
            account_ids=[ACCOUNT_ID, OTHER],
        )
        assert found() == {(OTHER, "eu-south-2"): UnreadableAccount("ACTIVE", FIRST_RUN_AT)}
        assert found(as_of=FIRST_RUN_AT + timedelta(hours=1)) == {}

    def test_mark_their_rows_alone_on_page_and_api(self, get, queues):
        text = get(page("resource-policies")).content.decode()
        rows = [row.split("</tr>")[0] for row in text.split("<tr>")[1:]]
        marked = [row for row in rows if "Region no longer read: as of" in row]
        assert [">left<" in row for row in marked] == [True]
        listed = get(f"{API}/resource-policies?fields=name,last_reading").json()["results"]
        reading = {"account_state": "ACTIVE", "read_at": READ_AT}
        assert [row["name"] for row in listed if row["last_reading"] == reading] == ["left"]
        arn = f"arn:aws:sqs:eu-south-2:{OTHER}:left"
        assert get(f"{API}/resource-policies/{arn}").json()["last_reading"] == reading


class TestApi:
    READING = {"account_state": "SUSPENDED", "read_at": READ_AT}

    @pytest.mark.parametrize(
        ("name", "what"), [("principals", "role"), ("resource-policies", "bucket")]
    )
    def test_lists_mark_only_the_rows_of_the_suspended_account(self, get, name, what):
        rows = get(f"{API}/{name}?fields=name,last_reading").json()["results"]
        assert {row["name"]: row["last_reading"] for row in rows} == {
            f"old-{what}": self.READING,
            f"new-{what}": None,
        }
        then = get(f"{API}/{name}?fields=last_reading", THEN).json()["results"]
        assert [row["last_reading"] for row in then] == [None, None]

    @pytest.mark.parametrize(
        ("address", "reading"),
        [
            (f"accounts/{ACCOUNT_ID}/principals/role/old-role", READING),
            (f"accounts/{ACCOUNT_ID}/principals/role/old-role/policies", READING),
            ("resource-policies/arn:aws:s3:::old-bucket", READING),
            (f"accounts/{OTHER}/principals/role/new-role", None),
            (f"accounts/{OTHER}/principals/role/new-role/policies", None),
            ("resource-policies/arn:aws:s3:::new-bucket", None),
        ],
    )
    def test_details_tell_it(self, get, address, reading):
        assert get(f"{API}/{address}").json()["last_reading"] == reading
