"""Findings over the API: listed, read with their history, and worked on in bulk."""

import pytest
from rest_framework.test import APIClient

from governance.inbox.models import InboxItem, InboxReading
from inventory.viewing import Place
from tests.factories.findings import InboxItemFactory
from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT

URL = "/api/v1/organizations/acme/findings"
PAYMENTS, WEBSITE = "222222222222", "222222222223"


@pytest.fixture
def item(acme):
    InboxReading.objects.create(
        connection=acme.connection, source="trust", mark="1", read_at=FIRST_RUN_AT
    )
    return lambda **values: InboxItemFactory.create(connection=acme.connection, **values)


@pytest.fixture
def ada(acme):
    client = APIClient()
    client.force_login(person("security", username="ada"))
    return client


def act(client, **body):
    return client.post(f"{URL}/acts", body, format="json")


class TestList:
    def test_gives_the_worst_first_page_by_page(self, ada, item):
        item(title="low", severity="low")
        item(title="critical", severity="critical")
        first = ada.get(f"{URL}?limit=1").json()
        second = ada.get(first["next"]).json()

        titles = [page["results"][0]["title"] for page in (first, second)]
        assert titles == ["critical", "low"]
        item(title="later", state="snoozed", snoozed_until=FIRST_RUN_AT.date(), set_aside_for="x")
        by_state = ada.get(f"{URL}?ordering=-state").json()["results"]
        assert [one["title"] for one in by_state][:1] == ["later"]

    def test_is_null_where_nothing_was_ever_looked_at(self, ada, acme):
        assert ada.get(URL).json()["results"] is None

    def test_filters_as_the_screen_does(self, ada, item):
        item(title="mine", account_id=WEBSITE, target_id=WEBSITE)
        item(title="gone", state="resolved", resolved_at=FIRST_RUN_AT)
        found = ada.get(f"{URL}?target_id={WEBSITE}").json()["results"]
        gone = ada.get(f"{URL}?state=resolved").json()["results"]

        assert [one["title"] for one in found] == ["mine"]
        assert [one["title"] for one in gone] == ["gone"]


class TestDetail:
    def test_tells_its_history(self, ada, item):
        made = item()
        act(ada, act="comment", ids=[made.pk], text="Asked.")
        serialized = ada.get(f"{URL}/{made.pk}").json()

        assert [one["what"] for one in serialized["history"]] == ["comment", "found"]
        assert serialized["history"][0]["actor"] == "ada"

    def test_is_not_found_where_it_may_not_be_seen(self, acme, item):
        hidden = item(account_id=WEBSITE, target_id=WEBSITE)
        client = APIClient()
        client.force_login(person("viewer", Place(acme.connection.pk, PAYMENTS)))

        assert client.get(f"{URL}/{hidden.pk}").status_code == 404


class TestActs:
    def test_previews_and_then_assigns_many(self, ada, item):
        ids = [item().pk, item().pk]
        preview = act(ada, act="assign", ids=ids, dry_run=True).json()
        done = act(ada, act="assign", ids=ids, assignee="ada").json()

        assert (preview["applied"], preview["findings"]) == (False, 2)
        assert done["ids"] == ids
        assert set(InboxItem.objects.values_list("assignee__username", flat=True)) == {"ada"}

    def test_names_the_member_that_an_act_needs(self, ada, item):
        answer = act(ada, act="snooze", ids=[item().pk])
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "#/until"

    def test_says_why_nothing_could_be_done(self, ada, item):
        answer = act(ada, act="return", ids=[item().pk])
        assert (answer.status_code, answer.json()["detail"]) == (409, "it is open")

    def test_a_viewer_may_not(self, viewer, item):
        assert act(viewer, act="return", ids=[item().pk]).status_code == 403
