"""The queue and one change request among 5,000, as the API and the pages read them.

The database of the environment is not touched: a PostgreSQL and a Valkey of their own are started,
and the requests are made as rows. Each has evidence, reviews and comments of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Row, Statistic, measured, print_table

_REQUESTS: Final = 5_000
_CALLS: Final = 40
_TARGET_SECONDS: Final = 0.2
_PEOPLE: Final = 50
_NOW: Final = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.change_queue")


def main() -> None:
    """Make the requests and measure the addresses."""
    django.setup()
    from django.test import Client

    from governance.access.models import RoleAssignment

    people, connection = _people_and_connection()
    RoleAssignment.objects.create(
        user=people[0], role="security", created_at=_NOW - timedelta(days=9)
    )
    _make_requests(people, connection)
    client = Client(HTTP_HOST="localhost")
    client.force_login(people[0])
    base = f"/api/v1/organizations/{connection.slug}/change-requests"
    pages = f"/o/{connection.slug}/changes/"
    addresses = {
        "queue: all": base,
        "queue: in review": f"{base}?state=in_review",
        "queue: waiting for me": f"{base}?waiting_for=me",
        "queue: mine": f"{base}?author=me",
        "queue: of a policy": f"{base}?policy_id=p-queue007",
        "queue: of an account": f"{base}?target_id=000000000042",
        "one request": f"{base}/2500",
        "its evidence": f"{base}/2500/evidence",
        "its reviews": f"{base}/2500/reviews",
        "its timeline": f"{base}/2500/timeline",
        "page: queue": pages,
        "page: one request": f"{pages}2500/",
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
        calls = [get(address)] * _CALLS
        rows.append(measured(name, calls, _TARGET_SECONDS, Statistic.P95))
    print_table(f"Change requests ({_REQUESTS:,} of one organization)", rows)


def _people_and_connection() -> tuple[list[Any], Any]:
    from django.contrib.auth.models import User

    from inventory.models import Connection

    people = [User.objects.create_user(f"queue-{number}") for number in range(_PEOPLE)]
    connection = Connection.objects.create(
        name="Queue", slug="queue", management_account_id="999999999999"
    )
    return people, connection


def _make_requests(people: list[Any], connection: Any) -> None:
    from governance.approvals.models import Review
    from governance.changes.models import ChangeComment, ChangeRequest, Evidence
    from governance.changes.states import ChangeState

    states = list(ChangeState)
    requests = []
    for number in range(1, _REQUESTS + 1):
        policy_id, target_id = f"p-queue{number % 100:03}", f"{number % 1000:012}"
        requests.append(
            ChangeRequest(
                connection=connection,
                number=number,
                title=f"Change {number}",
                author=people[number % _PEOPLE],
                state=ChangeState.DRAFT,
                state_at=_NOW,
                created_at=_NOW - timedelta(minutes=number),
                updated_at=_NOW - timedelta(minutes=number),
                operations=[
                    {"kind": "attach_policy", "policy_id": policy_id, "target_id": target_id}
                ],
                object_ids=[policy_id, target_id],
                reaching_ids=[target_id],
                waiting_for=[people[number * 7 % _PEOPLE].pk],
            )
        )
    made = ChangeRequest.objects.bulk_create(requests)
    evidences = Evidence.objects.bulk_create(
        Evidence(
            change_request=request,
            revision=1,
            sha256=f"{request.pk:064x}",
            conclusions_sha256=f"{request.pk:064x}",
            plan_sha256=f"{request.pk:064x}",
            conclusions={},
            content={"targets": [], "findings": [], "filling": "x" * 20_000},
            base={},
            plan={},
            made_at=_NOW,
            seconds=1.0,
        )
        for request in made
    )
    for request, evidence in zip(made, evidences, strict=True):
        request.evidence, request.plan_sha256 = evidence, evidence.plan_sha256
        request.state = states[request.number % len(states)]
    fields = ["evidence", "plan_sha256", "state"]
    ChangeRequest.objects.bulk_update(made, fields, batch_size=500)
    for person in people[1:5]:
        Review.objects.bulk_create(
            Review(
                connection=connection,
                subject_kind="change_request",
                subject_id=str(request.pk),
                digest=request.plan_sha256,
                reviewer=person,
                verdict="approve",
                created_at=_NOW,
            )
            for request in made
        )
        ChangeComment.objects.bulk_create(
            ChangeComment(
                change_request=request, author=person, revision=1, body="Why?", created_at=_NOW
            )
            for request in made
        )


if __name__ == "__main__":
    main()
