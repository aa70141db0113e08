"""Event buses and their policies, read from answers as EventBridge gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.eventbridge import collect_event_buses
from tests.inventory.collectors.resource_records import POLICY, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:events:us-east-1:222222222222:event-bus/"


@pytest.fixture
def events():
    with stubbed("events") as aws:
        yield aws


class TestCollectEventBuses:
    def test_yields_each_bus_with_the_policy_that_the_list_holds_page_by_page(self, events):
        events.answers(
            "list_event_buses",
            {"EventBuses": [{"Name": "plain", "Arn": f"{ARN}plain"}], "NextToken": "more"},
            Limit=100,
        )
        events.answers(
            "list_event_buses",
            {"EventBuses": [{"Name": "orders", "Arn": f"{ARN}orders", "Policy": POLICY}]},
            Limit=100,
            NextToken="more",
        )
        assert list(collect_event_buses(events.client)) == [
            record("events", "event-bus", f"{ARN}plain", "plain"),
            record("events", "event-bus", f"{ARN}orders", "orders", POLICY),
        ]

    @pytest.mark.parametrize(("policy", "yielded"), [({}, 0), ({"Policy": POLICY}, 1)])
    def test_yields_the_default_bus_only_where_it_has_a_policy(self, events, policy, yielded):
        bus = {"Name": "default", "Arn": f"{ARN}default"} | policy
        events.answers("list_event_buses", {"EventBuses": [bus]}, Limit=100)
        assert len(list(collect_event_buses(events.client))) == yielded

    def test_raises_when_buses_may_not_be_listed_instead_of_yielding_none(self, events):
        events.refuses("list_event_buses", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="events:ListEventBuses"):
            list(collect_event_buses(events.client))
