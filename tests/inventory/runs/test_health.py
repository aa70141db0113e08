"""Whether beat, workers and queue are well."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from inventory.models import CollectionTask, InventoryRun
from inventory.runs import health
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db
LATER = FIRST_RUN_AT + timedelta(minutes=3)


@pytest.fixture(autouse=True)
def _heard():
    cache.clear()
    heard(FIRST_RUN_AT)
    yield
    cache.clear()


def heard(now):
    health.note_resumed(now)
    health.note_worker(now)


def problems(now=FIRST_RUN_AT):
    return set(health.collection_health(now=now).problems)


class TestCollectionHealth:
    def test_is_well_right_after_beat_was_heard(self):
        assert problems() == set()

    def test_misses_beat_that_was_not_heard_for_long(self):
        health.note_worker(FIRST_RUN_AT + timedelta(seconds=5))
        assert problems(FIRST_RUN_AT + timedelta(seconds=90)) == set()
        assert problems(FIRST_RUN_AT + timedelta(seconds=91)) == {"beat"}

    def test_misses_workers_that_were_not_heard_for_long_although_no_run_waits(self):
        health.note_resumed(FIRST_RUN_AT + timedelta(seconds=5))
        assert problems(FIRST_RUN_AT + timedelta(seconds=90)) == set()
        assert problems(FIRST_RUN_AT + timedelta(seconds=91)) == {"workers"}

    def test_finds_the_queue_full(self, monkeypatch, settings):
        settings.INVENTORY_QUEUE_FULL = 5
        monkeypatch.setattr(health, "_messages", lambda: 6)
        assert problems() == {"queue"}

    def test_takes_a_queue_that_it_cannot_read_for_no_empty_one(self, monkeypatch):
        monkeypatch.setattr(health, "_messages", lambda: None)
        assert problems() == {"queue"}

    def test_misses_workers_that_are_up_and_take_nothing_of_a_run_that_waits(self):
        InventoryRunFactory.create(
            state=InventoryRun.State.QUEUED, started_at=None, requested_at=FIRST_RUN_AT
        )
        heard(LATER)
        assert problems(LATER) == {"workers"}
        reading = CollectionTask.State.RUNNING
        TaskFactory.create(state=reading, lease_until=LATER + timedelta(seconds=1))
        assert problems(LATER) == set()

    def test_misses_workers_that_are_gone_in_the_middle_of_a_run(self):
        run = InventoryRunFactory.create(state=InventoryRun.State.RUNNING, started_at=FIRST_RUN_AT)
        lost = TaskFactory.create(
            run=run,
            state=CollectionTask.State.RUNNING,
            heartbeat_at=FIRST_RUN_AT + timedelta(seconds=60),
            lease_until=FIRST_RUN_AT + timedelta(seconds=105),
        )
        heard(LATER)
        assert problems(LATER - timedelta(seconds=1)) == set()
        assert problems(LATER) == {"workers"}
        lost.finished_at = LATER - timedelta(seconds=1)
        lost.save()
        assert problems(LATER) == set()


class TestReadyz:
    def test_says_503_and_names_what_is_not_well(self, client):
        answer = client.get(reverse("readyz"))
        assert answer.status_code == 503
        assert answer.json() == {"beat": "not well", "queue": "ok", "workers": "not well"}

    def test_says_200_when_all_is_well(self, client):
        heard(timezone.now())
        answer = client.get(reverse("readyz"))
        assert (answer.status_code, set(answer.json().values())) == (200, {"ok"})
