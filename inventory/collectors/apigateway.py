"""API Gateway: REST APIs and their resource policies."""

import json
from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord


def collect_rest_apis(apigateway: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each REST API of a region with its policy, which the list holds.

    One call five hundred APIs. HTTP and WebSocket APIs have no resource policies.
    AWS: apigateway:GetRestApis.
    """
    for api in apigateway.paginate("get_rest_apis", "items", limit=500):
        # Whoever calls an API needs execute-api's actions on this.
        arn = (
            f"arn:{apigateway.partition}:execute-api:{apigateway.region}:{apigateway.account_id}:"
            f"{api['id']}/*"
        )
        endpoint = api.get("endpointConfiguration") or {}
        yield ResourceParts(apigateway, "execute-api").record(
            "execute-api-general",
            arn,
            api.get("name") or api["id"],
            _unescaped(api.get("policy") or ""),
            facts={"endpoint_types": sorted(endpoint.get("types", ()))},
        )


def _unescaped(policy: str) -> str | None:
    r"""Return a policy as it was given: API Gateway answers with its quotes as `\"`."""
    if policy.startswith('{\\"'):
        text: str = json.loads(f'"{policy}"')
        return text
    return policy or None


COLLECTORS = (
    Collector(
        name="applications.rest_apis",
        label="API Gateway REST APIs",
        scope=Scope.REGIONAL,
        service="apigateway",
        actions=(
            Action(
                "apigateway:GET",
                "REST APIs and their policies",
                operation="get_rest_apis",
                given={"limit": 1},
            ),
        ),
        read=alone(collect_rest_apis),
        covers=resources("execute-api", "execute-api-general"),
    ),
)
