"""The inbox with its bell, and what a person chooses to be told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.notifications.choices import choices_of
from governance.notifications.models import ChatAddress, Notification, NotificationWay, OutboxEvent
from governance.notifications.people import viewer_digest
from inventory.viewing import Viewer
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
INBOX, CHOICES = reverse("inbox"), reverse("notification-choices")


@pytest.fixture
def reader(client):
    user = person("viewer", username="ada")
    client.force_login(user)
    return user


def told(user, title="Run 4 failed", *, minutes=0, **more):
    now = timezone.now() - timedelta(minutes=minutes)
    event = OutboxEvent.objects.create(
        kind="run.failed", occurred_at=now, due_at=now, state=OutboxEvent.State.SPREAD
    )
    given = {"kind": "run.failed", "lines": ["The reason"], "path": "/start/"} | more
    return Notification.objects.create(
        user=user,
        event=event,
        title=title,
        seen_as=viewer_digest(Viewer(sees_inventory=True)),
        occurred_at=now,
        **given,
    )


def text(answer):
    return answer.content.decode()


class TestInbox:
    def test_shows_only_the_persons_own_and_escapes_them(self, client, reader):
        told(reader, "Policy <script>alert(1)</script> changed")
        told(person("viewer"), "Of someone else")
        page = text(client.get(INBOX))
        assert "Policy &lt;script&gt;alert(1)&lt;/script&gt; changed" in page
        assert "Of someone else" not in page

    def test_says_why_it_is_empty(self, client, reader):
        assert "No notification yet" in text(client.get(INBOX))
        assert "No notification matches the filters" in text(client.get(f"{INBOX}?state=unread"))

    def test_filters_by_state_and_kind_and_refuses_other_values(self, client, reader):
        told(reader, "Read one", read_at=timezone.now())
        told(reader, "Unread one")
        assert "Read one" not in text(client.get(f"{INBOX}?state=unread"))
        assert "Unread one" not in text(client.get(f"{INBOX}?kind=token.ending"))
        assert client.get(f"{INBOX}?state=other").status_code == 400

    def test_leads_to_what_it_is_about_and_is_read_then(self, client, reader):
        one = told(reader)
        answer = client.get(reverse("notification", kwargs={"notification_id": one.pk}))
        assert (answer.status_code, answer["Location"]) == (302, "/start/")
        one.refresh_from_db()
        assert one.read_at is not None

    def test_never_leads_to_another_host(self, client, reader):
        one = told(reader, path="//evil.example.com/")
        answer = client.get(reverse("notification", kwargs={"notification_id": one.pk}))
        assert answer["Location"] == INBOX

    def test_does_not_find_what_is_somebody_elses(self, client, reader):
        one = told(person("viewer"))
        given = {"notification_id": one.pk}
        assert client.get(reverse("notification", kwargs=given)).status_code == 404
        marked = client.post(reverse("notification-mark", kwargs=given), {"read": "true"})
        assert marked.status_code == 404

    def test_marks_one_and_all(self, client, reader):
        first, second = told(reader, minutes=5), told(reader)
        mark = reverse("notification-mark", kwargs={"notification_id": first.pk})
        client.post(mark, {"read": "true"})
        assert Notification.objects.filter(read_at__isnull=False).get() == first
        client.post(mark, {"read": "false"})
        client.post(reverse("inbox-mark-all-read"), {"until": timezone.now().isoformat()})
        assert not Notification.objects.filter(read_at__isnull=True).exists()
        assert second.pk
        bad = client.post(reverse("inbox-mark-all-read"), {"until": "soon"})
        assert bad.status_code == 400

    def test_bell_counts_what_is_unread(self, client, reader):
        told(reader)
        told(reader, read_at=timezone.now())
        bell = text(client.get(reverse("inbox-bell")))
        assert "1 unread notification" in bell
        assert reverse("inbox-bell") in text(client.get(INBOX))

    def test_needs_a_sign_in(self, client):
        assert client.get(INBOX).status_code == 302


class TestChoices:
    def test_offers_only_kinds_that_the_person_may_be_told_of(self, client, reader):
        page = text(client.get(CHOICES))
        assert "Policy changed" in page
        assert "Webhook switched off" not in page
        client.force_login(UserFactory.create())
        page = text(client.get(CHOICES))
        assert "Policy changed" not in page
        assert "API token expires soon" in page

    def test_keeps_what_was_chosen(self, client, reader):
        given = {
            "policy.changed:inbox": "on",
            "policy.changed:mail": "on",
            "grouping_minutes": "60",
            "quiet_from": "22:00",
            "quiet_until": "07:00",
        }
        assert client.post(CHOICES, given).status_code == 302
        choices = choices_of([reader])[reader.pk]
        assert choices.ways_of("policy.changed") == {NotificationWay.INBOX, NotificationWay.MAIL}
        assert choices.ways_of("run.failed") == frozenset()
        assert choices.timing.quiet is not None
        page = text(client.get(CHOICES))
        assert 'value="22:00"' in page

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"grouping_minutes": "7"}, "grouping_minutes"),
            ({"grouping_minutes": "15", "quiet_from": "22:00"}, "quiet_until"),
            ({"grouping_minutes": "15", "quiet_until": "22:00"}, "quiet_from"),
            ({"grouping_minutes": "15", "quiet_from": "25:00"}, "quiet_from"),
            (
                {"grouping_minutes": "15", "quiet_from": "07:00", "quiet_until": "07:00"},
                "quiet_until",
            ),
        ],
    )
    def test_says_by_field_what_is_wrong(self, client, reader, given, field):
        answer = client.post(CHOICES, given)
        assert list(answer.context["timing"].errors) == [field]

    def test_a_box_that_cannot_be_ticked_stays_as_it_was(self, client, reader, settings):
        settings.MAIL_IS_SENT = False
        client.post(CHOICES, {"token.ending:inbox": "on", "grouping_minutes": "15"})
        choices = choices_of([reader])[reader.pk]
        assert choices.ways_of("token.ending") == {NotificationWay.INBOX, NotificationWay.MAIL}


class TestChats:
    def test_keeps_an_address_sealed_and_shows_it_no_more(self, client, reader):
        client.post(reverse("chat-add"), {"name": "#aws", "url": SLACK})
        chat = ChatAddress.objects.get()
        assert "TIiajkdnlazkcOXrIdevi7" not in chat.sealed_url
        page = text(client.get(CHOICES))
        assert "#aws" in page
        assert "TIiajkdnlazkcOXrIdevi7" not in page

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"name": "", "url": SLACK}, "name"),
            ({"name": "#aws", "url": ""}, "url"),
            ({"name": "#aws", "url": "json://localhost/"}, "url"),
            ({"name": "#aws", "url": "https://evil.example.com/"}, "url"),
        ],
    )
    def test_says_by_field_what_is_wrong_and_does_not_send_the_address_back(
        self, client, reader, given, field
    ):
        answer = client.post(reverse("chat-add"), given)
        assert list(answer.context["chat_form"].errors) == [field]
        assert "TIiajkdnlazkcOXrIdevi7" not in text(answer)
        assert not ChatAddress.objects.exists()

    def test_is_removed_by_its_person_alone(self, client, reader):
        client.post(reverse("chat-add"), {"name": "#aws", "url": SLACK})
        chat = ChatAddress.objects.get()
        remove = reverse("chat-remove", kwargs={"chat_id": chat.pk})
        client.force_login(person("viewer"))
        assert client.post(remove).status_code == 404
        assert client.post(reverse("chat-test", kwargs={"chat_id": chat.pk})).status_code == 404
        client.force_login(reader)
        assert client.post(remove).status_code == 302
        assert not ChatAddress.objects.exists()

    def test_says_what_to_set_where_there_is_no_key(self, client, reader, settings):
        settings.SEALING_KEYS = []
        assert "ORGWARDEN_SEALING_KEY_FILE" in text(client.get(CHOICES))
        answer = client.post(reverse("chat-add"), {"name": "#aws", "url": SLACK})
        assert "ORGWARDEN_SEALING_KEY_FILE" in text(answer)
