"""Runs of one organization through a stack's own workers, and what each of them took."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.inventory_recorded import record_calls
from benchmarks.inventory_rows import Rows
from benchmarks.processes import Use, largest_child_megabytes, measured_use
from demo.first_inventory import ensure_connection, management_account
from demo.regions import REGIONS_READ
from demo.simulator.process import RunningSimulator
from demo.stack.supervisor import Stack

if TYPE_CHECKING:
    from inventory.models import Connection, GroupCoverage, InventoryRun

LONGEST_RUN_SECONDS = 3600
AWS_RATES = 1.0
NO_RATES = 1000.0
_WORKERS = frozenset({"apply", "audit", "default", "inventory"})
_WORKERS_START_WITHIN_SECONDS = 120
# Into so many equal parts a run is cut to see the workers' memory grow.
_PARTS = 3


@dataclass(frozen=True)
class Reading:
    """One run at `factor` of AWS's rates, and what it took.

    Of `seconds`, from the request on: `begun_seconds` until a worker took the run,
    `organization_seconds` until the organization was stored, `accounts_seconds` until the first
    part of an account was begun, `last_seconds` until the last was read. `calls` by operation
    and by account: as the simulator counted. `assumed`: the accounts whose audit role was assumed,
    `complete`: those of which everything was read. `throttled`: calls that were refused because of
    rates, by whether the organization's part made them. `written`: rows inserted, changed and
    deleted, by table. `worker_megabytes`: what the largest worker holds alone, after each third of
    the run.
    """

    run: InventoryRun
    factor: float
    seconds: float
    begun_seconds: float
    organization_seconds: float
    accounts_seconds: float
    last_seconds: float
    use: Use
    calls: Counter[str]
    calls_by_account: dict[str, Counter[str]]
    assumed: frozenset[str]
    complete: frozenset[str]
    throttled: dict[bool, int]
    written: Counter[str]
    worker_megabytes: tuple[float, ...]


class Readings:
    """Reads one organization again and again in a stack that runs."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        """Wait until the workers of a stack take tasks that has read nothing yet."""
        self.stack = stack
        self.folder = folder
        self._control = RunningSimulator(stack.endpoint).control
        self._management_account_id, _ = management_account(stack.endpoint)
        self._wait_for_workers()

    def first(self, factor: float, *, regions: Sequence[str] = REGIONS_READ) -> Reading:
        """Connect the organization, and read everything for the first time."""
        connection = self._connect(regions)
        self._wait_until_idle()
        return self.read(connection, factor=factor)

    def record(self, connection: Connection, account_ids: Sequence[str]) -> Path:
        """Read some accounts once more, without workers; return the file with their calls."""
        self._control("PUT", "/rates", {"factor": NO_RATES})
        file = self.folder / "calls.json"
        record_calls(connection, account_ids, file)
        return file

    def bare_calls(self, recorded: Path, *, processes: int = 1) -> dict[str, float]:
        """Make the same calls by boto3 alone, in so many processes side by side.

        Returns what `benchmarks.inventory_bare` prints, the seconds of the slowest of them.
        """
        parts = json.loads(recorded.read_text(encoding="utf-8"))
        started = []
        for number in range(processes):
            own = self.folder / f"calls-{number}.json"
            own.write_text(json.dumps(parts[number::processes]), encoding="utf-8")
            command = [
                sys.executable,
                "-m",
                "benchmarks.inventory_bare",
                self.stack.endpoint,
                f"{own}",
            ]
            started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        found = [json.loads(process.communicate()[0]) for process in started]
        return {
            "seconds": max(each["seconds"] for each in found),
            "processor_seconds": sum(each["processor_seconds"] for each in found),
            "calls": sum(each["calls"] for each in found),
        }

    def _connect(self, regions: Sequence[str]) -> Connection:
        connection = ensure_connection(
            endpoint=self.stack.endpoint, account_id=self._management_account_id, name="Benchmark"
        )
        # Nothing may start a run but this.
        connection.schedule_minutes = 0
        connection.regions = list(regions)
        connection.save()
        return connection

    def read(
        self, connection: Connection, *, factor: float, account_ids: Sequence[str] | None = None
    ) -> Reading:
        """Run once, at `factor` of AWS's rates, and wait for the end."""
        from django.utils import timezone

        from inventory.models import InventoryRun
        from inventory.runs.requests import request_run

        # It fills AWS's buckets too: each run finds them as an hour's wait would leave them.
        self._control("PUT", "/rates", {"factor": factor})
        self._control("DELETE", "/calls")
        before = Rows.now()
        worker = self.stack.pid("worker-inventory")
        with measured_use(worker) as use:
            run = request_run(
                connection=connection,
                trigger=InventoryRun.Trigger.API,
                now=timezone.now(),
                account_ids=account_ids,
            )
            held = self._wait(run, worker)
        calls = self._control("GET", "/calls")
        groups = list(run.group_coverage.all())
        parts = list(
            run.tasks.exclude(account_id="")
            .exclude(started_at=None)
            .values_list("started_at", "finished_at")
        )
        return Reading(
            run=run,
            factor=factor,
            seconds=seconds_between(run.requested_at, run.finished_at),
            begun_seconds=seconds_between(run.requested_at, run.started_at),
            organization_seconds=max(
                (
                    seconds_between(run.requested_at, task.finished_at)
                    for task in run.tasks.filter(account_id="")
                ),
                default=0.0,
            ),
            accounts_seconds=min(seconds_between(run.requested_at, at) for at, _ in parts),
            last_seconds=max(seconds_between(run.requested_at, at) for _, at in parts),
            use=use,
            calls=Counter(calls["by_operation"]),
            calls_by_account={
                account_id: Counter(found) for account_id, found in calls["by_account"].items()
            },
            assumed=frozenset(
                row.account_id
                for row in groups
                if row.account_id and any(name.startswith("iam:") for name in row.calls)
            ),
            complete=frozenset(row.account_id for row in groups if row.account_id)
            - {row.account_id for row in groups if row.complete < row.total},
            throttled={
                organization: sum(
                    _throttled(row) for row in groups if (row.account_id == "") is organization
                )
                for organization in (True, False)
            },
            written=before.written_since(),
            worker_megabytes=held,
        )

    def _wait(self, run: InventoryRun, worker: int) -> tuple[float, ...]:
        """Wait until a run has ended; return the memory of the largest worker after each part."""
        held: list[float] = []
        deadline = time.monotonic() + LONGEST_RUN_SECONDS
        while run.is_active:
            self._pause(deadline, f"run {run.pk} goes on")
            run.refresh_from_db()
            if run.tasks_total and _PARTS * run.tasks_done >= run.tasks_total * (1 + len(held)):
                held.append(largest_child_megabytes(worker))
        if run.state == run.State.FAILED:
            raise RuntimeError(f"run {run.pk} failed: {run.error}")
        return (*held[: _PARTS - 1], largest_child_megabytes(worker))

    def _wait_until_idle(self) -> None:
        """Wait until no run goes on that something else began."""
        from inventory.models import InventoryRun

        deadline = time.monotonic() + LONGEST_RUN_SECONDS
        while InventoryRun.objects.filter(state__in=InventoryRun.ACTIVE_STATES).exists():
            self._pause(deadline, "a run that was not asked for goes on")

    def _wait_for_workers(self) -> None:
        from governance.config.celery import app

        deadline = time.monotonic() + _WORKERS_START_WITHIN_SECONDS
        ready: set[str] = set()
        while not ready >= _WORKERS:
            self._pause(deadline, f"of the workers only {', '.join(sorted(ready))} answer")
            ready |= {
                name.partition("@")[0]
                for each in app.control.ping(timeout=1) or ()
                for name in each
            }

    def _pause(self, deadline: float, problem: str) -> None:
        self.stack.check()
        if time.monotonic() > deadline:
            raise RuntimeError(problem)
        time.sleep(0.3)


def _throttled(row: GroupCoverage) -> int:
    return sum(took["throttled"] for regions in row.measures.values() for took in regions.values())


def seconds_between(began: datetime | None, ended: datetime | None) -> float:
    """Return the seconds between two times that are to be known by now."""
    if began is None or ended is None:
        raise RuntimeError("the run has ended without times")
    return (ended - began).total_seconds()
