"""Webhooks: what may be one, what is sent, and what becomes of failures."""

import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Receiving
from standardwebhooks import WebhookVerificationError

from governance.audit.models import AuditEntry
from governance.notifications.models import (
    Notification,
    OutboxEvent,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from governance.notifications.sealing import SealingUnavailable
from governance.notifications.spreading import spread_events
from governance.notifications.webhooks import services
from governance.notifications.webhooks.sending import send_due, send_now
from governance.outbound.client import CallFailed, OutboundAnswer
from tests.factories.people import person
from tests.governance.notifications.conftest import ACTOR, NOW, publish, webhook_at
from tests.governance.outbound.receiver import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
_STATES = WebhookDelivery.State


@pytest.fixture
def receiver(settings):
    with Receiver() as running:
        settings.OUTBOUND_ALLOWED = [running.origin]
        yield running


def make(url, name="siem", **more):
    given = {"kinds_wanted": [], "connection": None, "now": NOW} | more
    return services.webhook_create(actor=ACTOR, name=name, url=url, **given)


def answering(status, **headers):
    """Return a client that gets this answer."""

    def send(url, **given):
        return OutboundAnswer(status, headers, "", False, 0.1, "93.184.215.14")

    return send


def unreachable(url, **given):
    raise CallFailed("no connection to hooks.example.com")


class TestWebhookCreate:
    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("http://93.184.215.14/", "http"),
            ("https://127.0.0.1/", "not public"),
            ("https://169.254.169.254/latest/meta-data/", "not public"),
            ("https://[::ffff:10.0.0.1]/", "not public"),
            ("https://[64:ff9b::a9fe:a9fe]/", "not public"),
            ("https://no-such-host.invalid/", "does not resolve"),
            ("https://93.184.215.14/\r\nX-Evil: 1", "line breaks"),
            ("slack://T1/A1/x", "https://"),
            ("", "empty"),
        ],
    )
    def test_refuses_an_address_that_may_not_be_called_and_says_why(self, url, said):
        with pytest.raises(services.WebhookInvalid, match=said) as caught:
            make(url)
        assert set(caught.value.fields) == {"url"}
        assert not Webhook.objects.exists()

    def test_refuses_kinds_that_there_are_not_and_a_name_that_is_used(self):
        webhook_at("https://hooks.example.com/")
        with pytest.raises(services.WebhookInvalid, match=r"no\.such") as caught:
            webhook_at("https://hooks.example.com/", name="", kinds=["no.such"])
        assert set(caught.value.fields) == {"name", "kinds"}
        with pytest.raises(services.WebhookInvalid, match="called siem already"):
            webhook_at("https://hooks.example.com/")

    def test_refuses_where_there_is_no_key_to_keep_the_secret_with(self, settings):
        settings.SEALING_KEYS = []
        with pytest.raises(SealingUnavailable):
            webhook_at("https://hooks.example.com/")

    def test_keeps_the_secret_sealed_and_out_of_the_audit_log(self, receiver):
        webhook, secret = make(f"{receiver.origin}/path-that-is-secret")
        assert secret.startswith("whsec_")
        row = Webhook.objects.filter(pk=webhook.pk).values().get()
        assert secret not in str(row)
        entry = AuditEntry.objects.get(action="webhook.create")
        assert entry.after is not None
        assert secret not in str(entry.after)
        assert "path-that-is-secret" not in str(entry.after)
        assert entry.after["origin"] == receiver.origin


class TestSigning:
    def test_signs_as_the_library_of_standard_webhooks_verifies(self, receiver, clock):
        _, secret = make(f"{receiver.origin}/hook")
        publish(title="Run 4 failed", number=4)
        spread_events(now=clock())
        assert send_due(clock=clock) == 1
        (one,) = receiver.received
        assert one.path == "/hook"
        # The library holds to the clock of the machine.
        signer = Receiving(secret)
        assert one.headers["webhook-signature"] == signer.sign(
            one.headers["webhook-id"], NOW, one.body.decode()
        )
        told = json.loads(one.body)
        assert told["type"] == "test.happened"
        assert told["timestamp"] == "2026-11-28T09:00:00Z"
        assert told["data"]["title"] == "Run 4 failed"
        assert told["data"]["url"] == "http://testserver/somewhere/"

    def test_signs_with_both_secrets_after_a_rotation_and_then_with_the_new_one(
        self, receiver, clock
    ):
        webhook, old = make(f"{receiver.origin}/hook")
        _, new = services.webhook_rotate(actor=ACTOR, webhook_id=webhook.pk, now=clock())
        publish()
        spread_events(now=clock())
        send_due(clock=clock)
        clock.on(hours=25)
        publish(now=clock())
        spread_events(now=clock())
        send_due(clock=clock)
        overlap, after = receiver.received

        def signed_by(one, secret):
            at = NOW if one is overlap else clock()
            made = Receiving(secret).sign(one.headers["webhook-id"], at, one.body.decode())
            return made in one.headers["webhook-signature"].split(" ")

        assert old != new
        assert (signed_by(overlap, old), signed_by(overlap, new)) == (True, True)
        assert (signed_by(after, old), signed_by(after, new)) == (False, True)

    def test_is_refused_by_the_library_where_a_byte_differs(self, receiver, clock):
        _, secret = make(f"{receiver.origin}/hook")
        publish()
        spread_events(now=clock())
        send_due(clock=clock)
        (one,) = receiver.received
        with pytest.raises(WebhookVerificationError):
            Receiving(secret).verify(one.body + b" ", one.headers)


class TestSending:
    @pytest.fixture
    def webhook(self):
        return webhook_at("https://hooks.example.com/x")

    @pytest.fixture
    def delivery(self, webhook):
        publish()
        spread_events(now=NOW)
        return WebhookDelivery.objects.get()

    def test_notes_request_and_answer_of_each_attempt(self, receiver, clock):
        receiver.answers = [503, 204]
        receiver.answer_body = b"try later"
        make(f"{receiver.origin}/hook")
        publish()
        spread_events(now=clock())
        send_due(clock=clock)
        clock.on(minutes=5)
        send_due(clock=clock)
        first, second = WebhookAttempt.objects.order_by("number")
        assert (first.status, first.answer_body, first.error) == (
            503,
            "try later",
            "it answered 503",
        )
        assert first.request_headers["webhook-id"] == second.request_headers["webhook-id"]
        assert (second.status, second.error) == (204, "")
        assert receiver.ids[0] == receiver.ids[1]
        assert WebhookDelivery.objects.get().state == _STATES.DELIVERED

    def test_tries_again_for_days_with_longer_and_longer_waits_then_gives_up(self, delivery, clock):
        waits = []
        while WebhookDelivery.objects.get().state == _STATES.QUEUED:
            Webhook.objects.update(paused_until=None, failing_since=None)
            assert send_due(clock=clock, send=unreachable) == 1
            row = WebhookDelivery.objects.get()
            if row.state == _STATES.QUEUED:
                waits.append(row.due_at - clock())
                clock.at = row.due_at
        assert len(waits) == 11
        assert sum(waits, timedelta()) > timedelta(days=2)
        assert waits[0] < timedelta(seconds=10) < waits[1]
        assert WebhookAttempt.objects.count() == 12
        assert WebhookDelivery.objects.get().state == _STATES.FAILED

    def test_waits_as_long_as_the_receiver_asks(self, delivery, clock):
        send_due(clock=clock, send=answering(429, **{"retry-after": "3600"}))
        assert WebhookDelivery.objects.get().due_at >= NOW + timedelta(hours=1)

    @pytest.mark.parametrize("asked", ["-5", "soon", "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT"])
    def test_stands_whatever_the_receiver_asks(self, delivery, clock, asked):
        send_due(clock=clock, send=answering(503, **{"retry-after": asked}))
        assert WebhookDelivery.objects.get().due_at <= NOW + timedelta(hours=24)

    def test_leaves_a_webhook_alone_for_a_while_after_a_failure(self, webhook, clock):
        for _ in range(20):
            publish()
        spread_events(now=NOW)
        assert send_due(clock=clock, send=unreachable) == 8
        assert send_due(clock=clock, send=unreachable) == 0

    def test_sends_to_others_while_one_fails(self, webhook, clock, receiver):
        make(f"{receiver.origin}/hook", name="well")
        for _ in range(10):
            publish()
        spread_events(now=NOW)
        send_due(clock=clock)
        assert len(receiver.received) == 8
        send_due(clock=clock)
        assert len(receiver.received) == 10

    def test_a_redirect_is_no_success(self, delivery, clock):
        send_due(clock=clock, send=answering(302, location="https://evil.example.com/"))
        assert WebhookDelivery.objects.get().last_error == "it answered 302"

    def test_says_where_a_name_leads_inside_by_now(self, delivery, clock, settings):
        Webhook.objects.update(url="https://localhost/x")
        send_due(clock=clock)
        assert "not public" in WebhookDelivery.objects.get().last_error
        assert WebhookAttempt.objects.get().status is None

    def test_is_switched_off_with_a_notice_after_days_of_failures(self, delivery, clock):
        administrator = person("administrator")
        while Webhook.objects.get().enabled:
            clock.on(hours=12)
            send_due(clock=clock, send=unreachable)
        assert clock() - NOW >= timedelta(days=5)
        assert "no delivery succeeded for 5 days" in Webhook.objects.get().switched_off_because
        entry = AuditEntry.objects.get(action="webhook.switch")
        assert entry.after is not None
        assert (entry.actor_kind, entry.after["enabled"]) == ("system", False)
        spread_events(now=clock())
        told = Notification.objects.get(user=administrator, kind="webhook.switched_off")
        assert told.title == "The webhook siem was switched off"

    def test_is_switched_off_at_once_where_it_is_gone(self, delivery, clock):
        send_due(clock=clock, send=answering(410))
        assert not Webhook.objects.get().enabled
        assert OutboxEvent.objects.filter(kind="webhook.switched_off").count() == 1

    def test_a_success_makes_failures_forgotten(self, delivery, clock):
        send_due(clock=clock, send=unreachable)
        clock.on(days=4)
        send_due(clock=clock, send=answering(200))
        webhook = Webhook.objects.get()
        assert (webhook.failing_since, webhook.failures) == (None, 0)

    def test_sends_nothing_while_switched_off_and_what_was_queued_afterwards(
        self, webhook, delivery, clock
    ):
        services.webhook_switch(actor=ACTOR, webhook_id=webhook.pk, enabled=False, now=NOW)
        assert send_due(clock=clock, send=answering(200)) == 0
        services.webhook_switch(actor=ACTOR, webhook_id=webhook.pk, enabled=True, now=NOW)
        assert send_due(clock=clock, send=answering(200)) == 1


class TestActs:
    @pytest.fixture
    def webhook(self):
        return webhook_at("https://hooks.example.com/x")

    def test_a_test_is_sent_once_and_does_not_switch_off(self, webhook, clock):
        delivery = services.webhook_test(actor=ACTOR, webhook_id=webhook.pk, now=NOW)
        sent = send_now(delivery, clock=clock, send=unreachable)
        assert (sent.state, sent.kind) == (_STATES.FAILED, "webhook.test")
        assert Webhook.objects.get().failing_since is None

    def test_a_replay_sends_the_same_body_under_the_same_id(self, receiver, clock):
        webhook, _ = make(f"{receiver.origin}/hook", name="other")
        publish(number=3)
        spread_events(now=NOW)
        send_due(clock=clock)
        delivery = WebhookDelivery.objects.get()
        services.delivery_replay(
            actor=ACTOR, webhook_id=webhook.pk, delivery_id=delivery.pk, now=clock()
        )
        send_due(clock=clock)
        first, second = receiver.received
        assert first.body == second.body
        assert receiver.ids == [delivery.message_id, delivery.message_id]
        assert [one.number for one in delivery.attempts_made.all()] == [1, 2]

    def test_a_replay_is_refused_while_it_is_queued_or_the_webhook_is_off(self, webhook):
        publish()
        spread_events(now=NOW)
        delivery = WebhookDelivery.objects.get()
        asked = {"actor": ACTOR, "webhook_id": webhook.pk, "delivery_id": delivery.pk, "now": NOW}
        with pytest.raises(services.CannotReplay, match="queued already"):
            services.delivery_replay(**asked)
        WebhookDelivery.objects.update(state=_STATES.FAILED)
        services.webhook_switch(actor=ACTOR, webhook_id=webhook.pk, enabled=False, now=NOW)
        with pytest.raises(services.CannotReplay, match="switched off"):
            services.delivery_replay(**asked)

    def test_every_act_writes_an_entry(self, webhook, clock):
        given = {"actor": ACTOR, "webhook_id": webhook.pk, "now": NOW}
        services.webhook_change(
            **given,
            name="siem-2",
            url="https://hooks.example.com/y",
            kinds_wanted=["test.happened"],
            connection=None,
            addresses_of=lambda host, port: ["93.184.215.14"],
        )
        delivery = services.webhook_test(**given)
        send_now(delivery, clock=clock, send=answering(200))
        services.delivery_replay(**given, delivery_id=delivery.pk)
        services.webhook_rotate(**given)
        services.webhook_switch(**given, enabled=False)
        services.webhook_remove(**given)
        actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert actions == [
            f"webhook.{verb}"
            for verb in ("create", "change", "test", "replay", "rotate", "switch", "remove")
        ]
        assert not WebhookDelivery.objects.exists()
