"""Workers, as processes, are killed in the middle of a run; others go on with it."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from celery import current_app
from django.db import connection as database
from django.utils import timezone

from demo.simulator import credentials
from demo.simulator.process import running_simulator
from demo.stack.state import ROOT
from inventory.models import CollectionTask, InventoryRun
from inventory.runs import requests, upkeep
from inventory.store.rows import MODELS
from tests.inventory.faults import worker_settings
from tests.inventory.faults.test_runs_through_faults import ORGANIZATION, known, read_by
from tests.inventory.simulator import conftest as simulated

pytestmark = [pytest.mark.simulator, pytest.mark.django_db(transaction=True)]

connection = simulated.connection
# No test waits so long, unless a run does not end.
PATIENCE_SECONDS = 240


@pytest.fixture(scope="module")
def simulator():
    with running_simulator(ORGANIZATION, rate_factor=1000.0) as running:
        yield running


@pytest.fixture
def start_worker(transactional_db, simulator, settings):
    """Return a function that starts a worker with two processes, in a group of its own."""
    for name in dir(worker_settings):
        if name.startswith("INVENTORY_"):
            setattr(settings, name, getattr(worker_settings, name))
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_purge("inventory")  # type: ignore[attr-defined]
    environment = {
        **os.environ,
        **credentials.WORKER.environment(),
        "DJANGO_SETTINGS_MODULE": worker_settings.__name__,
        "ORGWARDEN_DATABASE_NAME": database.settings_dict["NAME"],
        "ORGWARDEN_AWS_ENDPOINTS_ALLOWED": simulator.endpoint_url,
        "PYTHONWARNINGS": "ignore",
        # They import every page.
        "CELERY_SKIP_CHECKS": "1",
    }
    started = []

    def start():
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app", "governance.config.celery", "worker"),
                *("--queues", "inventory", "--concurrency", "2", "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle"),
            ],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            kill(worker)


def kill(worker):
    """Kill a worker and its processes; they can do nothing about it."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def upkeep_until(reached, run):
    """Do what beat does, until `reached` says that the run stands there."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < end, (run.state, list(run.tasks.values_list("group", "state")))
        time.sleep(0.2)
        upkeep.resume_runs(now=timezone.now())
        run.refresh_from_db()


def ask(connection):
    return requests.request_run(
        connection=connection, trigger=InventoryRun.Trigger.BUTTON, now=timezone.now()
    )


def test_a_run_goes_on_and_nothing_is_lost_or_counted_twice(connection, simulator, start_worker):
    # Long enough to be killed in; what is asked for first, and of each account.
    for operation in ("ListPolicies", "GetAccountAuthorizationDetails"):
        fault = {"kind": "delay", "operation": operation, "seconds": 1.0}
        simulator.control("POST", "/faults", fault)
    run = ask(connection)
    running = CollectionTask.objects.filter(state=CollectionTask.State.RUNNING)

    worker = start_worker()
    upkeep_until(lambda: running.filter(account_id="").exists(), run)
    kill(worker)
    assert not run.tasks_total

    worker = start_worker()
    upkeep_until(lambda: run.tasks_done and running.exclude(account_id="").exists(), run)
    kill(worker)
    assert run.is_active
    assert running.exists()

    simulator.control("DELETE", "/faults")
    start_worker()
    upkeep_until(lambda: not run.is_active, run)

    assert run.state in {InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL}, run.error
    assert run.tasks_done == run.tasks_total == run.tasks.exclude(account_id="").count()
    assert not running.exists()
    found = known()
    assert all(found[name] for name in ("Account", "Policy", "PolicyAttachment", "Principal"))
    for model in MODELS.values():
        keys = Counter(model.objects.as_of(None).values_list(*model.natural_key))
        assert [key for key, rows in keys.items() if rows > 1] == []

    again = ask(connection)
    upkeep_until(lambda: not again.is_active, again)
    assert again.state == run.state
    assert read_by(again) == read_by(run)
    assert (again.rows_opened, again.rows_closed) == (0, 0)
    assert known() == found
