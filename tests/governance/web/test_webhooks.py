"""The screens of webhooks."""

import pytest
from django.urls import reverse

from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.spreading import spread_events
from tests.factories.people import person, prove
from tests.governance.notifications.conftest import (
    NOW,
    kinds,
    publish,
    webhook_at,
)
from tests.governance.outbound.receiver import Receiver

__all__ = ["kinds"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
LIST, NEW = reverse("webhooks"), reverse("webhook-create")


@pytest.fixture
def administrator(client):
    user = person("administrator", username="ada")
    client.force_login(user)
    prove(client)
    return user


@pytest.fixture
def receiver(settings):
    with Receiver() as running:
        settings.OUTBOUND_ALLOWED = [running.origin]
        yield running


def of(name, webhook, **more):
    return reverse(name, kwargs={"webhook_id": webhook.pk, **more})


def text(answer):
    return answer.content.decode()


class TestAdding:
    def test_shows_the_secret_once_and_sends_a_test(self, client, administrator, receiver):
        answer = client.post(NEW, {"name": "siem", "url": f"{receiver.origin}/secret-path"})
        secret = answer.context["secret"]
        assert secret.startswith("whsec_")
        assert secret in text(answer)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "The test was delivered" in text(answer)
        (one,) = receiver.received
        assert b'"type":"webhook.test"' in one.body
        page = text(client.get(of("webhook", Webhook.objects.get())))
        assert secret not in page
        assert "secret-path" not in page

    def test_says_what_the_receiver_answered(self, client, administrator, receiver):
        receiver.answers = [500]
        answer = client.post(NEW, {"name": "siem", "url": f"{receiver.origin}/"})
        assert "The test was not delivered" in text(answer)
        assert "it answered 500" in text(answer)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"name": ""}, "name"),
            ({"url": ""}, "url"),
            ({"url": "http://hooks.example.com/"}, "url"),
            ({"url": "https://127.0.0.1/"}, "url"),
            ({"url": "https://no-such-host.invalid/"}, "url"),
            ({"kinds": ["no.such.kind"]}, "kinds"),
            ({"organization": "no-such"}, "organization"),
        ],
    )
    def test_says_by_field_what_is_wrong(self, client, administrator, receiver, given, field):
        answer = client.post(NEW, {"name": "siem", "url": f"{receiver.origin}/"} | given)
        assert list(answer.context["form"].errors) == [field]
        assert not Webhook.objects.exists()

    def test_says_that_there_is_no_key(self, client, administrator, settings):
        settings.SEALING_KEYS = []
        page = text(client.get(LIST))
        assert "ORGWARDEN_SEALING_KEY_FILE" in page
        assert NEW not in page


class TestOne:
    @pytest.fixture
    def webhook(self):
        return webhook_at("https://hooks.example.com/x")

    def test_lists_deliveries_and_filters_them(self, client, administrator, webhook):
        publish(title="<b>Bold</b>")
        spread_events(now=NOW)
        page = of("webhook", webhook)
        assert "&lt;b&gt;Bold&lt;/b&gt;" in text(client.get(page))
        assert "No delivery is in that state" in text(client.get(f"{page}?state=failed"))
        assert client.get(f"{page}?state=other").status_code == 400

    def test_shows_request_and_answer_of_a_delivery_and_replays_it(
        self, client, administrator, receiver
    ):
        receiver.answer_body = b"<i>taken</i>"
        receiver.answers = [200]
        client.post(NEW, {"name": "siem", "url": f"{receiver.origin}/"})
        delivery = WebhookDelivery.objects.get()
        page = of("webhook-delivery", delivery.webhook, delivery_id=delivery.pk)
        shown = text(client.get(page))
        assert delivery.message_id in shown
        assert "&lt;i&gt;taken&lt;/i&gt;" in shown
        assert "webhook-signature" in shown
        replay = of("webhook-delivery-replay", delivery.webhook, delivery_id=delivery.pk)
        assert client.post(replay).status_code == 302
        assert len(receiver.received) == 2
        assert len(set(receiver.ids)) == 1

    def test_rotates_switches_and_removes(self, client, administrator, webhook):
        rotated = client.post(of("webhook-rotate", webhook))
        assert rotated.context["secret"] in text(rotated)
        assert rotated.headers["Cache-Control"] == "no-store"
        client.post(of("webhook-switch", webhook), {"enabled": "false"})
        assert not Webhook.objects.get().enabled
        assert client.post(of("webhook-switch", webhook), {"enabled": "x"}).status_code == 400
        client.post(of("webhook-remove", webhook))
        assert not Webhook.objects.exists()

    def test_edits_what_it_is_told_of(self, client, administrator, receiver, webhook):
        form = client.get(of("webhook-edit", webhook))
        assert form.context["form"].initial["url"] == "https://hooks.example.com/x"
        given = {"name": "two", "url": f"{receiver.origin}/", "kinds": ["run.failed"]}
        assert client.post(of("webhook-edit", webhook), given).status_code == 302
        changed = Webhook.objects.get()
        assert (changed.name, changed.kinds) == ("two", ["run.failed"])

    def test_asks_for_a_fresh_proof_before_it_changes_where_events_go(self, client, webhook):
        client.force_login(person("administrator"))
        for name in ("webhook-edit", "webhook-rotate", "webhook-remove"):
            assert client.post(of(name, webhook)).url.startswith(reverse("step-up"))
        assert client.post(NEW).url.startswith(reverse("step-up"))
        assert Webhook.objects.get().sealed_previous == ""

    def test_is_for_administrators_alone(self, client, webhook):
        client.force_login(person("security"))
        for address in (LIST, NEW, of("webhook", webhook), of("webhook-edit", webhook)):
            assert client.get(address).status_code == 403
        for name in ("test", "rotate", "switch", "remove"):
            assert client.post(of(f"webhook-{name}", webhook)).status_code == 403
