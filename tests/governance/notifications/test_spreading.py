"""Who is told of what: inboxes, messages that wait, webhooks."""

from datetime import time, timedelta

import pytest

from governance.notifications.choices import chat_add, choices_save
from governance.notifications.inbox import (
    inbox,
    inbox_renew,
    mark_all_read,
    mark_read,
    unread_count,
)
from governance.notifications.models import (
    Message,
    Notification,
    NotificationWay,
    OutboxEvent,
    WebhookDelivery,
)
from governance.notifications.spreading import spread_events
from tests.factories.people import UserFactory, person, take_roles
from tests.governance.notifications.conftest import NOW, publish, webhook_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"


def choose(user, *ways, kind="test.happened", grouping=15, quiet=None):
    choices_save(user=user, ways={kind: ways}, grouping_minutes=grouping, quiet=quiet)


class TestSpreadEvents:
    def test_tells_whoever_holds_the_right_and_nobody_else(self, reader):
        UserFactory.create()
        person("viewer", is_active=False)
        publish(title="Run 4 failed")
        assert spread_events(now=NOW) == 1
        (one,) = Notification.objects.all()
        assert (one.user, one.title, one.lines) == (reader, "Run 4 failed", ["A detail"])
        assert OutboxEvent.objects.get().state == OutboxEvent.State.SPREAD

    def test_spreads_nothing_twice(self, reader):
        publish()
        spread_events(now=NOW)
        assert spread_events(now=NOW) == 0
        assert Notification.objects.count() == 1

    def test_tells_nobody_of_what_they_may_not_see(self, reader):
        publish(hidden=True)
        spread_events(now=NOW)
        assert not Notification.objects.exists()
        assert not Message.objects.exists()

    def test_groups_events_into_one_mail(self, reader):
        for number in range(3):
            publish(number=number)
        spread_events(now=NOW)
        publish()
        spread_events(now=NOW + timedelta(minutes=10))
        (message,) = Message.objects.all()
        assert message.notifications.count() == 4
        assert message.due_at == NOW + timedelta(minutes=15)

    def test_makes_a_mail_of_its_own_of_what_is_urgent(self, reader):
        choose(reader, NotificationWay.INBOX, NotificationWay.MAIL, quiet=(time(8), time(10)))
        publish()
        publish("test.urgent")
        spread_events(now=NOW)
        urgent, other = Message.objects.order_by("-urgent")
        assert (urgent.urgent, urgent.due_at) == (True, NOW)
        assert other.due_at == NOW + timedelta(hours=1)

    def test_tells_by_the_ways_that_a_person_chose(self, reader):
        chat = chat_add(user=reader, name="#aws", url=SLACK, now=NOW)
        choose(reader, NotificationWay.CHAT)
        publish()
        spread_events(now=NOW)
        (message,) = Message.objects.all()
        assert (message.way, message.chat) == (NotificationWay.CHAT, chat)
        assert unread_count(reader) == 0

    def test_tells_nothing_to_who_chose_no_way(self, reader):
        choose(reader)
        publish()
        spread_events(now=NOW)
        assert not Notification.objects.exists()

    def test_makes_no_mail_where_the_instance_sends_none(self, reader, settings):
        settings.MAIL_IS_SENT = False
        publish()
        spread_events(now=NOW)
        assert not Message.objects.exists()
        assert unread_count(reader) == 1

    def test_holds_up_nothing_because_of_an_event_without_words(self, reader):
        publish(raises=True)
        publish(title="Second")
        spread_events(now=NOW)
        assert [one.title for one in Notification.objects.all()] == ["Second"]
        failed = OutboxEvent.objects.get(state=OutboxEvent.State.QUEUED)
        assert "no words for it" in failed.last_error
        assert failed.due_at > NOW

    def test_gives_up_on_an_event_that_never_gets_words(self, reader):
        publish(raises=True)
        now = NOW
        for _ in range(8):
            spread_events(now=now)
            now += timedelta(days=1)
        assert OutboxEvent.objects.get().state == OutboxEvent.State.FAILED

    def test_takes_line_breaks_and_control_characters_out_of_titles(self, reader):
        publish(title="Policy a\r\nBcc: evil@example.com\x00 \u202egnp renamed")
        spread_events(now=NOW)
        title = Notification.objects.get().title
        assert title == "Policy a Bcc: evil@example.com\ufffd gnp renamed"

    def test_cuts_what_is_too_long_for_a_title(self, reader):
        publish(title="x" * 10_000)
        spread_events(now=NOW)
        assert len(Notification.objects.get().title) == 300

    def test_queues_one_delivery_for_each_webhook_that_wants_it(self, reader):
        webhook_at("https://a.example.com/")
        webhook_at("https://b.example.com/", name="other", kinds=["test.urgent"])
        off = webhook_at("https://c.example.com/", name="off")
        off.enabled = False
        off.save()
        publish(number=7)
        spread_events(now=NOW)
        (delivery,) = WebhookDelivery.objects.all()
        assert delivery.webhook.name == "siem"
        assert '"number":7' in delivery.body

    def test_looks_at_no_more_queries_for_many_events_than_batches_need(
        self, reader, django_assert_max_num_queries
    ):
        for number in range(50):
            publish(number=number)
        # Two a savepoint of each event; the rest once a batch.
        with django_assert_max_num_queries(50 * 2 + 25):
            spread_events(now=NOW)
        assert Notification.objects.count() == 50


class TestInbox:
    @pytest.fixture
    def told(self, reader):
        publish(title="First")
        publish(title="Second", now=NOW + timedelta(minutes=1))
        spread_events(now=NOW + timedelta(minutes=1))
        return reader

    def test_lists_the_newest_first_and_counts_what_is_unread(self, told):
        assert [one.title for one in inbox(told)] == ["Second", "First"]
        assert unread_count(told) == 2

    def test_marks_as_read_what_is_the_persons_own(self, told):
        (newest, _) = inbox(told)
        mark_read(user=told, notification_id=newest.pk, now=NOW)
        assert unread_count(told) == 1
        with pytest.raises(Notification.DoesNotExist):
            mark_read(user=person("viewer"), notification_id=newest.pk, now=NOW)

    def test_marks_nothing_that_came_after_the_page_was_made(self, told):
        assert mark_all_read(user=told, until=NOW, now=NOW) == 1
        assert [one.title for one in inbox(told) if one.read_at is None] == ["Second"]

    def test_hides_and_then_removes_what_may_no_longer_be_seen(self, told):
        take_roles(told)
        told = type(told).objects.get(pk=told.pk)
        assert list(inbox(told)) == []
        assert unread_count(told) == 0
        inbox_renew(told)
        assert not Notification.objects.exists()
