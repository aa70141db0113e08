"""EventBridge: event buses and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord

_DEFAULT = "default"


def collect_event_buses(events: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each event bus of a region with its policy, which the list holds.

    The default bus, which every account has in every region, only where it has a policy. One call a
    hundred buses.
    AWS: events:ListEventBuses.
    """
    for page in events.pages("list_event_buses", Limit=100):
        for bus in page["EventBuses"]:
            policy = bus.get("Policy") or None
            if policy is None and bus["Name"] == _DEFAULT:
                continue
            yield ResourceParts(events, "events").record(
                "event-bus", bus["Arn"], bus["Name"], policy
            )


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
