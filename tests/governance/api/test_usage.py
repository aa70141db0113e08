"""/usage and /denials: what the logs say, and what they do not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.logs import (
    LogDayFactory,
    LogSourceFactory,
    denial_record,
    stored_denials,
    stored_usage,
    usage_record,
)

ACME = "/api/v1/organizations/acme"
ACCOUNT = "222222222222"


def days_ago(number):
    return timezone.now().date() - timedelta(days=number)


def told(viewer, address):
    answer = viewer.get(f"{ACME}{address}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


@pytest.fixture
def logs(acme):
    source = LogSourceFactory.create(connection=acme.connection)
    LogDayFactory.create(source=source, account_id=ACCOUNT, day=days_ago(1))
    return source


@pytest.fixture
def used(acme):
    stored_usage(
        acme.connection,
        usage_record(account_id=ACCOUNT, day=days_ago(1), count=5, denied=2),
        usage_record(account_id=ACCOUNT, day=days_ago(9), count=1),
        usage_record(account_id=ACCOUNT, day=days_ago(1), action="kms:Decrypt"),
    )


class TestUsageList:
    def test_is_null_and_not_empty_where_no_logs_are_read(self, viewer, acme):
        found = told(viewer, "/usage")
        assert found["results"] is None
        assert found["logs"]["state"] == "no_source"

    def test_is_empty_where_logs_were_read_and_have_nothing(self, viewer, logs):
        found = told(viewer, "/usage")
        assert found["results"] == []
        assert found["logs"]["state"] == "incomplete"
        assert found["logs"]["reasons"]

    def test_counts_the_days_asked_for(self, viewer, logs, used):
        query = "/usage?service=s3&fields=action,count,denied,context"
        assert told(viewer, query)["results"] == [
            {
                "action": "s3:GetObject",
                "count": 6,
                "denied": 2,
                "context": {"aws:SourceIp": "198.51.100.7"},
            }
        ]
        [row] = told(viewer, f"{query}&days=3")["results"]
        assert row["count"] == 5

    def test_pages_by_key(self, viewer, logs, used):
        first = told(viewer, "/usage?limit=1")
        assert [row["action"] for row in first["results"]] == ["kms:Decrypt"]
        second = viewer.get(first["next"]).json()
        assert [row["action"] for row in second["results"]] == ["s3:GetObject"]
        assert second["next"] is None

    @pytest.mark.parametrize("ordering", ["-calls", "-last_at"])
    def test_is_in_the_order_of_calls_and_of_last_use(self, viewer, acme, logs, used, ordering):
        stored_usage(acme.connection, usage_record(account_id=ACCOUNT, day=days_ago(1), count=9))
        found = told(viewer, f"/usage?ordering={ordering}")["results"]
        assert [row[ordering[1:]] for row in found] == sorted(
            (row[ordering[1:]] for row in found), reverse=True
        )
        assert [row["calls"] for row in found if row["action"] == "s3:GetObject"] == [15]

    def test_refuses_a_filter_that_there_is_not(self, viewer, logs):
        assert viewer.get(f"{ACME}/usage?day=3").status_code == 400
        assert viewer.get(f"{ACME}/usage?days=0").status_code == 400


class TestDenialsList:
    @pytest.fixture(autouse=True)
    def denied(self, acme):
        for number in (1, 4):
            stored_denials(
                acme.connection, denial_record(account_id=ACCOUNT, day=days_ago(number), count=9)
            )

    def test_gives_one_row_a_cause(self, viewer, logs):
        [row] = told(viewer, "/denials")["results"]
        assert (row["count"], row["reason"]) == (18, "explicit")
        assert row["policy"].endswith("/p-regions1")

    def test_pages_in_the_order_of_calls(self, viewer, acme, logs):
        for action, count in (("s3:PutObject", 3), ("kms:Decrypt", 40)):
            record = denial_record(account_id=ACCOUNT, day=days_ago(1), action=action, count=count)
            stored_denials(acme.connection, record)
        found, address = [], "/denials?ordering=-calls&limit=1"
        while address:
            page = told(viewer, address)
            found += [row["count"] for row in page["results"]]
            address = (page["next"] or "").partition(ACME)[2]
        assert found == [40, 18, 3]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("days=2", 9),
            ("policy_type=service%20control%20policy", 18),
            ("policy_type=session%20policy", None),
            ("reason=implicit", None),
            ("action=ec2:RunInstances&region=eu-west-3", 18),
        ],
    )
    def test_keeps_what_the_filters_say(self, viewer, logs, query, found):
        rows = told(viewer, f"/denials?{query}")["results"]
        assert [row["count"] for row in rows] == ([found] if found else [])
