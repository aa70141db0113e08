"""What was told long ago is deleted; what is still to be told is not."""

from datetime import timedelta

import pytest

from governance.notifications.aging import age_out_notifications
from governance.notifications.models import (
    Message,
    Notification,
    OutboxEvent,
    WebhookAttempt,
    WebhookDelivery,
)
from governance.notifications.spreading import spread_events
from governance.notifications.webhooks.sending import send_due
from governance.outbound.client import OutboundAnswer
from tests.governance.notifications.conftest import NOW, publish, webhook_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]


def taken(url, **given):
    return OutboundAnswer(204, {}, "", False, 0.0, "93.184.215.14")


class TestAgeOutNotifications:
    def test_deletes_what_is_older_than_the_settings_say_in_batches(self, reader, clock):
        webhook_at("https://hooks.example.com/")
        for _ in range(7):
            publish()
        spread_events(now=NOW)
        send_due(clock=clock, send=taken)
        Message.objects.update(state=Message.State.SENT)
        later = NOW + timedelta(days=91)
        publish(now=later)
        spread_events(now=later)
        gone = age_out_notifications(now=later, batch=3)
        assert gone == {"deliveries": 7, "messages": 1, "notifications": 7, "events": 7}
        assert WebhookAttempt.objects.count() == 0
        assert Notification.objects.count() == 1
        assert OutboxEvent.objects.count() == 1

    def test_keeps_what_is_still_to_be_sent_however_old(self, reader):
        webhook_at("https://hooks.example.com/")
        publish()
        spread_events(now=NOW)
        publish()
        age_out_notifications(now=NOW + timedelta(days=400))
        assert OutboxEvent.objects.filter(state=OutboxEvent.State.QUEUED).count() == 1
        assert WebhookDelivery.objects.count() == 1
        assert Message.objects.get().notifications.count() == 1

    def test_stops_after_so_many_batches(self, reader):
        for _ in range(6):
            publish()
        spread_events(now=NOW)
        Message.objects.update(state=Message.State.SENT)
        gone = age_out_notifications(now=NOW + timedelta(days=400), batch=2, batches=2)
        assert gone["notifications"] == 4
