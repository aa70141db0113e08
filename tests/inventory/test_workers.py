"""What a worker makes before it forks."""

from types import SimpleNamespace

import pytest
from celery.app.amqp import Queues
from kombu import Queue

from inventory import tasks
from inventory.aws import session


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
        queues = Queues([Queue("inventory"), Queue("default")])
        queues.select([queue])
        tasks.warm_clients(
            sender=SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))
        )
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
