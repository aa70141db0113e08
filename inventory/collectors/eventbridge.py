"""EventBridge: event buses and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord


def collect_event_buses(events: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each event bus of a region with its policy, which the list holds.

    One call a hundred buses.
    AWS: events:ListEventBuses.
    """
    for page in events.pages("list_event_buses", Limit=100):
        for bus in page["EventBuses"]:
            parts = ResourceParts(events, "events")
            yield parts.record("event-bus", bus["Arn"], bus["Name"], bus.get("Policy") or None)


COLLECTORS = (
    Collector(
        name="applications.event_buses",
        label="EventBridge buses",
        scope=Scope.REGIONAL,
        service="events",
        actions=(
            Action("events:ListEventBuses", "event buses and their policies", given={"Limit": 1}),
        ),
        read=alone(collect_event_buses),
        covers=resources("events", "event-bus"),
    ),
)
