"""Programs manage webhooks, read what was delivered, and have it sent again."""

import json

import pytest
from django.core.cache import cache
from django.test import Client

from governance.access import rights
from governance.access.models import ApiToken
from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.spreading import spread_events
from governance.notifications.webhooks.sending import send_due
from tests.factories.people import person, prove, token_of
from tests.governance.notifications.conftest import NOW, Clock, kinds, publish
from tests.governance.outbound.receiver import Receiver

__all__ = ["kinds"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
LIST = "/api/v1/webhooks"


@pytest.fixture
def receiver(settings):
    with Receiver() as running:
        settings.OUTBOUND_ALLOWED = [running.origin]
        yield running


@pytest.fixture
def program():
    """A client with a token that may manage webhooks."""
    _, token = token_of(person("administrator"), rights.MANAGE_WEBHOOKS)
    return Client(headers={"Authorization": f"Bearer {token}", "If-Match": "*"})


def send(client, method, path, body=None, **headers):
    call = getattr(client, method)
    if body is None:
        return call(path, headers=headers)
    return call(path, json.dumps(body), content_type="application/json", headers=headers)


def made(client, receiver, **more):
    given = {"name": "siem", "address": f"{receiver.origin}/secret-path"} | more
    return send(client, "post", LIST, given)


class TestWebhooks:
    def test_tells_the_secret_once_and_of_the_address_only_the_origin(self, program, receiver):
        answer = made(program, receiver, kinds=["test.happened"])
        assert answer.status_code == 201
        told = answer.json()
        assert told["secret"].startswith("whsec_")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Location"] == told["url"]
        again = program.get(told["url"]).json()
        assert "secret" not in again
        assert again["receiver"] == receiver.origin
        assert "secret-path" not in json.dumps(again)
        (listed,) = program.get(LIST).json()["results"]
        assert listed == again

    def test_keeps_no_secret_for_repetitions(self, program, receiver):
        given = {"name": "siem", "address": f"{receiver.origin}/"}
        first = send(program, "post", LIST, given, **{"Idempotency-Key": "one"})
        again = send(program, "post", LIST, given, **{"Idempotency-Key": "one"})
        secret = first.json()["secret"]
        assert secret not in again.content.decode()
        stored = [str(cache.get(key.decode().split(":", 2)[2])) for key in _keys()]
        assert not any(secret in value for value in stored)
        assert Webhook.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "member"),
        [
            ({"name": ""}, "name"),
            ({"address": "http://hooks.example.com/"}, "address"),
            ({"address": "https://169.254.169.254/"}, "address"),
            ({"address": "https://no-such-host.invalid/"}, "address"),
            ({"kinds": ["no.such"]}, "kinds"),
            ({"organization": "no-such"}, "organization"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_says_by_member_what_is_wrong(self, program, receiver, body, member):
        answer = made(program, receiver, **body)
        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"#/{member}"]
        assert not Webhook.objects.exists()

    def test_changes_switches_and_removes(self, program, receiver):
        url = made(program, receiver).json()["url"]
        changed = send(program, "patch", url, {"kinds": ["run.failed"], "enabled": False})
        assert changed.status_code == 200
        assert (changed.json()["kinds"], changed.json()["enabled"]) == (["run.failed"], False)
        assert Webhook.objects.get().url.endswith("/secret-path")
        assert send(program, "delete", url).status_code == 204
        assert program.get(url).status_code == 404

    def test_rotates_the_secret(self, program, receiver):
        told = made(program, receiver).json()
        answer = send(program, "post", f"{told['url']}/rotate")
        assert answer.status_code == 200
        assert answer.json()["secret"] not in {None, told["secret"]}
        assert answer.json()["previous_secret_signs_until"] is not None

    def test_sends_a_test_and_tells_what_came_of_it(self, program, receiver):
        receiver.answers = [500]
        url = made(program, receiver).json()["url"]
        told = send(program, "post", f"{url}/test").json()
        assert (told["state"], told["last_error"]) == ("failed", "it answered 500")
        assert told["attempts_made"][0]["status"] == 500

    def test_is_for_administrators_and_not_for_tokens_of_a_place(self, client, receiver):
        client.force_login(person("security"))
        assert client.get(LIST).status_code == 403
        row, token = token_of(person("administrator"), rights.MANAGE_WEBHOOKS)
        ApiToken.objects.filter(pk=row.pk).update(places=[[1, "ou-ab12-11111111"]])
        answer = client.get(LIST, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403

    def test_asks_a_person_for_a_fresh_proof_before_it_changes_where_events_go(
        self, client, receiver
    ):
        client.force_login(person("administrator"))
        refused = made(client, receiver)
        assert refused.status_code == 403
        assert "/step-up/" in refused.json()["detail"]
        prove(client)
        assert made(client, receiver).status_code == 201


class TestDeliveries:
    def test_lists_filters_and_replays_them(self, program, receiver):
        url = made(program, receiver).json()["url"]
        for number in range(3):
            publish(number=number)
        spread_events(now=NOW)
        page = program.get(f"{url}/deliveries?limit=2").json()
        following = program.get(page["next"]).json()
        assert len(page["results"]) + len(following["results"]) == 3
        assert program.get(f"{url}/deliveries?state=failed").json()["results"] == []
        assert program.get(f"{url}/deliveries?state=other").status_code == 400
        one = page["results"][0]
        assert send(program, "post", f"{one['url']}/replay").status_code == 409
        send_due(clock=Clock())
        told = program.get(one["url"]).json()
        assert told["state"] == "delivered"
        assert json.loads(told["body"])["type"] == "test.happened"
        replayed = send(program, "post", f"{one['url']}/replay")
        assert replayed.status_code == 202
        assert replayed.json()["webhook_id"] == one["webhook_id"]
        assert WebhookDelivery.objects.filter(state="queued").count() == 1


def _keys():
    import redis
    from django.conf import settings

    return redis.Redis.from_url(settings.VALKEY_URL).keys("orgwarden:*")
