"""What a worker makes before it forks, and how it is known to be up."""

from datetime import datetime
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from celery.app.amqp import Queues
from celery.signals import heartbeat_sent
from kombu import Queue

from inventory import tasks
from inventory.aws import session
from inventory.runs import health


def app_of(*taken: str) -> SimpleNamespace:
    """Return what of an app says which queues its worker takes from."""
    queues = Queues([Queue(name) for name in ("inventory", "default", "upkeep")])
    queues.select(list(taken))
    return SimpleNamespace(amqp=SimpleNamespace(queues=queues))


@pytest.fixture
def warmed(monkeypatch):
    """Return a function that starts a worker of a queue, and returns of what it made clients.

    Service, region and endpoint of each.
    """
    made: list[tuple[str, str, str]] = []

    def make(service, *, region, endpoint_url):
        made.append((service, region, endpoint_url))

    for name in ("own_client", "acting_client"):
        monkeypatch.setattr(session, name, make)

    def start(queue: str) -> list[tuple[str, str, str]]:
        tasks.warm_clients(sender=SimpleNamespace(app=app_of(queue)))
        return made

    return start


class TestWorkers:
    def test_that_collect_have_a_client_of_every_service_in_the_regions_named(
        self, warmed, settings
    ):
        settings.AWS_WARM_REGIONS = ["us-east-1", "eu-central-1"]
        settings.AWS_ENDPOINTS_ALLOWED = []
        made = set(warmed("inventory"))
        assert {service for service, _, _ in made} >= {"sts", "organizations", "iam", "s3"}
        assert {("iam", "us-east-1", ""), ("iam", "eu-central-1", "")} <= made

    def test_make_those_of_an_endpoint_in_aws_s_place_and_no_others(self, warmed, settings):
        settings.AWS_ENDPOINTS_ALLOWED = ["http://127.0.0.1:9"]
        assert {endpoint for _, _, endpoint in warmed("inventory")} == {"http://127.0.0.1:9"}

    def test_of_other_queues_make_none(self, warmed):
        assert warmed("default") == []

    @pytest.mark.parametrize(("taken", "noted"), [("inventory", 1), ("default", 0)])
    def test_are_noted_as_up_by_their_heartbeat_if_they_collect(self, monkeypatch, taken, noted):
        heard: list[datetime] = []
        monkeypatch.setattr(health, "note_worker", heard.append)
        app = app_of(taken, "upkeep")
        heartbeat_sent.send(sender=Mock(eventer=Mock(app=app)))
        assert len(heard) == noted
