"""What a worker makes before it forks."""

from types import SimpleNamespace

import pytest
from celery.app.amqp import Queues
from kombu import Queue

from inventory import tasks


@pytest.fixture
def warmed(monkeypatch):
    """Return a function that starts a worker of a queue, and returns what clients it made."""
    made: list[str] = []
    monkeypatch.setattr(tasks, "warm", lambda services, regions: made.extend(services))

    def start(queue: str) -> list[str]:
        queues = Queues([Queue("inventory"), Queue("default")])
        queues.select([queue])
        tasks.warm_clients(
            sender=SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))
        )
        return made

    return start


class TestWorkers:
    def test_that_collect_have_a_client_of_every_service(self, warmed):
        assert {"organizations", "iam", "s3"} <= set(warmed("inventory"))

    def test_of_other_queues_make_none(self, warmed):
        assert warmed("default") == []
