"""`python -m benchmarks.inventory_runs ORGANIZATION`: read it in a stack aside, print tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import django

from benchmarks.processes import Use, measured_use
from benchmarks.tables import Figure, Row, print_figures, print_table
from demo.first_inventory import ensure_connection
from demo.simulator.process import RunningSimulator
from demo.stack.aside import running_stack
from demo.stack.supervisor import Stack

if TYPE_CHECKING:
    from django.db.models import Model

    from inventory.models import Connection, GroupCoverage, InventoryRun
    from inventory.models.versions import Version

_AWS_RATES = 1.0
_NO_RATES = 1000.0
_UNCHANGED_RUNS = 2
# How much more than boto3 alone reading and storing may take.
_PROCESSOR_RATIO = 1.5
_WALL_RATIO = 1.3
_LONGEST_RUN_SECONDS = 900
_IAM_CALLS = 8
_A_PROVIDER = ("iam:GetSAMLProvider", "iam:GetOpenIDConnectProvider")
_PAGE = 20
_TAG_PAGE = 100
# Every table of an account is one SELECT when nothing changed; the rest is locks and the run's own.
_STATEMENTS = 60


@dataclass(frozen=True)
class Reading:
    """One run, and what it took. `calls` by operation and by account: as the simulator counted.

    `assumed`: the accounts whose audit role was assumed. `throttled`: calls that were refused
    because of rates, by whether the organization's part made them. `written`: rows
    inserted, changed and deleted.
    """

    run: InventoryRun
    seconds: float
    account_seconds: tuple[float, ...]
    use: Use
    calls: Counter[str]
    calls_by_account: dict[str, Counter[str]]
    assumed: frozenset[str]
    throttled: dict[bool, int]
    written: int


def main(organization: Path) -> None:
    """Measure, and print the tables."""
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name,
        running_stack(
            Path(name), organization=organization, first_inventory_seconds=_LONGEST_RUN_SECONDS
        ) as stack,
    ):
        os.environ.update(stack.environment)
        django.setup()
        _Measuring(stack, Path(name)).print_all()


class _Measuring:
    """Runs of one organization, through the stack's own workers."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        from inventory.models import Connection

        self._stack = stack
        self._folder = folder
        self._control = RunningSimulator(stack.endpoint).control
        self._management_account_id = Connection.objects.get().management_account_id

    def print_all(self) -> None:
        """Run and print."""
        at_aws_rates = self._series(_AWS_RATES)
        self._print_organization_calls(at_aws_rates[0])
        self._print_account_calls(at_aws_rates[0])
        series = {"AWS's rates": at_aws_rates, "AWS without rates": self._series(_NO_RATES)}
        self._print_times(series)
        self._print_costs(series)
        self._print_beside_bare_calls(at_aws_rates[0])

    def _print_beside_bare_calls(self, first: Reading) -> None:
        """Read all accounts again, and make the same calls by boto3 alone."""
        accounts = sorted(first.assumed)
        connection = first.run.connection
        readings = [
            self._read(connection, factor=_NO_RATES, account_ids=accounts)
            for _ in range(_UNCHANGED_RUNS)
        ]
        bare = [self._bare_calls(accounts) for _ in range(_UNCHANGED_RUNS)]
        own = min(each.use.processor_seconds for each in readings) / len(accounts)
        least = min(each["processor_seconds"] for each in bare) / len(accounts)
        wall = min(each.seconds for each in readings)
        bare_wall = min(each["seconds"] for each in bare)
        print_figures(
            f"Reading and storing {len(accounts)} accounts beside boto3 alone, nothing changed",
            [
                Figure("processor ms an account, the workers", _rounded(own * 1e3)),
                Figure("processor ms an account, boto3 alone", _rounded(least * 1e3)),
                Figure("ratio of processor time", round(own / least, 2), _PROCESSOR_RATIO),
                Figure("seconds, the run by two workers", _rounded(wall)),
                Figure("seconds, boto3 alone", _rounded(bare_wall)),
                Figure("ratio of wall time", round(wall / bare_wall, 2), _WALL_RATIO),
            ],
        )

    def _bare_calls(self, account_ids: Sequence[str]) -> dict[str, float]:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.inventory_bare", self._stack.endpoint),
                *account_ids,
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def _series(self, factor: float) -> list[Reading]:
        """Read everything into an empty database, then again while nothing changes."""
        from inventory.models import Connection, PolicyContent

        Connection.objects.all().delete()
        PolicyContent.objects.all().delete()
        connection = self._connect()
        return [self._read(connection, factor=factor) for _ in range(1 + _UNCHANGED_RUNS)]

    def _connect(self) -> Connection:
        connection = ensure_connection(
            endpoint=self._stack.endpoint, account_id=self._management_account_id, name="Benchmark"
        )
        # Nothing may start a run but this.
        connection.schedule_minutes = 0
        connection.save()
        return connection

    def _read(
        self, connection: Connection, *, factor: float, account_ids: Sequence[str] | None = None
    ) -> Reading:
        from django.utils import timezone

        from inventory.models import InventoryRun
        from inventory.runs.requests import request_run

        # It fills AWS's buckets too: each run finds them as an hour's wait would leave them.
        self._control("PUT", "/rates", {"factor": factor})
        self._control("DELETE", "/calls")
        before = _Rows.now()
        with measured_use(self._stack.pid("worker-inventory")) as use:
            run = request_run(
                connection=connection,
                trigger=InventoryRun.Trigger.API,
                now=timezone.now(),
                account_ids=account_ids,
            )
            self._wait(run)
        calls = self._control("GET", "/calls")
        groups = list(run.group_coverage.all())
        return Reading(
            run=run,
            seconds=_seconds(run.requested_at, run.finished_at),
            account_seconds=tuple(
                _seconds(part.started_at, part.finished_at)
                for part in run.tasks.exclude(account_id="").exclude(started_at=None)
            ),
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
            throttled={
                organization: sum(
                    _throttled(row) for row in groups if (row.account_id == "") is organization
                )
                for organization in (True, False)
            },
            written=before.written_since(),
        )

    def _wait(self, run: InventoryRun) -> None:
        deadline = time.monotonic() + _LONGEST_RUN_SECONDS
        while run.is_active:
            self._stack.check()
            if time.monotonic() > deadline:
                raise RuntimeError(f"run {run.pk} goes on after {_LONGEST_RUN_SECONDS} s")
            time.sleep(0.05)
            run.refresh_from_db()
        if run.state == run.State.FAILED:
            raise RuntimeError(f"run {run.pk} failed: {run.error}")

    def _print_organization_calls(self, first: Reading) -> None:
        made = Counter(
            {
                name: number
                for name, number in first.calls.items()
                if name.startswith(("organizations:", "tagging:"))
            }
        )
        most = _most_organization_calls(first.run.connection)
        figures = [Figure(name, made[name], most.get(name)) for name in sorted({*made, *most})]
        print_figures(
            f"Calls to AWS for the organization: {_size(first.run.connection)}",
            [
                *figures,
                Figure("all of the organization's part", made.total(), sum(most.values())),
                Figure("of these throttled and repeated", first.throttled[True]),
            ],
        )

    def _print_account_calls(self, first: Reading) -> None:
        calls = [
            Counter({name: n for name, n in found.items() if name.startswith("iam:")})
            for account_id, found in first.calls_by_account.items()
            if account_id in first.assumed
        ]
        total = sum(calls, Counter[str]())
        fixed = [sum(n for name, n in each.items() if name not in _A_PROVIDER) for each in calls]
        print_figures(
            f"IAM calls in the {len(calls)} accounts whose role was assumed",
            [
                *(Figure(name, total[name]) for name in sorted(total)),
                Figure("of these throttled and repeated", first.throttled[False]),
                Figure("an account, median", median(each.total() for each in calls), _IAM_CALLS),
                Figure("an account, median, without each provider's", median(fixed), _IAM_CALLS),
                Figure("an account, mean", _rounded(total.total() / len(calls))),
                Figure("an account, the most", max(each.total() for each in calls)),
            ],
        )

    def _print_times(self, series: dict[str, list[Reading]]) -> None:
        rows = []
        for words, (first, *unchanged) in series.items():
            parts = tuple(time for each in unchanged for time in each.account_seconds)
            rows += [
                Row(f"first run, {words}", (first.seconds,), None),
                Row(f"unchanged run, {words}", tuple(each.seconds for each in unchanged), None),
                Row(f"an account of it, {words}", parts, None),
            ]
        print_table("Wall time, from the request to the end of the run", rows)

    def _print_costs(self, series: dict[str, list[Reading]]) -> None:
        firsts = [first for first, *_ in series.values()]
        unchanged = [each for _, *others in series.values() for each in others]
        uses = [each.use for each in (*firsts, *unchanged)]
        print_figures(
            "The inventory's workers: two processes and their parent",
            [
                Figure("processor seconds, first run", _processor(firsts), is_seconds=True),
                Figure("processor seconds, unchanged run", _processor(unchanged), is_seconds=True),
                Figure("MB, all at the peak", _rounded(max(u.together_megabytes for u in uses))),
                Figure(
                    "MB, the largest at its peak", _rounded(max(u.largest_megabytes for u in uses))
                ),
            ],
        )
        moved = sum(each.run.rows_opened + each.run.rows_closed for each in unchanged)
        print_figures(
            "The database",
            [
                Figure("versions, first run", max(each.run.rows_opened for each in firsts)),
                Figure("rows, first run, with contents and use", max(e.written for e in firsts)),
                Figure(f"versions, {len(unchanged)} unchanged runs", moved, 0),
                Figure("rows, the same runs", sum(each.written for each in unchanged), 0),
                Figure(
                    "statements an account, unchanged",
                    self._statements_an_account(unchanged[-1].run),
                    _STATEMENTS,
                ),
            ],
        )

    def _statements_an_account(self, run: InventoryRun) -> float:
        """Have the server log what it is told while all accounts, and nothing else, are read."""
        from django.db import connection

        account_ids = list(
            run.tasks.exclude(account_id="")
            .exclude(state="skipped")
            .values_list("account_id", flat=True)
        )
        with connection.cursor() as cursor:
            # Not this process's own, which asks again and again whether the run has ended.
            cursor.execute("SET log_statement = 'none'")
            cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
            cursor.execute("SELECT pg_reload_conf()")
        self._read(run.connection, factor=_NO_RATES, account_ids=account_ids)
        # The server writes before it answers; the log book reads a little later.
        time.sleep(1)
        lines = (self._folder / "logs" / "postgres.log").read_text(encoding="utf-8").splitlines()
        statements = sum(line.startswith("LOG:  statement: ") for line in lines)
        return _rounded(statements / len(account_ids))


def _most_organization_calls(connection: Connection) -> dict[str, int]:
    """Return how many calls of each operation the organization's size allows."""
    from inventory.models import (
        Account,
        DelegatedAdministrator,
        OrganizationalUnit,
        Policy,
        PolicyAttachment,
        Root,
        TrustedService,
    )
    from inventory.policy_types import POLICY_TYPES

    def now(model: type[Version]) -> int:
        return _now(model, connection)

    policies, accounts, units = now(Policy), now(Account), now(OrganizationalUnit)
    tagged = policies + accounts + units + now(Root)
    return {
        "organizations:DescribeOrganization": 1,
        "organizations:ListRoots": 1,
        "organizations:DescribeResourcePolicy": 1,
        "organizations:ListAccounts": _pages(accounts),
        "organizations:ListOrganizationalUnitsForParent": now(Root) + units + _pages(units),
        "organizations:ListPolicies": len(POLICY_TYPES) + _pages(policies),
        "organizations:DescribePolicy": policies,
        "organizations:ListTargetsForPolicy": policies + _pages(now(PolicyAttachment)),
        "organizations:ListAWSServiceAccessForOrganization": _pages(now(TrustedService)),
        "organizations:ListDelegatedAdministrators": _pages(now(DelegatedAdministrator)),
        "organizations:ListDelegatedServicesForAccount": now(DelegatedAdministrator),
        "tagging:GetResources": -(-tagged // _TAG_PAGE),
    }


def _pages(items: int) -> int:
    return max(1, -(-items // _PAGE))


@dataclass(frozen=True)
class _Rows:
    """The rows that hold what is in AWS: how many, and which transaction came last.

    Runs and their coverage are records of the reading and do not count.
    """

    transaction: int
    count: int

    @classmethod
    def now(cls) -> _Rows:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            transaction = int(cursor.fetchone()[0])
        return cls(transaction, sum(count for count, _ in _counted(transaction)))

    def written_since(self) -> int:
        """Return how many rows were inserted or changed, and by how many they have become fewer."""
        counted = _counted(self.transaction)
        fewer = self.count - sum(count for count, _ in counted)
        return sum(written for _, written in counted) + max(0, fewer)


def _counted(transaction: int) -> list[tuple[int, int]]:
    """Return for each table its rows, and those that transactions after `transaction` wrote."""
    from django.db import connection

    from inventory.models import PolicyContent, PrincipalActivity
    from inventory.store.rows import MODELS

    kept: list[type[Model]] = [*MODELS.values(), PolicyContent, PrincipalActivity]
    found = []
    with connection.cursor() as cursor:
        for model in kept:
            # In a cluster as young as this one the numbers of transactions have not begun anew.
            table = connection.ops.quote_name(model._meta.db_table)
            newer = "xmin::text::bigint > %s"
            query = f"SELECT count(*), count(*) FILTER (WHERE {newer}) FROM {table}"  # noqa: S608
            cursor.execute(query, [transaction])
            rows, written = cursor.fetchone()
            found.append((int(rows), int(written)))
    return found


def _throttled(row: GroupCoverage) -> int:
    return sum(took["throttled"] for regions in row.measures.values() for took in regions.values())


def _seconds(began: datetime | None, ended: datetime | None) -> float:
    if began is None or ended is None:
        raise RuntimeError("the run has ended without times")
    return (ended - began).total_seconds()


def _processor(readings: Sequence[Reading]) -> float:
    return _rounded(median(each.use.processor_seconds for each in readings))


def _rounded(number: float) -> float:
    return round(number, 1)


def _size(connection: Connection) -> str:
    from inventory.models import Account, OrganizationalUnit, Policy

    return (
        f"{_now(Account, connection)} accounts, {_now(OrganizationalUnit, connection)} OUs,"
        f" {_now(Policy, connection)} policies"
    )


def _now(model: type[Version], connection: Connection) -> int:
    rows: int = model.objects.filter(connection=connection, seen_until__isnull=True).count()
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]))
