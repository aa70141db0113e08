"""Usage and denials as pages and API read them, at 10 million usage records and 100,000 denials.

The database of the environment is not touched: a PostgreSQL and a Valkey of their own are started,
and the rows are made by SQL: 1,000 accounts of 340 accesses each, used on each of 30 days.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Row, Statistic, measured, print_table

if TYPE_CHECKING:
    from inventory.models import Connection

_ACCOUNTS: Final = 1_000
_ACCESSES: Final = 340_000
_DAYS: Final = 30
_CAUSES: Final = 20_000
_DAYS_DENIED: Final = 5
_CALLS: Final = 12
_TARGET_SECONDS: Final = 0.15

_CONTEXT: Final = """
    INSERT INTO inventory_usagecontext (connection_id, digest, context, unknown_context)
    VALUES (%s, gen_random_uuid(), '{"aws:SourceIp": "198.51.100.7"}', '["aws:UserAgent"]')
    RETURNING id
"""
_ACCESS_ROWS: Final = """
    INSERT INTO inventory_usedaccess (
        connection_id, digest, account_id, principal, action, resource, region, context_id,
        first_day, last_day, calls, last_at
    )
    SELECT %s, gen_random_uuid(), account_id,
        'arn:aws:iam::' || account_id || ':role/workload-' || number / %s %% 20,
        (%s::text[])[1 + number / 7 %% 12],
        'arn:aws:s3:::data-' || number %% 997 || '/*', 'eu-central-1', %s, %s::date, %s::date,
        7 * %s + number %% 1000, now() - number * interval '1 millisecond'
    FROM (
        SELECT lpad((number %% %s + 1)::text, 12, '0') AS account_id, number
        FROM generate_series(0, %s) AS number
    ) AS made
"""
_USAGE_ROWS: Final = """
    INSERT INTO inventory_dailyusage (
        connection_id, access_id, day, count, denied, first_at, last_at
    )
    SELECT %s, id, %s::date, 7, 0, %s::date + time '08:00', %s::date + time '17:00'
    FROM inventory_usedaccess
"""
_HOUR_ROWS: Final = """
    INSERT INTO inventory_hourlycalls (connection_id, account_id, day, service, calls, denied)
    SELECT %s, account_id, %s::date, split_part(service, ':', 1), array_fill(9::bigint, ARRAY[24]),
        array_fill(1::bigint, ARRAY[24])
    FROM unnest(%s::text[]) AS service, (
        SELECT '' UNION ALL SELECT lpad(number::text, 12, '0') FROM generate_series(1, %s) AS number
    ) AS made(account_id)
    ON CONFLICT DO NOTHING
"""
_DENIAL_ROWS: Final = """
    INSERT INTO inventory_dailydenial (
        connection_id, digest, day, account_id, principal, action, resource, region, policy_type,
        policy, reason, count, first_at, last_at
    )
    SELECT %s, md5(number::text)::uuid, %s::date, account_id,
        'arn:aws:iam::' || account_id || ':role/workload-' || number %% 20,
        (%s::text[])[1 + number %% 12], '*', 'eu-west-3', 'service control policy',
        'arn:aws:organizations::999999999999:policy/o-x/service_control_policy/p-' || number %% 40,
        'explicit', 11, %s::date + time '08:00',
        %s::date + time '09:00' + number * interval '1 second'
    FROM (
        SELECT lpad((number %% %s + 1)::text, 12, '0') AS account_id, number
        FROM generate_series(0, %s) AS number
    ) AS made
"""
_DENIED_CALLS_ROWS: Final = """
    INSERT INTO inventory_deniedcalls (
        connection_id, account_id, day, service, policy_type, policy, count
    )
    SELECT connection_id, coalesce(account_id, ''), day, service, policy_type, policy, sum(count)
    FROM (SELECT *, split_part(action, ':', 1) AS service FROM inventory_dailydenial) AS denial
    GROUP BY GROUPING SETS (
        (connection_id, account_id, day, service, policy_type, policy),
        (connection_id, day, service, policy_type, policy)
    )
"""
_ACTIONS: Final = [
    *("s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole", "ec2:DescribeInstances"),
    *("logs:CreateLogStream", "sqs:SendMessage", "dynamodb:GetItem", "ssm:GetParameter"),
    *("secretsmanager:GetSecretValue", "lambda:InvokeFunction", "iam:PassRole"),
]


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.usage_pages")


def main() -> None:
    """Make the rows and measure the addresses."""
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from governance.access.models import RoleAssignment
    from governance.usage.remembered_use import remembered_use
    from inventory.models import Connection
    from inventory.viewing import Viewer

    now = timezone.now()
    person = User.objects.create_user("usage")
    RoleAssignment.objects.create(user=person, role="security", created_at=now - timedelta(days=9))
    connection = Connection.objects.create(
        name="Usage", slug="usage", management_account_id="999999999999"
    )
    _make_rows(connection, now)
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    account_id = f"{77:012}"
    role = f"arn:aws:iam::{account_id}:role/workload-3"
    page, api = "/o/usage", "/api/v1/organizations/usage"
    addresses = {
        "page: usage": f"{page}/usage/",
        "page: usage of an account": f"{page}/usage/?account_id={account_id}",
        "page: usage of a role": f"{page}/usage/?principal={role}",
        "page: usage of a service": f"{page}/usage/?service=kms",
        "page: usage by calls": f"{page}/usage/?sort=-count",
        "page: usage by last use": f"{page}/usage/?sort=-last_at",
        "page: usage of a service by calls": f"{page}/usage/?service=kms&sort=-count",
        "page: denials": f"{page}/denials/",
        "page: denials of an account": f"{page}/denials/?account_id={account_id}",
        "page: denials of a week": f"{page}/denials/?days=7",
        "page: denials by calls": f"{page}/denials/?sort=-count",
        "page: denials of a service": f"{page}/denials/?service=kms",
        "API: usage": f"{api}/usage?limit=50",
        "API: denials": f"{api}/denials?limit=50",
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

    def last_use() -> object:
        today, ids = now.date(), [f"{number + 1:012}" for number in range(_ACCOUNTS)]
        since = today - timedelta(days=_DAYS)
        return remembered_use(
            Viewer(sees_inventory=True),
            connection=connection,
            since=since,
            today=today,
            account_ids=ids,
        )

    # What the page Unused asks of usage, below the root.
    rows.append(measured("actions in use, first read", [last_use], None))
    rows.append(
        measured("actions in use, remembered", [last_use] * _CALLS, _TARGET_SECONDS, Statistic.P95)
    )
    print_table(
        f"Usage ({_ACCESSES * _DAYS:,} records, {_CAUSES * _DAYS_DENIED:,} denials by day)", rows
    )


def _make_rows(connection: Connection, now: datetime) -> None:
    from django.db import connection as database

    from inventory.models import LogDay, LogSource
    from inventory.models.day_partitions import PARTITIONED, add_day_partition

    days = [(now - timedelta(days=number)).date() for number in range(_DAYS)]
    source = LogSource.objects.create(
        connection=connection,
        name="trail",
        bucket="example-logs",
        organization_path="o-exampleorg1",
        bucket_region="eu-central-1",
        account_id=f"{1:012}",
        read_from=days[-1],
    )
    LogDay.objects.bulk_create(
        (
            LogDay(
                source=source,
                account_id=f"{number + 1:012}",
                region=region,
                day=day,
                objects_found=3,
                objects_read=3,
                events=400,
                newest_at=now,
            )
            for number in range(_ACCOUNTS)
            for region in ("eu-central-1", "us-east-1")
            for day in days
        ),
        batch_size=5000,
    )
    with database.cursor() as cursor:
        for table in PARTITIONED:
            for day in days:
                add_day_partition(table, day)
        cursor.execute(_CONTEXT, [connection.pk])
        (context_id,) = cursor.fetchone()
        cursor.execute(
            _ACCESS_ROWS,
            [
                *(connection.pk, _ACCOUNTS, _ACTIONS, context_id, days[-1], days[0], _DAYS),
                *(_ACCOUNTS, _ACCESSES - 1),
            ],
        )
        for day in days:
            cursor.execute(_USAGE_ROWS, [connection.pk, day, day, day])
            cursor.execute(_HOUR_ROWS, [connection.pk, day, _ACTIONS, _ACCOUNTS])
        for day in days[:_DAYS_DENIED]:
            cursor.execute(
                _DENIAL_ROWS,
                [connection.pk, day, _ACTIONS, day, day, _ACCOUNTS, _CAUSES - 1],
            )
        cursor.execute(_DENIED_CALLS_ROWS)
        # As autovacuum leaves tables a minute after many rows came.
        cursor.execute(
            "VACUUM ANALYZE inventory_usedaccess, inventory_dailyusage, inventory_dailydenial, "
            "inventory_deniedcalls, inventory_hourlycalls, inventory_logday"
        )


if __name__ == "__main__":
    main()
