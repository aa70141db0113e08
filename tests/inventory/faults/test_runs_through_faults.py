"""Runs of a small organization while AWS, workers, database, broker and clock fail.

Whatever the fault: nothing that exists in AWS is closed, nothing is claimed complete that was not
read, and each run ends. Once the faults are over the next run reads everything.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError as NoDatabase
from kombu.exceptions import OperationalError as NoBroker

from demo.simulator.process import running_simulator
from inventory.aws import pace
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Coverage, InventoryRun, SuspectedDeletion
from inventory.runs import dispatch, group_tasks, life, requests, upkeep
from inventory.runs.cancelling import CannotCancel, cancel_run
from inventory.selectors.runs import run_coverage
from inventory.store.rows import MODELS
from inventory.viewing import Viewer
from tests.inventory.faults.scenarios import scenario
from tests.inventory.simulator import conftest as simulated

pytestmark = pytest.mark.simulator

ORGANIZATION = Path(__file__).parent / "organization"
SEEDS = range(64)
BATCH = 8
RUN = InventoryRun.State
connection = simulated.connection
# What is worked out from other things may change with them.
DERIVED = {"EffectivePolicy"}


@pytest.fixture(scope="module")
def simulator():
    with running_simulator(ORGANIZATION, rate_factor=1000.0) as running:
        yield running


@pytest.fixture(autouse=True)
def _few_groups(monkeypatch):
    """Read IAM alone of each account: what is read by region would take most of the time."""
    groups = registry.groups

    def groups_of_iam(reader):
        return groups(reader) if reader is Reader.ORGANIZATION else ("iam",)

    monkeypatch.setattr(registry, "groups", groups_of_iam)


@pytest.fixture(autouse=True)
def _short_times(settings, monkeypatch):
    settings.INVENTORY_SECOND_PASS_SECONDS = 0.01
    settings.INVENTORY_ORGANIZATION_WAITING_SECONDS = 0.2
    settings.INVENTORY_ACCOUNT_WAITING_SECONDS = 0.1
    settings.AWS_READ_TIMEOUT_SECONDS = 0.1
    monkeypatch.setattr(pace, "_SLOWEST", 50.0)
    # A small organization has few of everything.
    settings.INVENTORY_SUSPECT_ROWS = 1
    settings.INVENTORY_SUSPECT_PERCENT = 0
    settings.INVENTORY_EFFECTIVE_POLICY_HOURS = 0


def known():
    """Return what is open now: kind of thing → its keys."""
    return {
        model.__name__: {
            tuple(row) for row in model.objects.as_of(None).values_list(*model.natural_key)
        }
        for model in MODELS.values()
        if model.__name__ not in DERIVED
    }


def is_whole(there):
    """Whether something of each kind that the organization has is known."""
    return all(there[name] for name in ("Account", "Policy", "PolicyAttachment", "Principal"))


def read_by(run):
    """Return how many things each complete collector read in a run, where it read any."""
    rows = run_coverage(Viewer(sees_inventory=True), run=run)
    return {
        (row.account_id, row.collector, row.region): row.records
        for row in rows
        if row.state == Coverage.State.COMPLETE
    }


class Losses:
    """Loses workers, the database, the broker and its messages as often as a scenario says.

    `while_frozen`: lets time pass, and others do what a frozen worker has begun.
    """

    def __init__(self, monkeypatch, made, while_frozen):
        self.left = Counter(
            organization=made.killed_organization,
            task=made.killed_tasks,
            database=made.database,
            broker=made.broker,
            emptied=made.emptied,
            frozen=made.frozen,
        )
        for module, name in ((life, "read_organization"), (group_tasks, "read_group")):
            self._freeze(monkeypatch, module, name, while_frozen)
        self._wrap(monkeypatch, life, "read_organization", "organization", SystemExit("killed"))
        self._wrap(monkeypatch, group_tasks, "read_group", "task", SystemExit("killed"))
        for module in (life, group_tasks):
            self._wrap(monkeypatch, module, "store_readings", "database", NoDatabase("away"))
        for name in ("send_start", "send_tasks"):
            self._wrap(monkeypatch, dispatch, name, "emptied", None)
            self._wrap(monkeypatch, dispatch, name, "broker", NoBroker("away"))

    def _takes(self, kind):
        if self.left[kind] <= 0:
            return False
        self.left[kind] -= 1
        return True

    def _wrap(self, monkeypatch, module, name, kind, error):
        real = getattr(module, name)

        def lossy(*given, **more):
            if not self._takes(kind):
                return real(*given, **more)
            if error is not None:
                raise error
            return None

        monkeypatch.setattr(module, name, lossy)

    def _freeze(self, monkeypatch, module, name, while_frozen):
        real = getattr(module, name)

        def frozen(*given, **more):
            read = real(*given, **more)
            if self._takes("frozen"):
                while_frozen()
            return read

        monkeypatch.setattr(module, name, frozen)


class Rounds:
    """Makes runs, round by round: what was sent is delivered, then upkeep looks after the rest."""

    def __init__(self, connection, work, clock, control):
        self._connection = connection
        self._work = work
        self._clock = clock
        self._control = control

    def run(self, made=None):
        """Make one run through a scenario to its end, and return it."""
        for fault in made.ordered if made else ():
            self._control("POST", "/faults", fault)
        self._deliver(self._ask)
        run = InventoryRun.objects.order_by("-pk").first()
        assert run is not None
        for tries in range(80):
            self._deliver_all(run, made.cancelled_after if made else 0)
            run.refresh_from_db()
            if not run.is_active:
                break
            if made is not None and tries == 1:
                self._clock.now += timedelta(seconds=made.clock_seconds)
            if made is None or tries >= made.lifted_after:
                self._control("DELETE", "/faults")
            self._resume_after(20)
        self._control("DELETE", "/faults")
        self._clock.now += timedelta(hours=3)
        return run

    def while_frozen(self):
        """Let a lease end, and others do what the worker that sleeps has begun."""
        self._resume_after(120)
        self._deliver_all(None, 0)

    def _ask(self):
        return requests.request_run(
            connection=self._connection, trigger=InventoryRun.Trigger.BUTTON, now=self._clock()
        )

    def _resume_after(self, seconds):
        self._clock.now += timedelta(seconds=seconds)
        self._deliver(lambda: upkeep.resume_runs(now=self._clock()))

    def _deliver_all(self, run, cancelled_after):
        delivered = 0
        while self._work.starts or self._work.tasks:
            if cancelled_after and delivered == cancelled_after:
                self._deliver(
                    lambda: cancel_run(run=run, cancelled_by="somebody", now=self._clock())
                )
            delivered += 1
            if self._work.starts:
                self._deliver(self._work.start)
            else:
                part = self._work.tasks.popleft()
                self._deliver(lambda part=part: self._work.collect(*part))

    def _deliver(self, call):
        try:
            with self._work.capture(execute=True):
                return call()
        except (SystemExit, NoDatabase, NoBroker, CannotCancel):
            return None


@pytest.fixture
def run_once(connection, work, clock, simulator, monkeypatch):
    """Return a function that makes one run through a scenario to its end, and returns it."""
    rounds = Rounds(connection, work, clock, simulator.control)

    def run_once(made=None):
        with monkeypatch.context() as patched:
            if made is not None:
                Losses(patched, made, rounds.while_frozen)
            return rounds.run(made)

    yield run_once
    simulator.control("DELETE", "/faults")


@pytest.mark.parametrize("first", SEEDS[::BATCH])
def test_nothing_is_lost_and_nothing_false_is_claimed(run_once, connection, first):
    before = run_once()
    if not is_whole(known()):
        # On a busy machine a simulator's first answers may be late.
        before = run_once()
    assert before.state in {RUN.COMPLETE, RUN.PARTIAL}, before.error
    there, complete = known(), read_by(before)
    assert is_whole(there)
    for seed in SEEDS[first : first + BATCH]:
        made = scenario(seed)
        connection.refresh_from_db()
        through = run_once(made)
        assert not through.is_active, made
        assert through.tasks_done <= through.tasks_total, made
        now = known()
        closed = {name: keys - now[name] for name, keys in there.items() if keys - now[name]}
        assert closed == {}, made
        held = SuspectedDeletion.objects.filter(
            connection=connection, state=SuspectedDeletion.State.SUSPECTED
        ).exists()
        for part, records in read_by(through).items():
            assert held or records >= complete.get(part, 0), (made, part)
        if through.state == RUN.COMPLETE and before.state == RUN.COMPLETE:
            assert read_by(through).keys() >= complete.keys(), made
        if seed % 2 == 0:
            continue
        after = run_once()
        assert after.state == before.state, made
        assert complete.items() <= read_by(after).items(), made
        now = known()
        assert {name: keys - now[name] for name, keys in there.items() if keys - now[name]} == {}
