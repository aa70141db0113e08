"""A source's days are read by Athena one by one, each paid for once, whatever stops a reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from moto import mock_aws
from moto.athena.models import QueryResults, athena_backends
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID

from inventory.aws.client import AwsClient, CallLog, Patience
from inventory.aws.errors import AwsReadDenied
from inventory.aws.session import acting_client
from inventory.logs.athena.costs import cost_usd, spent_usd
from inventory.logs.athena.days import ask_athena, go_on
from inventory.logs.athena.grouping import LogTable, query_of_day
from inventory.models import (
    DailyDenial,
    DailyUsage,
    LogDay,
    LogQuery,
    LogSource,
    UnmappedCall,
    UsedAccess,
)
from inventory.signals import logs_were_read
from tests.factories.logs import LogSourceFactory
from tests.inventory.cloudtrail.samples import ACCOUNT, event
from tests.inventory.logs.athena.duck import counted
from tests.inventory.stubs import CREDENTIALS, ROLE, StubbedAws, stubbed

pytestmark = pytest.mark.django_db

FIRST = date(2026, 5, 1)
NOW = datetime(2026, 5, 2, 4, tzinfo=UTC)
DENIED = "User: x is not authorized to perform: ec2:DescribeInstances because no service control "


@pytest.fixture
def source() -> LogSource:
    return LogSourceFactory.create(
        kind=LogSource.Kind.ATHENA,
        read_from=FIRST,
        athena_database="logs",
        athena_table="cloudtrail",
        athena_workgroup="orgwarden",
    )


@pytest.fixture
def events():
    return [
        *(event(at) for at in range(1, 6)),
        event(6, errorCode="AccessDenied", errorMessage=DENIED + "policy allows it"),
        event(7, eventSource="nosuch.amazonaws.com", eventName="DoNothing"),
    ]


def page(rows, *, token=None):
    names = list(rows[0])
    data = [names, *([row[name] for name in names] for row in rows)]
    answer = {
        "ResultSet": {
            "Rows": [
                {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
                for row in data
            ]
        }
    }
    return answer | ({"NextToken": token} if token else {})


def execution(state, *, scanned=2_000_000_000, reason=""):
    status = {"State": state} | ({"StateChangeReason": reason} if reason else {})
    return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": scanned}}}


def read_day(source, athena: StubbedAws, rows, now=NOW) -> LogQuery:
    """Take the steps of one day, from asking to its rows."""
    athena.answers("start_query_execution", {"QueryExecutionId": f"q-{now:%d}"})
    athena.answers("get_query_execution", execution("SUCCEEDED"))
    athena.answers("get_query_results", page(rows))
    go_on(source, athena.client, now=now)
    found = go_on(source, athena.client, now=now)
    assert found is not None
    return found


def totals():
    return (
        sorted(
            DailyUsage.objects.values_list(
                "access__action", "access__resource", "count", "denied", "first_at", "last_at"
            )
        ),
        sorted(DailyDenial.objects.values_list("action", "policy_type", "count")),
        sorted(UnmappedCall.objects.values_list("event_source", "event_name", "count")),
        sorted(UsedAccess.objects.values_list("action", "resource", "calls")),
    )


class TestADay:
    def test_is_stored_as_its_events_are_counted(self, source, events, tmp_path):
        with stubbed("athena") as athena:
            query = read_day(source, athena, counted(events, tmp_path, FIRST))

        assert (query.state, query.events, query.scanned_bytes) == ("read", 7, 2_000_000_000)
        usage, denials, unmapped, _ = totals()
        (used,) = usage
        assert used[0] == "ec2:DescribeInstances"
        assert used[2:4] == (6, 1)
        assert denials == [("ec2:DescribeInstances", "service control policy", 1)]
        assert unmapped == [("nosuch.amazonaws.com", "DoNothing", 1)]
        (day,) = LogDay.objects.all()
        assert (day.account_id, day.region, day.events) == (ACCOUNT, "eu-west-1", 7)

    def test_read_again_takes_the_place_of_what_was_stored(self, source, events, tmp_path):
        rows = counted(events, tmp_path, FIRST)
        with stubbed("athena") as athena:
            read_day(source, athena, rows)
            before = totals()
            source.queries.all().delete()
            read_day(source, athena, rows)

        assert totals() == before

    def test_is_asked_for_once_it_ended_and_its_files_have_come(self, source):
        with stubbed("athena") as athena:
            early = datetime(2026, 5, 2, 2, 59, tzinfo=UTC)
            assert go_on(source, athena.client, now=early) is None
        assert not LogQuery.objects.exists()

    def test_is_told_of_when_it_is_stored(self, source, events, tmp_path):
        told: list[list[date]] = []
        receiver: Callable[..., None] = lambda days, **_: told.append(days)  # noqa: E731
        logs_were_read.connect(receiver)
        try:
            with stubbed("athena") as athena:
                read_day(source, athena, counted(events, tmp_path, FIRST))
        finally:
            logs_were_read.disconnect(receiver)
        assert told == [[FIRST]]

    def test_without_an_event_is_read_all_the_same(self, source):
        with stubbed("athena") as athena:
            athena.answers("start_query_execution", {"QueryExecutionId": "q-1"})
            athena.answers("get_query_execution", execution("SUCCEEDED"))
            athena.answers("get_query_results", {"ResultSet": {"Rows": []}})
            go_on(source, athena.client, now=NOW)
            query = go_on(source, athena.client, now=NOW)

        assert query is not None
        assert (query.state, query.events) == ("read", 0)

    @mock_aws
    def test_is_read_over_the_api_of_athena(self, source, events, tmp_path):
        backend = athena_backends[ACCOUNT_ID]["us-east-1"]
        backend.create_work_group("orgwarden", {"ResultConfiguration": {}}, "", [])
        rows = page(counted(events, tmp_path, FIRST))["ResultSet"]["Rows"]
        backend.query_results_queue.append(QueryResults(rows=rows, column_info=[]))
        client = AwsClient(
            acting_client("athena", region="us-east-1"),
            credentials=CREDENTIALS,
            role=ROLE,
            log=CallLog(),
            patience=Patience(),
        )

        steps = [go_on(source, client, now=NOW) for _ in range(4)]

        assert "read" in [query.state for query in steps if query is not None]
        assert DailyUsage.objects.get().count == 6


class TestAReaderThatStops:
    def test_asks_again_by_the_same_token_so_that_one_scan_is_paid(self, source):
        with stubbed("athena") as athena:
            athena.refuses("start_query_execution", "AccessDeniedException")
            with pytest.raises(AwsReadDenied):
                go_on(source, athena.client, now=NOW)
            (query,) = LogQuery.objects.all()
            athena.answers(
                "start_query_execution",
                {"QueryExecutionId": "q-1"},
                QueryString=query_of_day(LogTable("logs", "cloudtrail"), FIRST),
                ClientRequestToken=str(query.token),
                WorkGroup="orgwarden",
            )
            go_on(source, athena.client, now=NOW)

        query.refresh_from_db()
        assert (query.state, query.query_id) == ("asked", "q-1")

    def test_waits_while_athena_works(self, source):
        with stubbed("athena") as athena:
            athena.answers("start_query_execution", {"QueryExecutionId": "q-1"})
            athena.answers("get_query_execution", execution("RUNNING"))
            go_on(source, athena.client, now=NOW)
            query = go_on(source, athena.client, now=NOW)

        assert query is not None
        assert query.state == "asked"
        assert LogQuery.objects.count() == 1

    def test_reads_the_result_again_without_another_scan(self, source, events, tmp_path):
        with stubbed("athena") as athena:
            athena.answers("start_query_execution", {"QueryExecutionId": "q-1"})
            athena.answers("get_query_execution", execution("SUCCEEDED"))
            athena.refuses("get_query_results", "AccessDeniedException")
            go_on(source, athena.client, now=NOW)
            with pytest.raises(AwsReadDenied):
                go_on(source, athena.client, now=NOW)
            assert not DailyUsage.objects.exists()
            athena.answers("get_query_execution", execution("SUCCEEDED"))
            athena.answers("get_query_results", page(counted(events, tmp_path, FIRST)))
            query = go_on(source, athena.client, now=NOW)

        assert query is not None
        assert query.state == "read"
        assert DailyUsage.objects.count() == 1

    def test_says_why_a_query_failed_and_tries_an_hour_later(self, source):
        with stubbed("athena") as athena:
            athena.answers("start_query_execution", {"QueryExecutionId": "q-1"})
            athena.answers(
                "get_query_execution",
                execution("FAILED", reason="TABLE_NOT_FOUND: logs.cloudtrail"),
            )
            go_on(source, athena.client, now=NOW)
            failed = go_on(source, athena.client, now=NOW)
            assert failed is not None
            assert (failed.state, failed.why) == (
                "failed", "Athena ended the query as failed: TABLE_NOT_FOUND: logs.cloudtrail"
            )  # fmt: skip
            assert go_on(source, athena.client, now=NOW) is None
            athena.answers("start_query_execution", {"QueryExecutionId": "q-2"})
            again = go_on(source, athena.client, now=NOW + timedelta(hours=2))

        assert again is not None
        assert (again.day, again.query_id) == (FIRST, "q-2")


class TestASource:
    def test_says_why_athena_could_not_be_asked(self, source):
        with mock_aws():
            query = ask_athena(source_id=source.pk, now=NOW)

        source.refresh_from_db()
        assert query is None
        assert source.problem
        assert source.last_listed_at == NOW

    def test_that_is_switched_off_is_not_asked(self, source):
        source.is_enabled = False
        source.save()
        assert ask_athena(source_id=source.pk, now=NOW) is None
        assert not LogQuery.objects.exists()


class TestTheBudget:
    def test_is_shown_in_money_before_and_after(self, source, events, tmp_path):
        with stubbed("athena") as athena:
            first = read_day(source, athena, counted(events, tmp_path, FIRST))
            assert first.estimated_bytes is None
            athena.answers("start_query_execution", {"QueryExecutionId": "q-2"})
            second = go_on(source, athena.client, now=NOW + timedelta(days=1))

        assert second is not None
        assert second.estimated_bytes == 2_000_000_000
        assert spent_usd(source, NOW) == 2 * cost_usd(2_000_000_000) == Decimal("0.02")

    def test_is_kept_and_says_what_to_do(self, source, events, tmp_path):
        source.monthly_budget_usd = Decimal("0.01")
        source.save()
        with stubbed("athena") as athena:
            read_day(source, athena, counted(events, tmp_path, FIRST))
            refused = go_on(source, athena.client, now=NOW + timedelta(days=1))

        assert refused is not None
        assert refused.state == "over_budget"
        assert "$0.01 of this month's $0.01 are spent. Raise the budget" in refused.why

    def test_begins_anew_with_the_month(self, source, events, tmp_path):
        with stubbed("athena") as athena:
            read_day(source, athena, counted(events, tmp_path, FIRST))
        assert spent_usd(source, datetime(2026, 6, 1, tzinfo=UTC)) == 0

    def test_counts_ten_megabytes_for_the_smallest_query(self):
        assert cost_usd(0) == cost_usd(10_000_000) == Decimal("0.01")
        assert cost_usd(10**12) == Decimal("5.00")
