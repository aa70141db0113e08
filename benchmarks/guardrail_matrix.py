"""The guardrail matrix of 10,000 accounts, or `ORGWARDEN_BENCH_ACCOUNTS`: time and size of a page.

Every guardrail of the library has a result in every account, stored as rows: most hold, a share of
each fails, is undecided or is not covered. PostgreSQL and Valkey are of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table

if TYPE_CHECKING:
    from inventory.models import Connection

_ACCOUNTS: Final = int(os.environ.get("ORGWARDEN_BENCH_ACCOUNTS", "10000"))
_CALLS: Final = 20
_UNITS_OPENED: Final = 12
_TARGET_SECONDS: Final = 0.3
_TARGET_BYTES: Final = 300_000
_FILL_RESULTS: Final = """
insert into {results} (connection_id, guardrail_id, account_id, outcome, proof_id, fingerprint,
                       seen_from)
select account.connection_id, guardrail.id, account.account_id,
       case when draw.n < 12 then 'fails' when draw.n < 15 then 'undecided'
            when draw.n < 17 then 'not_covered' else 'holds' end,
       %(proof)s, repeat('0', 64), %(moment)s
from {accounts} account
cross join unnest(%(guardrails)s::text[]) with ordinality guardrail (id, number)
cross join lateral (
    select ((account.account_id::bigint * 7919 + guardrail.number * 104729) %% 100) n
) draw
where account.connection_id = %(connection)s and account.seen_until is null
"""
_FILL_TALLIES: Final = """
insert into {tallies} (connection_id, guardrail_id, parent_id, holds, fails, undecided,
                       not_covered, excepted, held_from)
select account.connection_id, result.guardrail_id, account.parent_id,
       count(*) filter (where result.outcome = 'holds'),
       count(*) filter (where result.outcome = 'fails'),
       count(*) filter (where result.outcome = 'undecided'),
       count(*) filter (where result.outcome = 'not_covered'), 0, %(moment)s
from {results} result
join {accounts} account using (connection_id, account_id)
where account.connection_id = %(connection)s and account.seen_until is null
group by 1, 2, 3
"""


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.guardrail_matrix")


def main() -> None:
    """Fill the database and measure the views of the matrix."""
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from governance.access.models import RoleAssignment
    from inventory.models import Account, OrganizationalUnit

    now = timezone.now()
    connection = _seed_tree(now)
    guardrails = _fill(connection, now - timedelta(hours=1))
    person = User.objects.create_user("matrix")
    RoleAssignment.objects.create(user=person, role="security", created_at=now - timedelta(days=9))
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    held = {"connection": connection, "seen_until": None}
    units = OrganizationalUnit.objects.filter(**held).order_by("path")[:_UNITS_OPENED]
    account = Account.objects.filter(**held).order_by("account_id").first()
    if not units or account is None:
        raise RuntimeError("nothing was seeded")
    page = f"/o/{connection.slug}/guardrails/"
    opened = "&".join(f"open={unit.target_id}" for unit in units)
    addresses = {
        "OUs": page,
        "an OU opened": f"{page}?open={units[0].target_id}",
        f"{_UNITS_OPENED} OUs opened": f"{page}?{opened}",
        "accounts": f"{page}?rows=accounts",
        "heatmap of OUs": f"{page}?view=heatmap",
        "heatmap of accounts": f"{page}?view=heatmap&rows=accounts",
        "table": f"{page}?view=table",
        "one account": f"{page}?q={account.account_id}",
    }
    rows: list[Row] = []
    sizes: list[Figure] = []
    for name, address in addresses.items():
        size = len(_answer(client, address).content)
        rows.append(
            measured(
                name,
                [_asking(client, address)] * _CALLS,
                _TARGET_SECONDS,
                Statistic.P95,
            )
        )
        sizes.append(Figure(f"{name}: bytes before compression", size, _TARGET_BYTES))
    title = f"Guardrail matrix ({guardrails} guardrails, {_ACCOUNTS:,} accounts)"
    print_table(title, rows)
    print_figures(title, sizes)


def _seed_tree(now: datetime) -> Connection:
    """Write root, OUs and accounts, and that they were read; no page of the matrix reads more."""
    from demo.scale.loading import VersionLoader
    from demo.scale.policies import POLICY_TYPES
    from demo.scale.record import write_record
    from demo.scale.seeding import make_connection
    from demo.scale.shape import Shape, Span
    from demo.scale.tree import make_tree

    shape = Shape(ended_at=now, accounts=_ACCOUNTS, recorded_runs=1, covers_accounts=False)
    connection = make_connection()
    loader = VersionLoader(connection)
    tree = make_tree(shape, policy_types=POLICY_TYPES)
    accounts = [account for account, _ in tree.accounts]
    always = Span(shape.run_times()[0])
    for record in (tree.organization, tree.root, *(each.record for each in tree.places), *accounts):
        loader.add(record, always)
    loader.flush()
    write_record(shape, connection, accounts)
    return connection


def _answer(client: Any, address: str) -> Any:
    answer = client.get(address, secure=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return answer


def _asking(client: Any, address: str) -> Callable[[], object]:
    def ask() -> object:
        return _answer(client, address)

    return ask


def _fill(connection: Connection, moment: datetime) -> int:
    """Store a result of each guardrail in each account; return how many guardrails there are."""
    from django.db import connection as database

    from governance.baseline.guardrails.matrix import matrix_columns
    from governance.baseline.guardrails.models import (
        GuardrailProof,
        GuardrailResult,
        GuardrailTally,
    )
    from inventory.models import Account

    guardrails = [one.id for one in matrix_columns(connection)]
    proof = GuardrailProof.objects.create(digest="0" * 64, content={"because": "", "read": []})
    tables = {
        "results": GuardrailResult._meta.db_table,
        "tallies": GuardrailTally._meta.db_table,
        "accounts": Account._meta.db_table,
    }
    given: dict[str, Any] = {
        "proof": proof.pk,
        "moment": moment,
        "guardrails": guardrails,
        "connection": connection.pk,
    }
    with database.cursor() as cursor:
        for statement in (_FILL_RESULTS, _FILL_TALLIES):
            cursor.execute(statement.format(**tables), given)
        cursor.execute("analyze")
    return len(guardrails)


if __name__ == "__main__":
    main()
