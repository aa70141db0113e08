"""The inbox of 50,000 findings, as the page and the API read it.

The database of the environment is not touched: a PostgreSQL and a Valkey of their own are started,
and the findings are made as rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Row, Statistic, measured, print_table

_FINDINGS: Final = 50_000
_CALLS: Final = 30
_TARGET_SECONDS: Final = 0.15
_NOW: Final = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.findings_inbox")


def main() -> None:
    """Make the findings and measure the addresses."""
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client

    from governance.access.models import RoleAssignment
    from inventory.models import Connection

    person = User.objects.create_user("inbox")
    RoleAssignment.objects.create(user=person, role="security", created_at=_NOW - timedelta(days=9))
    connection = Connection.objects.create(
        name="Inbox", slug="inbox", management_account_id="999999999999"
    )
    _make_findings(connection)
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    page, base = "/o/inbox/findings/", "/api/v1/organizations/inbox/findings"
    addresses = {
        "page: all, worst first": page,
        "page: one source": f"{page}?source=drift",
        "page: high, open": f"{page}?severity=high&state=open",
        "page: by age": f"{page}?sort=-age",
        "API: all": f"{base}?limit=50",
        "API: overdue": f"{base}?overdue=true&limit=50",
    }

    def get(address: str) -> Callable[[], object]:
        def call() -> object:
            answer = client.get(address, secure=True)
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code}")
            return answer

        return call

    rows: list[Row] = []
    for name, address in addresses.items():
        get(address)()
        rows.append(measured(name, [get(address)] * _CALLS, _TARGET_SECONDS, Statistic.P95))
    print_table(f"Findings ({_FINDINGS:,} of one organization)", rows)


def _make_findings(connection: Any) -> None:
    from django.db import connection as database

    from governance.inbox.models import InboxEvent, InboxItem

    sources, severities = InboxItem.Source.values, InboxItem.InboxSeverity.values
    made = InboxItem.objects.bulk_create(
        (
            InboxItem(
                connection=connection,
                source=sources[number % 4],
                source_key=f"finding-{number}",
                kind=f"kind-{number % 30}",
                title=f"Finding {number}",
                target_kind="ACCOUNT",
                target_id=f"{number % 10_000:012}",
                target_name=f"account-{number % 10_000}",
                account_id=f"{number % 10_000:012}",
                accounts=1,
                severity=severities[number * 7 % 4],
                first_seen_at=_NOW - timedelta(minutes=number),
                last_seen_at=_NOW,
                due_at=_NOW + timedelta(minutes=number - 25_000),
            )
            for number in range(_FINDINGS)
        ),
        batch_size=5000,
    )
    InboxEvent.objects.bulk_create(
        (InboxEvent(item=item, at=item.first_seen_at, what="found") for item in made),
        batch_size=5000,
    )
    # As autovacuum leaves tables a minute after many rows came.
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE inbox_inboxitem, inbox_inboxevent")


if __name__ == "__main__":
    main()
