"""CloudWatch Logs: destinations of other accounts' logs, and the policies over log groups."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources, together
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICIES

_SINGLE = "single-log-group"


def collect_destinations(logs: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each destination of a region with its policy, which the list holds.

    One call fifty destinations.
    AWS: logs:DescribeDestinations.
    """
    for each in logs.paginate("describe_destinations", "destinations", limit=50):
        yield ResourceParts(logs, "logs").record(
            "destination", each["arn"], each["destinationName"], each.get("accessPolicy") or None
        )


def collect_resource_policies(logs: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield what the resource policies of a region say together of its log groups, if there is one.

    An account has up to ten in a region, by name; they are no resources with ARNs of their own.
    AWS: logs:DescribeResourcePolicies.
    """
    policies: dict[str, str] = {
        each["policyName"]: each["policyDocument"]
        for each in logs.paginate("describe_resource_policies", "resourcePolicies", limit=50)
    }
    if policies:
        arn = f"arn:{logs.partition}:logs:{logs.region}:{logs.account_id}:log-group:*"
        yield ResourceParts(logs, "logs").record(
            "log-group",
            arn,
            ", ".join(sorted(policies))[:512],
            together(policies),
            facts={POLICIES: policies},
        )


def collect_log_group_policies(logs: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each log group of a region that has a resource policy of its own.

    Log groups without one are not listed. One call fifty policies.
    AWS: logs:DescribeResourcePolicies, with the scope RESOURCE.
    """
    for each in logs.paginate(
        "describe_resource_policies", "resourcePolicies", policyScope="RESOURCE", limit=50
    ):
        arn: str = each["resourceArn"]
        name = arn.split(":", 6)[6].removesuffix(":*")
        yield ResourceParts(logs, "logs").record(_SINGLE, arn, name, each["policyDocument"])


COLLECTORS = (
    Collector(
        name="applications.logs_destinations",
        label="CloudWatch Logs destinations",
        scope=Scope.REGIONAL,
        service="logs",
        actions=(
            Action(
                "logs:DescribeDestinations", "destinations and their policies", given={"limit": 1}
            ),
        ),
        read=alone(collect_destinations),
        covers=resources("logs", "destination"),
    ),
    Collector(
        name="applications.logs_policies",
        label="CloudWatch Logs resource policies",
        scope=Scope.REGIONAL,
        service="logs",
        actions=(
            Action("logs:DescribeResourcePolicies", "policies over log groups", given={"limit": 1}),
        ),
        read=alone(collect_resource_policies),
        covers=resources("logs", "log-group"),
    ),
    Collector(
        name="applications.log_group_policies",
        label="CloudWatch Logs policies of log groups",
        scope=Scope.REGIONAL,
        service="logs",
        actions=(
            Action(
                "logs:DescribeResourcePolicies",
                "policies over log groups",
                given={"limit": 1, "policyScope": "RESOURCE"},
            ),
        ),
        read=alone(collect_log_group_policies),
        covers=resources("logs", _SINGLE),
    ),
)
