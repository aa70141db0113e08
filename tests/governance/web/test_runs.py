"""The screens of inventory runs and what starts one."""

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from inventory.models import CollectionTask, Connection, InventoryRun
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person
from tests.factories.runs import (
    CoverageFactory,
    DeniedCoverageFactory,
    InventoryRunFactory,
    TaskFactory,
    store_coverage,
)
from tests.factories.snapshots import organization_snapshot
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


@pytest.fixture
def author(client, db):
    user = person("author", username="ada")
    client.force_login(user)
    return user


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestList:
    def test_tells_state_trigger_person_duration_accounts_rows_and_calls(
        self, client, viewer, connection
    ):
        run = InventoryRunFactory.create(
            connection=connection,
            state=STATE.PARTIAL,
            trigger=InventoryRun.Trigger.BUTTON,
            requested_by=UserFactory.create(username="sam"),
            rows_opened=1234,
            rows_closed=5,
        )
        TaskFactory.create_batch(2, run=run)
        failed = TaskFactory.create(run=run, state=PART.FAILED)
        CoverageFactory.create(
            run=run,
            account_id=failed.account_id,
            calls={"iam:GetAccountSummary": 2, "sts:AssumeRole": 1},
        )

        rows = list(
            csv.DictReader(
                text_of(client.get(address("inventory-runs"), {"format": "csv"})).splitlines()
            )
        )

        assert rows[0] | {"requested_at": "", "started_at": ""} == {
            "id": str(run.pk),
            "state": "partial",
            "trigger": "button",
            "requested_by": "sam",
            "requested_at": "",
            "started_at": "",
            "seconds": "120.0",
            "accounts": "3",
            "accounts_done": "3",
            "accounts_unread": "1",
            "rows_opened": "1234",
            "rows_closed": "5",
            "calls": "3",
            "error": "",
        }
        page = text_of(client.get(address("inventory-runs")))
        assert "1 account incomplete" in page
        assert "1,234" in page
        assert "2 min" in page

    def test_sorts_by_how_long_runs_took_and_by_who_asked_for_them(
        self, client, viewer, connection
    ):
        for minutes, name in ((9, "zoe"), (3, "ada"), (5, "mia")):
            InventoryRunFactory.create(
                connection=connection,
                finished_at=FIRST_RUN_AT + timedelta(minutes=minutes),
                started_at=FIRST_RUN_AT,
                requested_by=UserFactory.create(username=name),
            )
        for sort, asked in (("-seconds", "zoe mia ada"), ("requested_by", "ada mia zoe")):
            answer = client.get(address("inventory-runs"), {"format": "csv", "sort": sort})
            rows = csv.DictReader(text_of(answer).splitlines())
            assert [row["requested_by"] for row in rows] == asked.split()

    def test_filters_by_state_and_exports_only_those(self, client, viewer, connection):
        InventoryRunFactory.create(connection=connection, state=STATE.FAILED, error="no role")
        InventoryRunFactory.create(connection=connection)

        answer = client.get(address("inventory-runs"), {"state": "failed", "format": "csv"})

        rows = list(csv.DictReader(text_of(answer).splitlines()))
        assert [row["error"] for row in rows] == ["no role"]

    def test_costs_the_same_queries_for_more_runs(
        self, client, viewer, connection, django_assert_max_num_queries
    ):
        for number in range(40):
            run = InventoryRunFactory.create(
                connection=connection, started_at=FIRST_RUN_AT + timedelta(hours=number)
            )
            TaskFactory.create_batch(2, run=run)

        with django_assert_max_num_queries(20):
            answer = client.get(address("inventory-runs"))

        assert len(answer.context["rows"].object_list) == 30

    def test_says_what_a_run_is_while_there_is_none(self, client, viewer, connection):
        assert "No run yet" in text_of(client.get(address("inventory-runs")))

    def test_shows_no_run_of_another_organization(self, client, viewer, connection):
        other = InventoryRunFactory.create(connection=ConnectionFactory.create())

        assert client.get(address("inventory-run", run_id=other.pk)).status_code == 404
        assert list(client.get(address("inventory-runs")).context["rows"].object_list) == []


class TestCollectNow:
    def test_starts_a_run_in_the_persons_name_and_leads_to_it(self, client, author, connection):
        answer = client.post(address("inventory-run-start"))

        run = InventoryRun.objects.get()
        assert answer.url == address("inventory-run", run_id=run.pk)
        assert (run.trigger, run.requested_by, run.account_ids) == ("button", author, None)

    def test_is_refused_in_words_while_a_run_goes_on_and_leads_to_that_one(
        self, client, author, connection
    ):
        active = InventoryRunFactory.create(connection=connection, state=STATE.RUNNING)

        answer = client.post(address("inventory-run-start"))

        assert answer.url == address("inventory-run", run_id=active.pk)
        assert told(answer) == [
            f"Nothing was started: run {active.pk} of Acme is running: wait until it has ended."
        ]
        assert InventoryRun.objects.count() == 1

    def test_is_refused_in_words_when_the_connection_is_off(self, client, author, connection):
        Connection.objects.update(enabled=False)

        answer = client.post(address("inventory-run-start"))

        assert answer.url == address("inventory-runs")
        assert told(answer) == [
            "Nothing was started: the connection Acme is off: switch it on first."
        ]
        assert "switched off" in text_of(client.get(address("inventory-runs")))

    @pytest.mark.parametrize(
        ("name", "more"),
        [
            ("inventory-run-start", {}),
            ("inventory-run-retry", {"run_id": 1}),
            ("inventory-run-cancel", {"run_id": 1}),
            ("account-collect", {"account_id": "222222222222"}),
        ],
    )
    def test_needs_the_right_and_a_post(self, client, viewer, connection, name, more):
        refused = client.post(address(name, **more))

        assert refused.status_code == 403
        right = "cancel" if name == "inventory-run-cancel" else "start"
        assert f"{right}_inventoryrun" in text_of(refused)
        assert not InventoryRun.objects.exists()
        client.force_login(person("author"))
        assert client.get(address(name, **more)).status_code == 405

    def test_cancels_a_run_that_goes_on_and_says_so(self, client, author, connection):
        run = InventoryRunFactory.create(connection=connection, state=STATE.RUNNING)
        button = f'action="{address("inventory-run-cancel", run_id=run.pk)}"'
        assert button in text_of(client.get(address("inventory-run", run_id=run.pk)))
        answer = client.post(address("inventory-run-cancel", run_id=run.pk))
        assert answer.url == address("inventory-run", run_id=run.pk)
        page = text_of(client.get(answer.url))
        assert "The run was cancelled" in page
        assert "Cancelled by ada" in page
        assert button not in page

    def test_is_not_offered_without_the_right_or_while_a_run_goes_on(
        self, client, viewer, connection
    ):
        button = f'action="{address("inventory-run-start")}"'
        assert button not in text_of(client.get(address("inventory-runs")))
        client.force_login(person("author"))
        assert button in text_of(client.get(address("inventory-runs")))
        InventoryRunFactory.create(connection=connection, state=STATE.RUNNING)
        page = text_of(client.get(address("inventory-runs")))
        assert button not in page
        assert "start the next one when it has ended" in page


class TestCollectOneAccount:
    def test_reads_that_account_alone(self, client, author, connection):
        snapshot = organization_snapshot(connection=connection)
        account_id = snapshot.accounts["payments"].account_id

        client.post(address("account-collect", account_id=account_id))

        run = InventoryRun.objects.exclude(pk=snapshot.run.pk).get()
        assert (run.trigger, run.account_ids) == ("refresh", [account_id])

    def test_is_refused_for_an_account_that_is_not_active(self, client, author, connection):
        snapshot = organization_snapshot(connection=connection)
        account_id = snapshot.accounts["retired"].account_id

        answer = client.post(address("account-collect", account_id=account_id))

        assert told(answer) == [
            f"Nothing was started: account {account_id} is not an active account of Acme."
        ]


class TestRetry:
    def test_reads_again_what_was_not_read_whole(self, client, author, connection):
        snapshot = organization_snapshot(connection=connection)
        failed = snapshot.accounts["payments"].account_id
        DeniedCoverageFactory.create(run=snapshot.run, account_id=failed)
        page = text_of(client.get(address("inventory-run", run_id=snapshot.run.pk)))
        assert "Retry 1 account" in page

        answer = client.post(address("inventory-run-retry", run_id=snapshot.run.pk))

        run = InventoryRun.objects.exclude(pk=snapshot.run.pk).get()
        assert (run.trigger, run.account_ids) == ("retry", [failed])
        assert run.chosen_groups == {failed: ["iam"]}
        assert answer.url == address("inventory-run", run_id=run.pk)

    def test_is_not_offered_where_everything_was_read(self, client, author, connection):
        snapshot = organization_snapshot(connection=connection)

        assert "Retry" not in text_of(client.get(address("inventory-run", run_id=snapshot.run.pk)))
        answer = client.post(address("inventory-run-retry", run_id=snapshot.run.pk))
        assert told(answer) == [
            f"Nothing was started: run {snapshot.run.pk} has no failed accounts that can be "
            "read again."
        ]


class TestRun:
    def test_tells_by_account_what_went_wrong_and_what_to_do(self, client, viewer, connection):
        snapshot = organization_snapshot(connection=connection, covered=False)
        account_id = snapshot.accounts["payments"].account_id
        TaskFactory.create(run=snapshot.run, account_id=account_id, state=PART.FAILED)
        DeniedCoverageFactory.create(run=snapshot.run, account_id=account_id)

        page = text_of(client.get(address("inventory-run", run_id=snapshot.run.pk)))

        assert "payments" in page
        assert f"the role OrgwardenAudit does not exist in account {account_id}" in page
        assert "deploy docs/roles/audit.yaml" in page
        assert "0 of 1" in page

    def test_filters_coverage_by_state_and_exports_it_with_error_and_calls(
        self, client, viewer, connection
    ):
        run = InventoryRunFactory.create(connection=connection)
        CoverageFactory.create(run=run)
        denied = DeniedCoverageFactory.create(run=run)
        where = address("inventory-run-coverage", run_id=run.pk)

        rows = list(
            csv.DictReader(
                text_of(client.get(where, {"state": "denied", "format": "csv"})).splitlines()
            )
        )

        assert len(rows) == 1
        assert rows[0]["account_id"] == denied.account_id
        assert rows[0]["error_code"] == "AccessDenied"
        assert rows[0]["remedy"] == "deploy docs/roles/audit.yaml"
        assert rows[0]["calls"] == "1"
        assert denied.message in text_of(client.get(where, {"state": "denied"}))
        assert client.get(where, {"state": "gone"}).status_code == 400

    @pytest.mark.parametrize(("unread", "expected"), [([], 3), ([["222222222222", "iam"]], 2)])
    def test_counts_the_coverage_that_it_lists(self, client, viewer, connection, unread, expected):
        run = InventoryRunFactory.create(connection=connection, tasks_total=3, unread=unread)
        CoverageFactory.create(run=run, account_id="")
        CoverageFactory.create(run=run, account_id="222222222222")
        DeniedCoverageFactory.create(run=run, account_id="333333333333")

        rows = client.get(address("inventory-run-coverage", run_id=run.pk)).context["rows"]

        assert (rows.paginator.count, len(rows.object_list)) == (expected, expected)

    def test_rows_are_read_again_as_filtered_without_touching_filters(
        self, client, viewer, connection
    ):
        run = InventoryRunFactory.create(connection=connection, state=STATE.RUNNING)
        where = address("inventory-run", run_id=run.pk)
        htmx = {"HX-Request": "true"}
        again = f'hx-get="{where}?state=running"'

        filtered = text_of(client.get(where, {"state": "running"}, headers=htmx))
        rows = text_of(
            client.get(where, {"state": "running"}, headers={**htmx, "Orgwarden-Rows": "1"})
        )

        assert again in filtered
        assert again in rows
        assert "hx-swap-oob" in filtered
        assert "hx-swap-oob" not in rows

    def test_rows_of_a_run_that_ended_are_not_read_again(self, client, viewer, connection):
        run = InventoryRunFactory.create(connection=connection, state=STATE.COMPLETE)
        assert "Orgwarden-Rows" not in text_of(client.get(address("inventory-run", run_id=run.pk)))

    def test_counts_calls_by_operation_the_most_first(self, client, viewer, connection):
        run = InventoryRunFactory.create(connection=connection)
        CoverageFactory.create(run=run, calls={"sts:AssumeRole": 1})
        CoverageFactory.create(run=run, calls={"sts:AssumeRole": 1, "iam:ListRoles": 7})

        answer = client.get(address("inventory-run-calls", run_id=run.pk))

        assert answer.context["calls"] == [("iam:ListRoles", 7), ("sts:AssumeRole", 2)]

    def test_that_failed_says_why(self, client, viewer, connection):
        run = InventoryRunFactory.create(
            connection=connection, state=STATE.FAILED, error="the role does not exist: deploy it"
        )

        page = text_of(client.get(address("inventory-run", run_id=run.pk)))

        assert "the role does not exist: deploy it" in page
        assert "No account was read" in page
        assert "could not be read" in page

    def test_costs_the_same_queries_for_a_thousand_parts(
        self, client, viewer, connection, django_assert_max_num_queries
    ):
        run = InventoryRunFactory.create(connection=connection)
        one = CoverageFactory.build(run=run)
        store_coverage(replace(one, account_id=f"{number:012d}") for number in range(1_000))

        with django_assert_max_num_queries(23):
            answer = client.get(address("inventory-run", run_id=run.pk), {"page": 20})

        assert len(answer.context["rows"].object_list) == 50
