"""The screens of usage and denials: what was used and denied, and what is not known of it."""

import csv
from dataclasses import replace

import pytest

from governance.web.usage.naming import principal_name
from inventory.store.hours import HourCount, add_hours
from inventory.viewing import Place
from tests.factories.logs import (
    LogDayFactory,
    LogSourceFactory,
    stored_usage,
    usage_record,
)
from tests.factories.organization import AccountFactory, OrganizationalUnitFactory
from tests.factories.people import person
from tests.governance.web.usage.conftest import DEPLOY, MEMBER, OTHER, days_ago, of, rows_of, tab


class TestUsage:
    def test_is_not_known_without_a_log_source(self, client, connection):
        text = client.get(of("usage")).content.decode()
        assert "Usage not known" in text
        assert "No CloudTrail logs are read" in text

    def test_is_none_only_where_the_logs_are_complete(self, client, complete_logs):
        answer = client.get(of("usage"))
        assert "None recorded" in answer.content.decode()
        assert answer.context["note"].state == ""

    def test_says_that_logs_are_incomplete_and_why(self, client, connection):
        source = LogSourceFactory.create(connection=connection)
        LogDayFactory.create(source=source, day=days_ago(5))
        text = client.get(of("usage")).content.decode()
        assert "Logs incomplete" in text
        assert "Logs begin on" in text

    def test_counts_the_calls_of_the_days_asked_for(self, client, connection, complete_logs):
        for number, count in ((1, 5), (20, 7)):
            stored_usage(connection, usage_record(day=days_ago(number), count=count, denied=1))
        [row] = rows_of(client.get(of("usage")))
        assert (row.used.count, row.used.denied) == (12, 2)
        [row] = rows_of(client.get(of("usage", days="7")))
        assert (row.used.count, row.first_day) == (5, days_ago(20))
        assert (row.principal_name, row.account_name) == ("Deploy", "payments")

    def test_leaves_out_what_was_used_before_the_days_asked_for(
        self, client, connection, complete_logs
    ):
        stored_usage(connection, usage_record(day=days_ago(20)))
        assert rows_of(client.get(of("usage", days="7"))) == []

    @pytest.mark.parametrize(
        ("query", "actions"),
        [
            ({"service": "s3"}, ["s3:GetObject"]),
            ({"action": "kms:Decrypt"}, ["kms:Decrypt"]),
            ({"account_id": OTHER}, ["kms:Decrypt"]),
            ({"q": "kms:decrypt"}, ["kms:Decrypt"]),
            ({"q": DEPLOY}, ["kms:Decrypt", "s3:GetObject"]),
            ({"q": "s3"}, ["s3:GetObject"]),
            ({"region": "eu-west-1"}, []),
        ],
    )
    def test_keeps_what_the_filters_say(self, client, connection, query, actions):
        stored_usage(
            connection,
            usage_record(day=days_ago(1)),
            usage_record(day=days_ago(1), action="kms:Decrypt", account_id=OTHER),
        )
        found = rows_of(client.get(of("usage", **query)))
        assert [row.action for row in found] == actions

    def test_refuses_days_that_are_none(self, client, connection):
        assert client.get(of("usage", days="0")).status_code == 400

    def test_is_exported_as_filtered(self, client, connection):
        stored_usage(connection, usage_record(day=days_ago(1), count=4))
        answer = client.get(of("usage", format="csv"))
        [row] = list(csv.DictReader(b"".join(answer).decode().splitlines()))
        assert (row["principal"], row["action"], row["count"]) == (DEPLOY, "s3:GetObject", "4")

    def test_of_another_ou_is_not_shown(self, client, connection):
        own = OrganizationalUnitFactory.create(connection=connection)
        AccountFactory.create(connection=connection, account_id=OTHER, parent=own)
        stored_usage(
            connection,
            usage_record(day=days_ago(1)),
            usage_record(day=days_ago(1), account_id=OTHER),
        )
        client.force_login(person("viewer", Place(connection.pk, own.target_id)))
        assert [row.account_id for row in rows_of(client.get(of("usage")))] == [OTHER]


class TestAccountTab:
    def test_shows_the_accounts_own_log(self, client, connection, complete_logs):
        stored_usage(
            connection,
            usage_record(day=days_ago(1)),
            usage_record(day=days_ago(1), account_id=OTHER, action="kms:Decrypt"),
        )
        answer = client.get(tab("account-usage", account_id=MEMBER))
        assert [row.action for row in rows_of(answer)] == ["s3:GetObject"]
        assert 'name="account_id"' not in answer.content.decode()

    def test_is_not_known_where_no_file_of_the_account_was_read(self, client, complete_logs):
        AccountFactory.create(connection=complete_logs.connection, account_id=OTHER)
        text = client.get(tab("account-usage", account_id=OTHER)).content.decode()
        assert f"No log file of account {OTHER} was read" in text


class TestPrincipalTab:
    def test_shows_what_the_role_used_in_every_account(self, client, role, complete_logs):
        stored_usage(
            role.connection,
            usage_record(day=days_ago(1)),
            usage_record(day=days_ago(1), account_id=OTHER, action="sts:AssumeRole"),
            usage_record(day=days_ago(1), principal=f"arn:aws:iam::{MEMBER}:role/Other"),
        )
        answer = client.get(tab("principal-usage", arn=DEPLOY))
        assert [row.action for row in rows_of(answer)] == ["s3:GetObject", "sts:AssumeRole"]

    def test_names_a_permission_set_without_its_digits(self):
        arn = f"arn:aws:iam::{MEMBER}:role/aws-reserved/AWSReservedSSO_Developer_2ad94f7b60ce1835"
        assert principal_name(arn) == "Developer (Identity Center)"

    def test_is_not_known_without_a_log_source(self, client, role):
        text = client.get(tab("principal-usage", arn=DEPLOY)).content.decode()
        assert "Usage not known" in text


class TestOrders:
    @pytest.fixture
    def three(self, connection, complete_logs):
        for number, (action, count) in enumerate(
            (("s3:GetObject", 5), ("kms:Decrypt", 70), ("ec2:RunInstances", 1))
        ):
            day = days_ago(number + 1)
            stored_usage(connection, usage_record(action=action, day=day, count=count))
        stored_usage(connection, usage_record(action="s3:GetObject", day=days_ago(35), count=90))

    @pytest.mark.parametrize(
        ("sort", "actions"),
        [
            ("-count", ["s3:GetObject", "kms:Decrypt", "ec2:RunInstances"]),
            ("count", ["ec2:RunInstances", "kms:Decrypt", "s3:GetObject"]),
            ("-last_at", ["s3:GetObject", "kms:Decrypt", "ec2:RunInstances"]),
            ("last_at", ["ec2:RunInstances", "kms:Decrypt", "s3:GetObject"]),
        ],
    )
    def test_are_by_calls_of_all_days_and_by_last_use(self, client, three, sort, actions):
        answer = client.get(of("usage", sort=sort))
        assert [row.action for row in rows_of(answer)] == actions
        assert ("95 in all" in answer.content.decode()) == ("count" in sort)

    def test_of_denials_are_by_calls_of_the_days_asked_for(self, client, denied_often, monkeypatch):
        monkeypatch.setattr("governance.web.usage.denials.DenialsPage.page_size", 1)
        first = client.get(of("denials", sort="-count", days="2"))
        assert [(row.action, row.counted.count) for row in rows_of(first)] == [
            ("ec2:RunInstances", 2000)
        ]
        second = client.get(of("denials") + first.context["next_href"])
        assert [row.action for row in rows_of(second)] == ["s3:PutObject"]
        back = client.get(of("denials") + second.context["previous_href"])
        assert [row.action for row in rows_of(back)] == ["ec2:RunInstances"]
        assert client.get(of("denials", sort="count", after_row="999999999")).status_code == 400

    def test_of_denials_are_those_of_an_exported_file(self, client, denied_often):
        answer = client.get(of("denials", sort="count", format="csv"))
        rows = csv.DictReader(b"".join(answer).decode().splitlines())
        assert [row["count"] for row in rows] == ["2", "3000"]


class TestHours:
    @pytest.fixture
    def counted(self, connection, complete_logs, denied_often):
        stored_usage(connection, usage_record(day=days_ago(1)))
        one = HourCount(MEMBER, days_ago(1), "s3", 14, count=40, denied=7)
        add_hours(connection, [one, replace(one, service="kms", hour=3, count=2, denied=0)])

    def test_are_drawn_by_service_with_their_zone_and_a_table(self, client, counted):
        answer = client.get(of("usage"))
        chart = answer.context["hours"]
        assert chart.rows == (("s3", "14:00", 40), ("kms", "03:00", 2))
        assert chart.figure["data"][0]["z"][0][14] == 7
        text = answer.content.decode()
        assert "Hours in UTC" in text
        assert "charts.js" in text
        partial = client.get(of("usage"), headers={"HX-Request": "true"}).content.decode()
        assert 'id="hours-picture" class="stack" hx-swap-oob="true"' in partial

    def test_of_denials_are_of_denied_calls(self, client, counted):
        assert client.get(of("denials")).context["hours"].rows == (("s3", "14:00", 7),)

    def test_follow_account_service_and_days(self, client, counted):
        chosen = of("usage", service="s3", account_id=MEMBER, days="7")
        assert client.get(chosen).context["hours"].rows == (("s3", "14:00", 40),)
        page = client.get(tab("account-usage", account_id=MEMBER))
        assert len(page.context["hours"].rows) == 2

    @pytest.mark.parametrize(
        ("query", "why"),
        [({"region": "us-east-1"}, "other filters hide them"), ({"days": "1"}, "Hours not known")],
    )
    def test_say_why_there_are_none(self, client, connection, counted, query, why):
        stored_usage(connection, usage_record(day=days_ago(0)))
        answer = client.get(of("usage", **query))
        assert answer.context["hours"] is None
        assert why in answer.content.decode()


def test_an_accounts_tab_says_how_well_its_own_log_is_known(client, connection, complete_logs):
    AccountFactory.create(connection=connection, account_id=OTHER, name="website")
    whole = client.get(of("usage")).context["note"]
    assert "1 account without any log file." in whole.text
    assert client.get(tab("account-usage", account_id=MEMBER)).context["note"].state == ""
    other = client.get(tab("account-usage", account_id=OTHER)).context["note"]
    assert other.text == f"No log file of account {OTHER} was read for these days."


def test_a_caller_that_only_its_account_is_known_of_has_the_accounts_name(client, connection):
    stored_usage(connection, usage_record(principal=MEMBER, day=days_ago(1)))
    stored_usage(connection, usage_record(principal=OTHER, day=days_ago(1)))
    found = rows_of(client.get(of("usage")))
    assert [row.principal_name for row in found] == ["Account payments", f"Account {OTHER}"]
