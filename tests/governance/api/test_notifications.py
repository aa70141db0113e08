"""Programs and people read their own inbox over the API."""

import pytest
from django.test import Client

from governance.access import rights
from governance.access.models import ApiToken
from governance.notifications.models import Notification
from governance.notifications.spreading import spread_events
from tests.factories.people import person, token_of
from tests.governance.notifications.conftest import NOW, kinds, publish

__all__ = ["kinds"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
LIST = "/api/v1/notifications"


@pytest.fixture
def told(client):
    user = person("viewer")
    other = person("viewer")
    publish(title="First")
    publish(title="Second")
    spread_events(now=NOW)
    Notification.objects.filter(user=other, title="First").delete()
    client.force_login(user)
    return user


class TestNotifications:
    def test_lists_the_askers_own(self, client, told):
        page = client.get(f"{LIST}?state=unread&kind=test.happened").json()
        assert sorted(one["title"] for one in page["results"]) == ["First", "Second"]
        one = page["results"][0]
        assert one["page"] == "http://testserver/somewhere/"
        assert client.get(one["url"]).json() == one

    def test_refuses_filters_that_it_does_not_know(self, client, told):
        assert client.get(f"{LIST}?state=other").status_code == 400
        assert client.get(f"{LIST}?kind=other").status_code == 400
        assert client.get(f"{LIST}?colour=red").status_code == 400

    def test_marks_one_and_all_as_read(self, client, told):
        one = client.get(LIST).json()["results"][0]
        marked = client.post(f"{one['url']}/read")
        assert marked.json()["read_at"] is not None
        assert client.post(f"{LIST}/read").json() == {"marked": 1}
        assert client.get(f"{LIST}?state=unread").json()["results"] == []

    def test_does_not_find_what_is_somebody_elses(self, client, told):
        theirs = Notification.objects.exclude(user=told).get()
        assert client.get(f"{LIST}/{theirs.pk}").status_code == 404
        assert client.post(f"{LIST}/{theirs.pk}/read").status_code == 404
        assert client.get(f"{LIST}/{2**70}").status_code == 404

    def test_is_not_for_tokens_of_a_place(self, told):
        row, token = token_of(told, rights.VIEW_INVENTORY)
        program = Client(headers={"Authorization": f"Bearer {token}"})
        assert len(program.get(LIST).json()["results"]) == 2
        ApiToken.objects.filter(pk=row.pk).update(places=[[1, "ou-ab12-11111111"]])
        assert program.get(LIST).status_code == 403
