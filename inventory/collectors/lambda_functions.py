"""Lambda: functions, versions, aliases and layers with their policies, and functions' URLs."""

from collections.abc import Iterator
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import FUNCTION_URLS

_LATEST: Final = "$LATEST"
# Lambda's most.
_PAGE_SIZE: Final = 50


def collect_functions(client: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each function of a region, and each version and alias with a policy of its own.

    With F functions, V published versions and A aliases ⌈(F + V) / 50⌉ + 3 F + V + A calls. Lambda
    answers alike where there is no policy and where the function is gone.
    AWS: lambda:ListFunctions, GetPolicy, ListAliases, ListFunctionUrlConfigs.
    """

    def list_functions() -> Iterator[AwsAnswer]:
        return client.paginate(
            "list_functions", "Functions", FunctionVersion="ALL", MaxItems=_PAGE_SIZE
        )

    yield from read_resources(
        client,
        "lambda",
        list_functions,
        _function_or_version,
        id_of=lambda listed: str(listed["FunctionArn"]),
        gone=(),
    )


def _function_or_version(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name, version, arn = listed["FunctionName"], listed["Version"], listed["FunctionArn"]
    if version != _LATEST:
        yield from _qualified("function version", arn, name, version, parts)
        return
    content = parts.policy("get_policy", FunctionName=name)
    urls = parts.reading(FUNCTION_URLS, lambda: _urls(name, parts.client))
    yield parts.record(
        "function",
        arn.removesuffix(f":{_LATEST}"),
        name,
        content,
        facts={FUNCTION_URLS: urls},
    )
    for alias in parts.client.paginate("list_aliases", "Aliases", FunctionName=name):
        yield from _qualified("function alias", alias["AliasArn"], name, alias["Name"], parts)


def _qualified(
    kind: str, arn: str, name: str, qualifier: str, parts: ResourceParts
) -> Iterator[ResourcePolicyRecord]:
    content = parts.policy("get_policy", FunctionName=name, Qualifier=qualifier)
    if content is not None or parts.unknown:
        yield parts.record(kind, arn, f"{name}:{qualifier}", content)


def _urls(name: str, client: AwsClient) -> list[dict[str, Any]]:
    """Return the URLs of a function and of its aliases, sorted."""
    found = [
        {
            # …:function:NAME or …:function:NAME:ALIAS
            "qualifier": each["FunctionArn"].partition(":function:")[2].partition(":")[2],
            "url": each["FunctionUrl"],
            "auth_type": each["AuthType"],
        }
        for each in client.paginate(
            "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name
        )
    ]
    return sorted(found, key=lambda each: str(each["qualifier"]))


def collect_layers(client: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each layer version of a region that has a policy.

    One call fifty layers; then one fifty versions of a layer, and one a version.
    AWS: lambda:ListLayers, ListLayerVersions, GetLayerVersionPolicy.
    """

    def list_layers() -> Iterator[AwsAnswer]:
        return client.paginate("list_layers", "Layers", MaxItems=_PAGE_SIZE)

    yield from read_resources(
        client, "lambda", list_layers, _layer, id_of=lambda listed: str(listed["LayerArn"]), gone=()
    )


def _layer(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["LayerName"]
    for each in parts.client.paginate("list_layer_versions", "LayerVersions", LayerName=name):
        version: int = each["Version"]
        content = parts.policy("get_layer_version_policy", LayerName=name, VersionNumber=version)
        if content is not None or parts.unknown:
            yield parts.record(
                "layer version", each["LayerVersionArn"], f"{name}:{version}", content
            )


COLLECTORS = (
    Collector(
        name="applications.lambda_functions",
        label="Lambda functions",
        scope=Scope.REGIONAL,
        service="lambda",
        actions=(
            Action(
                "lambda:ListFunctions",
                "functions and their versions",
                given={"MaxItems": 1},
                finds={"function": ("Functions", 0, "FunctionName")},
            ),
            Action(
                "lambda:GetPolicy",
                "policies of functions, versions and aliases",
                given={"FunctionName": "{function}"},
            ),
            Action(
                "lambda:ListAliases",
                "each function's aliases",
                given={"FunctionName": "{function}", "MaxItems": 1},
            ),
            Action(
                "lambda:ListFunctionUrlConfigs",
                "each function's URLs",
                given={"FunctionName": "{function}", "MaxItems": 1},
            ),
        ),
        read=alone(collect_functions),
        covers=resources("lambda", "function", "function version", "function alias"),
    ),
    Collector(
        name="applications.lambda_layers",
        label="Lambda layers",
        scope=Scope.REGIONAL,
        service="lambda",
        actions=(
            Action(
                "lambda:ListLayers",
                "layers",
                given={"MaxItems": 1},
                finds={
                    "layer": ("Layers", 0, "LayerName"),
                    "layer_version": ("Layers", 0, "LatestMatchingVersion", "Version"),
                },
            ),
            Action(
                "lambda:ListLayerVersions",
                "each layer's versions",
                given={"LayerName": "{layer}", "MaxItems": 1},
            ),
            Action(
                "lambda:GetLayerVersionPolicy",
                "each version's policy",
                given={"LayerName": "{layer}", "VersionNumber": "{layer_version}"},
            ),
        ),
        read=alone(collect_layers),
        covers=resources("lambda", "layer version"),
    ),
)
