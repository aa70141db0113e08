"""Denials, and what they lead to."""

import csv

import pytest

from tests.factories.logs import (
    denial_record,
)
from tests.factories.people import person
from tests.factories.policies import PolicyFactory
from tests.governance.web.usage.conftest import DEPLOY, MEMBER, OTHER, days_ago, of, rows_of, tab


class TestDenials:
    def test_are_one_row_a_cause_however_often(self, client, denied_often, complete_logs):
        found = rows_of(client.get(of("denials")))
        assert [(row.action, row.counted.count) for row in found] == [
            ("ec2:RunInstances", 3000),
            ("s3:PutObject", 2),
        ]

    @pytest.mark.parametrize("sort", ["-last_at", "-count"])
    @pytest.mark.parametrize(
        ("up_to", "days", "counted", "more"),
        [
            (9, "30", 2, False),
            (1, "30", 1, True),
            (0, "30", 0, True),
            (9, "1", 1, False),
        ],
    )
    def test_are_counted_by_cause_up_to_a_limit(
        self, client, denied_often, monkeypatch, sort, up_to, days, counted, more
    ):
        monkeypatch.setattr("governance.web.usage.denials.DenialsPage.counted_up_to", up_to)
        page = client.get(of("denials", sort=sort, days=days)).context["rows"]
        assert (page.counted, page.more_than_counted) == (counted, more)

    def test_count_the_days_asked_for(self, client, denied_often):
        found = rows_of(client.get(of("denials", days="2", service="ec2")))
        assert [row.counted.count for row in found] == [2000]

    def test_are_charted_by_day_and_service(self, client, denied_often, complete_logs):
        answer = client.get(of("denials"))
        trend, services = answer.context["charts"]
        assert trend.figure["data"][0]["y"][-3:] == [1000, 1002, 1000]
        assert services.rows[0] == ("ec2", days_ago(2).isoformat(), 1000)
        assert answer.context["denying"][0]["count"] == 3000
        assert "style-src" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("asked", "total", "denying"),
        [
            ({"service": "EC2"}, 3000, ["p-regions1"]),
            (
                {"account_id": MEMBER, "policy_type": "identity-based policy"},
                2,
                ["Identity policy"],
            ),
            ({"account_id": MEMBER, "service": "s3"}, 2, ["Identity policy"]),
            ({"account_id": OTHER}, 0, []),
            ({"action": "ec2:RunInstances", "days": "2"}, 2000, ["p-regions1"]),
        ],
    )
    def test_are_added_up_as_the_filters_say(
        self, client, denied_often, complete_logs, asked, total, denying
    ):
        context = client.get(of("denials", **asked)).context
        assert context["denied_total"] == total
        assert [one["name"] for one in context["denying"]] == denying
        assert all(one["principals"] == 1 for one in context["denying"])

    def test_say_the_same_when_they_are_asked_for_again(self, client, denied_often, complete_logs):
        first, again = (client.get(of("denials")).context for _ in range(2))
        assert first["denied_total"] == again["denied_total"] == 3002
        assert first["charts"] == again["charts"]
        assert first["denying"] == again["denying"]
        assert first["note"] == again["note"]

    def test_lead_to_why_denied_with_the_request_filled_in(self, client, denied_often):
        [row, _] = rows_of(client.get(of("denials")))
        assert "action=ec2%3ARunInstances" in row.why_href
        assert "claim=service_control_policy&effect=explicit" in row.why_href
        assert client.get(row.why_href).status_code == 200

    def test_name_the_policy_and_offer_an_exception_to_who_may_ask(
        self, client, connection, denied_often
    ):
        arn = denial_record().cause.policy_arn
        PolicyFactory.create(connection=connection, policy_id="p-regions1", name="regions", arn=arn)
        [row, _] = rows_of(client.get(of("denials")))
        assert (row.policy_name, row.exception_href) == ("regions", "")
        client.force_login(person("author"))
        [row, other] = rows_of(client.get(of("denials")))
        assert row.exception_href.startswith(f"{of('exception-ask')}?targets={MEMBER}")
        assert client.get(row.exception_href).status_code == 200
        assert other.exception_href == ""

    def test_are_not_known_without_a_log_source(self, client, connection):
        text = client.get(of("denials")).content.decode()
        assert "Denials not known" in text

    def test_are_exported_with_their_policy(self, client, denied_often):
        answer = client.get(of("denials", format="csv", service="ec2"))
        [row] = list(csv.DictReader(b"".join(answer).decode().splitlines()))
        assert row["policy"].endswith("/p-regions1")
        assert row["count"] == "3000"

    def test_swap_the_charts_with_the_list(self, client, denied_often):
        text = client.get(of("denials"), headers={"HX-Request": "true"}).content.decode()
        assert 'id="denial-pictures" class="stack" hx-swap-oob="true"' in text


class TestPolicyTab:
    def test_shows_what_the_policy_denied(self, client, connection, denied_often):
        arn = denial_record().cause.policy_arn
        PolicyFactory.create(connection=connection, policy_id="p-regions1", arn=arn)
        answer = client.get(tab("policy-usage", policy_id="p-regions1"))
        assert [row.counted.count for row in rows_of(answer)] == [3000]
        PolicyFactory.create(connection=connection, policy_id="p-other001")
        assert rows_of(client.get(tab("policy-usage", policy_id="p-other001"))) == []


class TestContainLinks:
    def test_lead_from_account_and_role_for_who_may_begin_an_emergency(
        self, client, connection, role
    ):
        client.force_login(person("security", username="sam"))
        account = client.get(tab("account", account_id=MEMBER)).context["contain_href"]
        assert account == of("contain", account_id=MEMBER)
        found = client.get(tab("principal", arn=DEPLOY)).context["contain_href"]
        assert found == of("contain", account_id=MEMBER, principal=DEPLOY, way="deny_principal")

    def test_are_not_shown_to_viewers(self, client, connection, role):
        assert not client.get(tab("account", account_id=MEMBER)).context["contain_href"]
        assert not client.get(tab("principal", arn=DEPLOY)).context["contain_href"]

    def test_a_denial_leads_to_the_owners_of_its_account(self, client, connection, denied_often):
        row = rows_of(client.get(of("denials")))[0]
        assert row.owners_href == of("owners", q=MEMBER)
