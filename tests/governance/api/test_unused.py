"""/unused-access: what SCPs allow and nobody used."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.service_facts import TRAIL
from tests.factories.logs import LogDayFactory, LogSourceFactory
from tests.factories.service_configurations import configuration

ACME = "/api/v1/organizations/acme/unused-access"
ACCOUNT = "222222222224"


@pytest.fixture
def logs(acme):
    now = timezone.now()
    source = LogSourceFactory.create(connection=acme.connection, last_listed_at=now)
    for number in range(7):
        LogDayFactory.create(
            source=source, account_id=ACCOUNT, day=now.date() - timedelta(days=number),
            newest_at=now,
        )  # fmt: skip
    configuration(
        acme.connection, TRAIL, ACCOUNT, name="everything", bucket=source.bucket,
        key_prefix=source.prefix, management_events="all", excluded_sources=[], data_events=[],
        partial_data_events=[],
    )  # fmt: skip
    return source


def told(viewer, query):
    answer = viewer.get(f"{ACME}?{query}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


class TestUnusedAccess:
    def test_is_null_and_not_unused_where_no_logs_are_read(self, viewer, acme):
        found = told(viewer, f"target_id={ACCOUNT}")
        assert (found["services"], found["proposal"]) == (None, None)
        assert found["logs"]["state"] == "no_source"

    def test_lists_services_with_the_names_of_their_unused_actions(self, viewer, logs):
        found = told(viewer, f"target_id={ACCOUNT}&days=7")
        assert found["logs"]["state"] == "complete"
        sns = next(one for one in found["services"] if one["service"] == "sns")
        assert sns["use"] == "unused"
        assert "sns:CreateTopic" in sns["unused"]
        assert "sns:Publish" not in sns["unused"]
        assert sns["reasons"]["data_events"] == 1
        assert sns["allowed"] == sns["used"] + len(sns["unused"]) + sns["not_known"]

    def test_gives_operations_that_replays_and_change_requests_take(self, viewer, logs):
        found = told(viewer, f"target_id={ACCOUNT}&days=7&service=sns&service=athena")
        proposal = found["proposal"]
        assert proposal["services"] == ["athena", "sns"]
        assert [one["kind"] for one in proposal["operations"]] == [
            "create_policy",
            "attach_policy",
        ]
        assert proposal["operations"][1]["target_id"] == ACCOUNT

    @pytest.mark.parametrize(
        ("query", "status", "name"),
        [("days=0", 400, "days"), ("days=x", 400, "days"), ("service=warp", 400, "service")],
    )
    def test_refuses_what_means_nothing(self, viewer, acme, query, status, name):
        answer = viewer.get(f"{ACME}?{query}")
        assert answer.status_code == status
        assert name in str(answer.json())

    def test_there_is_no_target_outside(self, viewer, acme):
        assert viewer.get(f"{ACME}?target_id=ou-zz99-else0001").status_code == 404
