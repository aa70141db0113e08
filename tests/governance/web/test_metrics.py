"""What Prometheus is told, and who may read it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from governance.collection.metrics import metrics_text
from governance.config.environment import token_in_file
from governance.web import metrics
from inventory.models import CollectionTask, InventoryRun
from inventory.runs import health
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT

TOKEN = "m" * 40
STATE = InventoryRun.State


@pytest.fixture(autouse=True)
def _nothing_heard():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def samples(now=FIRST_RUN_AT):
    """Return each sample's value, by its name and the values of its labels."""
    families = text_string_to_metric_families(metrics_text(now=now).decode())
    return {
        (each.name, *each.labels.values()): each.value
        for family in families
        for each in family.samples
    }


@pytest.mark.django_db
class TestMetricsText:
    def test_says_of_each_part_what_readyz_says(self):
        health.note_resumed(FIRST_RUN_AT)
        health.note_worker(FIRST_RUN_AT)
        told = samples()
        assert told["orgwarden_collection_ok", "beat"] == 1
        assert told["orgwarden_collection_ok", "queue"] == 1
        assert told["orgwarden_collection_ok", "workers"] == 1
        assert told["orgwarden_beat_heard_timestamp_seconds",] == FIRST_RUN_AT.timestamp()
        heard = told["orgwarden_worker_heard_timestamp_seconds", "inventory"]
        assert heard == FIRST_RUN_AT.timestamp()
        late = samples(FIRST_RUN_AT + timedelta(minutes=5))
        assert late["orgwarden_collection_ok", "beat"] == 0

    def test_says_nothing_of_a_beat_never_heard_and_a_broker_that_is_silent(self, monkeypatch):
        monkeypatch.setattr(health, "_messages", lambda: None)
        told = samples()
        assert ("orgwarden_beat_heard_timestamp_seconds",) not in told
        assert ("orgwarden_worker_heard_timestamp_seconds", "inventory") not in told
        assert ("orgwarden_queue_messages", "inventory") not in told
        assert told["orgwarden_collection_ok", "queue"] == 0

    def test_counts_what_waits_in_the_queue(self, monkeypatch):
        monkeypatch.setattr(health, "_messages", lambda: 7)
        assert samples()["orgwarden_queue_messages", "inventory"] == 7

    def test_counts_tasks_that_workers_hold_and_not_those_they_lost(self):
        for seconds in (-1, 1, 2):
            TaskFactory.create(
                state=CollectionTask.State.RUNNING,
                lease_until=FIRST_RUN_AT + timedelta(seconds=seconds),
            )
        assert samples()["orgwarden_collection_tasks_held",] == 2

    def test_counts_runs_of_each_organization_by_state_with_none_as_0(self):
        one, other = ConnectionFactory.create(), ConnectionFactory.create()
        InventoryRunFactory.create_batch(2, connection=one, state=STATE.COMPLETE)
        InventoryRunFactory.create(connection=one, state=STATE.FAILED)
        told = samples()
        assert told["orgwarden_inventory_runs", one.slug, "complete"] == 2
        assert told["orgwarden_inventory_runs", one.slug, "failed"] == 1
        assert told["orgwarden_inventory_runs", one.slug, "queued"] == 0
        assert told["orgwarden_inventory_runs", other.slug, "complete"] == 0

    def test_tells_when_the_newest_run_of_a_whole_organization_ended(self):
        connection = ConnectionFactory.create()
        for hours, account_ids in ((1, None), (2, None), (3, ["111122223333"])):
            InventoryRunFactory.create(
                connection=connection,
                state=STATE.COMPLETE,
                account_ids=account_ids,
                finished_at=FIRST_RUN_AT + timedelta(hours=hours),
            )
        told = samples()
        name = "orgwarden_inventory_run_finished_timestamp_seconds"
        newest = (FIRST_RUN_AT + timedelta(hours=2)).timestamp()
        assert told[name, connection.slug, "complete"] == newest
        assert (name, connection.slug, "partial") not in told


@pytest.mark.django_db
class TestMetrics:
    def test_is_nowhere_without_a_token_set(self, client):
        answer = client.get(reverse("metrics"), headers={"authorization": "Bearer "})
        assert answer.status_code == 404

    @pytest.mark.usefixtures("_token")
    @pytest.mark.parametrize(
        "sent", [None, "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer mé"]
    )
    def test_refuses_whoever_lacks_the_token_even_signed_in(self, client, sent):
        client.force_login(person("administrator"))
        answer = client.get(
            reverse("metrics"), headers={} if sent is None else {"authorization": sent}
        )
        assert (answer.status_code, answer.content) == (401, b"")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.usefixtures("_token")
    def test_tells_who_sends_the_token_and_names_nothing_but_slugs(self, client):
        connection = ConnectionFactory.create(name="Acme Secret Name")
        health.note_resumed(timezone.now())
        answer = client.get(reverse("metrics"), headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.content.decode()
        assert 'orgwarden_collection_ok{part="beat"} 1.0' in text
        assert f'connection="{connection.slug}"' in text
        assert "Acme Secret Name" not in text

    @pytest.mark.usefixtures("_token")
    def test_says_503_where_valkey_does_not_answer(self, client, monkeypatch):
        def silent(**_):
            raise OSError("no route")

        monkeypatch.setattr(metrics, "metrics_text", silent)
        answer = client.get(reverse("metrics"), headers={"authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer.content) == (503, b"")


class TestTokenInFile:
    NAME = "ORGWARDEN_METRICS_TOKEN_FILE"

    def test_is_empty_where_no_file_is_named(self, monkeypatch):
        monkeypatch.delenv(self.NAME, raising=False)
        assert token_in_file(self.NAME) == ""

    def test_is_what_the_file_holds_without_its_line_end(self, monkeypatch, tmp_path):
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        monkeypatch.setenv(self.NAME, str(tmp_path / "token"))
        assert token_in_file(self.NAME) == TOKEN

    @pytest.mark.parametrize("held", ["", "\n", "short"])
    def test_refuses_a_token_that_could_be_guessed(self, monkeypatch, tmp_path, held):
        (tmp_path / "token").write_text(held)
        monkeypatch.setenv(self.NAME, str(tmp_path / "token"))
        with pytest.raises(ImproperlyConfigured, match="fewer than 32 characters"):
            token_in_file(self.NAME)

    def test_says_which_file_cannot_be_read(self, monkeypatch, tmp_path):
        monkeypatch.setenv(self.NAME, str(tmp_path / "absent"))
        with pytest.raises(ImproperlyConfigured, match="absent, which cannot be read"):
            token_in_file(self.NAME)
