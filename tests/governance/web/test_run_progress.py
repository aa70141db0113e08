"""What a run's page says while it goes on."""

import pytest
from django.urls import reverse

from inventory.models import CollectionTask, Connection, InventoryRun
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.factories.runs import (
    InventoryRunFactory,
    TaskFactory,
)
from tests.factories.times import FIRST_RUN_AT

STATE = InventoryRun.State
PART = CollectionTask.State


@pytest.fixture
def connection(db) -> Connection:
    return ConnectionFactory.create(slug="acme", name="Acme")


def address(name: str, **more) -> str:
    return reverse(name, kwargs={"slug": "acme", **more})


def text_of(response) -> str:
    return b"".join(response).decode() if response.streaming else response.content.decode()


@pytest.fixture
def viewer(client, db):
    user = person("viewer")
    client.force_login(user)
    return user


class TestProgress:
    def test_is_asked_for_only_while_the_run_goes_on(self, client, viewer, connection):
        run = InventoryRunFactory.create(connection=connection, state=STATE.RUNNING)
        asks = f'hx-get="{address("inventory-run-progress", run_id=run.pk)}"'
        assert asks in text_of(client.get(address("inventory-run", run_id=run.pk)))
        going_on = client.get(address("inventory-run-progress", run_id=run.pk))
        assert going_on.status_code == 200
        assert "HX-Refresh" not in going_on.headers

        InventoryRun.objects.update(state=STATE.COMPLETE, finished_at=FIRST_RUN_AT)

        assert asks not in text_of(client.get(address("inventory-run", run_id=run.pk)))
        ended = client.get(address("inventory-run-progress", run_id=run.pk))
        assert ended.status_code == 286
        assert ended.headers["HX-Refresh"] == "true"

    def test_names_steps_and_counts_and_says_them_in_tens(self, client, viewer, connection):
        run = InventoryRunFactory.create(connection=connection, state=STATE.RUNNING)
        TaskFactory.create_batch(3, run=run)
        TaskFactory.create(run=run, state=PART.FAILED)
        TaskFactory.create_batch(4, run=run, state=PART.PENDING)

        part = text_of(client.get(address("inventory-run-progress", run_id=run.pk)))

        assert "4 of 8" in part
        assert "3 complete" in part
        assert "1 failed" in part
        assert f"Run {run.pk}: 50 % of the accounts are read." in part
        assert "<html" not in part

    def test_of_chosen_accounts_has_no_step_for_the_organization(self, client, viewer, connection):
        run = InventoryRunFactory.create(
            connection=connection, state=STATE.RUNNING, account_ids=["222222222222"]
        )

        part = text_of(client.get(address("inventory-run-progress", run_id=run.pk)))

        assert "Organization" not in part
