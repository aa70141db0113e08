"""The inbox of findings on screen."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse

from governance.inbox.models import InboxEvent, InboxItem, InboxReading
from governance.web.findings import timeline
from inventory.viewing import Place
from tests.factories.edits import NOW
from tests.factories.findings import InboxItemFactory
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE = "222222222222", "222222222223"


@pytest.fixture
def connection():
    made = organization_snapshot().connection
    for source in InboxItem.Source.values:
        InboxReading.objects.create(connection=made, source=source, mark="1", read_at=FIRST_RUN_AT)
    return made


@pytest.fixture
def item(connection):
    return lambda **values: InboxItemFactory.create(connection=connection, **values)


@pytest.fixture
def ada(client, connection):
    client.force_login(person("security", username="ada"))
    return client


def address(connection, name="findings", **kwargs):
    return reverse(name, kwargs={"slug": connection.slug, **kwargs})


class TestInbox:
    def test_lists_the_worst_first_with_place_state_and_age(self, ada, connection, item):
        item(title="Lesser", severity="low")
        item(title="Worse", severity="critical", verified=False)
        text = ada.get(address(connection)).content.decode()

        assert text.index("Worse") < text.index("Lesser")
        assert "Trust · payments, deploy" in text
        assert "Not verified" in text
        assert "No log source" in text

    def test_counts_in_tabs_what_the_rows_then_show(self, ada, connection, item):
        item()
        item(source="structure")
        page = ada.get(address(connection))

        assert {tab.label: tab.count for tab in page.context["tabs"]} == {
            "All": 2, "Structure": 1, "Trust": 1, "Guardrails": 0, "Drift": 0,
            "Landing zone": 0, "Detections": 0, "Timeline": None, "Ignore rules": 0,
        }  # fmt: skip
        only = ada.get(address(connection) + "?source=structure")
        assert len(only.context["rows"].object_list) == 1

    def test_says_which_source_could_not_be_judged(self, ada, connection, item):
        InboxReading.objects.filter(source="drift").update(problem="No baseline was adopted.")
        text = ada.get(address(connection)).content.decode()

        assert "Drift could not be checked" in text
        assert "No baseline was adopted." in text

    def test_goes_on_after_the_last_row_of_a_page(self, ada, connection, item):
        for number in range(27):
            item(title=f"finding {number}")
        first = ada.get(address(connection))
        second = ada.get(address(connection) + first.context["next_href"])

        titles = [
            row.item.title for page in (first, second) for row in page.context["rows"].object_list
        ]
        assert len(titles) == len(set(titles)) == 27

    def test_opens_one_in_the_panel_by_the_address(self, ada, connection, item):
        made = item(title="Panel of mine")
        text = ada.get(address(connection) + f"?item={made.pk}").content.decode()

        assert 'aria-label="Finding"' in text
        assert "Snooze…" in text

    def test_exports_what_was_chosen(self, ada, connection, item):
        one, _ = item(title="chosen"), item(title="other")
        answer = ada.get(address(connection) + f"?id={one.pk}&format=csv")
        text = b"".join(answer.streaming_content).decode()

        assert "chosen" in text
        assert "other" not in text


class TestWhoSees:
    def test_shows_nothing_of_what_lies_elsewhere(self, client, connection, item):
        hidden = item(title="secret of website", account_id=WEBSITE, target_id=WEBSITE)
        client.force_login(person("viewer", Place(connection.pk, PAYMENTS)))

        assert "secret" not in client.get(address(connection)).content.decode()
        assert "secret" not in client.get(address(connection, "finding-timeline")).content.decode()
        gone = client.get(address(connection, "finding-item", item_id=hidden.pk))
        assert gone.status_code == HTTPStatus.NOT_FOUND

    def test_offers_no_act_to_who_may_only_look(self, client, connection, item):
        made = item()
        client.force_login(person("viewer"))
        text = client.get(address(connection) + f"?item={made.pk}").content.decode()

        assert "Snooze…" not in text
        answer = client.post(address(connection, "finding-act"), {"act": "assign"})
        assert answer.status_code == HTTPStatus.FORBIDDEN


class TestActs:
    def test_says_what_an_act_reaches_before_it_is_done(self, ada, connection, item):
        one, done = item(), item(state="resolved", resolved_at=NOW)
        query = f"?act=snooze&item={one.pk}&item={done.pk}"
        text = ada.get(address(connection, "finding-act") + query).content.decode()

        assert "1 of 2" in text
        assert "it is resolved" in text

    def test_assigns_many_at_once(self, ada, connection, item):
        made = [item(), item()]
        ada.post(
            address(connection, "finding-act"),
            {"act": "assign", "assignee": "ada", "item": [one.pk for one in made]},
        )
        assert set(InboxItem.objects.values_list("state", flat=True)) == {"assigned"}

    def test_says_what_is_wrong_with_a_day(self, ada, connection, item):
        answer = ada.post(
            address(connection, "finding-act"),
            {"act": "mute", "item": item().pk, "until": "soon", "reason": "x"},
            follow=True,
        )
        assert "Choose a day" in answer.content.decode()

    def test_keeps_a_comment(self, ada, connection, item):
        made = item()
        where = address(connection, "finding-item", item_id=made.pk)
        answer = ada.post(where, {"text": "<b>Asked</b> the vendor."}, follow=True)

        assert "&lt;b&gt;Asked&lt;/b&gt; the vendor." in answer.content.decode()


class TestTimeline:
    def test_tells_what_was_found_and_resolved_by_day(self, ada, connection, item):
        made = item(title="came and went", state="resolved", resolved_at=NOW)
        InboxEvent.objects.create(item=made, at=FIRST_RUN_AT + timedelta(days=1), what="resolved")
        text = ada.get(address(connection, "finding-timeline")).content.decode()

        assert text.count("came and went") == 2
        assert "No longer found" in text

    def test_goes_from_page_to_page_by_the_row_before_and_back(
        self, ada, connection, item, monkeypatch
    ):
        monkeypatch.setattr(timeline, "_PAGE_SIZE", 2)
        titles = [f"finding {number}" for number in range(5)]
        for number, title in enumerate(titles):
            item(title=title, first_seen_at=FIRST_RUN_AT + timedelta(hours=number))

        def page(query):
            answer = ada.get(address(connection, "finding-timeline") + query)
            rows = answer.context["rows"].object_list
            return [event.item.title for event in rows], answer.context

        first, links = page("")
        assert first == titles[:2:-1]
        # What comes meanwhile moves no later page.
        item(title="new", first_seen_at=FIRST_RUN_AT + timedelta(days=1))
        second, links = page(links["next_href"])
        assert second == titles[2:0:-1]
        last, links = page(links["next_href"])
        assert (last, links["next_href"]) == (titles[:1], "")
        assert page(links["previous_href"])[0] == second
        refused = ada.get(address(connection, "finding-timeline") + "?after_row=none")
        assert refused.status_code == HTTPStatus.BAD_REQUEST
