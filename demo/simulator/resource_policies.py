"""Resources with policies of their own, as the seeding left them: lists, and the policy on each.

moto has most of these services, but loads them slowly (its file systems alone bring up a network
in each account and region), and lacks the policies of some. What is asked here is answered from
the seeded resources. Other reads go to moto, which knows none of them; writes are refused.
"""

from collections.abc import Callable, Mapping
from typing import Final

from demo.simulator import data_policies
from demo.simulator.errors import AwsError
from demo.simulator.seeded_resources import NOT_FOUND, Members, Resource, ResourceCall, policy_of

_LATEST: Final = "$LATEST"


def _list_queues(asked: ResourceCall) -> Members:
    urls = (
        f"https://sqs.{asked.region}.amazonaws.com/{asked.account_id}/{each.name}"
        for each in asked.all("sqs", "queue")
    )
    found = asked.page("QueueUrls", urls, size="MaxResults")
    return found if found["QueueUrls"] else {}


def _queue_attributes(asked: ResourceCall) -> Members:
    name = str(asked.given["QueueUrl"]).rpartition("/")[2]
    queue = asked.one("sqs", "queue", name, "AWS.SimpleQueueService.NonExistentQueue")
    return {"Attributes": {"Policy": queue.policy}} if queue.policy else {}


def _list_topics(asked: ResourceCall) -> Members:
    arns = ({"TopicArn": asked.arn(each)} for each in asked.all("sns", "topic"))
    return asked.page("Topics", arns, size="")


def _topic_attributes(asked: ResourceCall) -> Members:
    topic = asked.one("sns", "topic", str(asked.given["TopicArn"]), "NotFound")
    return {"Attributes": {"TopicArn": asked.arn(topic), "Policy": topic.policy}}


def _list_functions(asked: ResourceCall) -> Members:
    functions = [
        {
            "FunctionName": each.name,
            "FunctionArn": f"{asked.arn(each)}:{_LATEST}",
            "Version": _LATEST,
        }
        for each in asked.all("lambda", "function")
    ]
    return asked.page("Functions", functions, size="MaxItems", after="Marker", out="NextMarker")


def _function_policy(asked: ResourceCall) -> Members:
    name, qualifier = str(asked.given["FunctionName"]), asked.given.get("Qualifier")
    function = asked.one("lambda", "function", name)
    if qualifier:
        policy = (function.more.get("aliases") or {}).get(qualifier)
        if not policy:
            raise AwsError(NOT_FOUND, "The resource you requested does not exist.", status=404)
        return {"Policy": policy}
    return {"Policy": policy_of(function)}


def _list_function_aliases(asked: ResourceCall) -> Members:
    function = asked.one("lambda", "function", str(asked.given["FunctionName"]))
    return {
        "Aliases": [
            {"Name": name, "AliasArn": f"{asked.arn(function)}:{name}", "FunctionVersion": "1"}
            for name in function.more.get("aliases") or ()
        ]
    }


def _function_urls(asked: ResourceCall) -> Members:
    function = asked.one("lambda", "function", str(asked.given["FunctionName"]))
    auth_type = function.more.get("url_auth_type")
    if not auth_type:
        return {"FunctionUrlConfigs": []}
    url = f"https://{function.name}.lambda-url.{asked.region}.on.aws/"
    made_at = "2026-02-03T09:00:00Z"
    config = {
        "FunctionArn": asked.arn(function),
        "FunctionUrl": url,
        "AuthType": auth_type,
        "CreationTime": made_at,
        "LastModifiedTime": made_at,
    }
    return {"FunctionUrlConfigs": [config]}


def _list_layers(asked: ResourceCall) -> Members:
    layers = [
        {
            "LayerName": each.name,
            "LayerArn": asked.arn(each),
            "LatestMatchingVersion": {"Version": 1, "LayerVersionArn": f"{asked.arn(each)}:1"},
        }
        for each in asked.all("lambda", "layer")
    ]
    return asked.page("Layers", layers, size="MaxItems", after="Marker", out="NextMarker")


def _layer_versions(asked: ResourceCall) -> Members:
    layer = asked.one("lambda", "layer", str(asked.given["LayerName"]))
    return {"LayerVersions": [{"Version": 1, "LayerVersionArn": f"{asked.arn(layer)}:1"}]}


def _layer_policy(asked: ResourceCall) -> Members:
    return {"Policy": policy_of(asked.one("lambda", "layer", str(asked.given["LayerName"])))}


def _repositories(asked: ResourceCall) -> Members:
    repositories = (
        {
            "repositoryArn": asked.arn(each),
            "registryId": asked.account_id,
            "repositoryName": each.name,
        }
        for each in asked.all("ecr", "repository")
    )
    return asked.page("repositories", repositories, size="maxResults", after="nextToken")


def _repository_policy(asked: ResourceCall) -> Members:
    name = str(asked.given["repositoryName"])
    repository = asked.one("ecr", "repository", name, "RepositoryNotFoundException")
    policy = policy_of(repository, "RepositoryPolicyNotFoundException")
    return {"registryId": asked.account_id, "repositoryName": name, "policyText": policy}


def _registry_policy(asked: ResourceCall) -> Members:
    for registry in asked.all("ecr", "registry"):
        return {"registryId": asked.account_id, "policyText": registry.policy}
    raise AwsError("RegistryPolicyNotFoundException", "The registry has no policy.")


def _event_buses(asked: ResourceCall) -> Members:
    default = Resource("events", "event-bus", asked.region, "default")
    buses = {each.name: each for each in (default, *asked.all("events", "event-bus"))}
    listed = [
        {"Name": each.name, "Arn": asked.arn(each)}
        | ({"Policy": each.policy} if each.policy else {})
        for each in buses.values()
    ]
    return asked.page("EventBuses", listed, size="Limit")


def _rest_apis(asked: ResourceCall) -> Members:
    apis = [
        {
            "id": each.more["id"],
            "name": each.name,
            # API Gateway gives the policy with its quotes escaped.
            "policy": each.policy.replace('"', '\\"') or None,
            "endpointConfiguration": {"types": [each.more.get("endpoint_type", "REGIONAL")]},
        }
        for each in asked.all("apigateway", "RestApi")
    ]
    # The wire has another name for the member.
    return {"item": apis}


def _destinations(asked: ResourceCall) -> Members:
    destinations = [
        {"destinationName": each.name, "arn": asked.arn(each), "accessPolicy": each.policy}
        for each in asked.all("logs", "destination")
    ]
    return asked.page("destinations", destinations, size="limit", after="nextToken")


def _log_policies(asked: ResourceCall) -> Members:
    if asked.given.get("policyScope") == "RESOURCE":
        own = [
            {
                "policyName": each.name,
                "policyDocument": each.policy,
                "policyScope": "RESOURCE",
                "resourceArn": asked.arn(each),
            }
            for each in asked.all("logs", "log-group")
        ]
        return asked.page("resourcePolicies", own, size="limit", after="nextToken")
    policies = [
        {"policyName": each.name, "policyDocument": each.policy}
        for each in asked.all("logs", "resource-policy")
    ]
    return asked.page("resourcePolicies", policies, size="limit", after="nextToken")


def _identities(asked: ResourceCall) -> Members:
    identities = [
        {"IdentityType": "DOMAIN", "IdentityName": each.name}
        for each in asked.all("ses", "identity")
    ]
    return asked.page("EmailIdentities", identities, size="PageSize")


def _identity_policies(asked: ResourceCall) -> Members:
    name = str(asked.given["EmailIdentity"])
    identity = asked.one("ses", "identity", name, "NotFoundException")
    return {"Policies": {"orgwarden-demo": identity.policy} if identity.policy else {}}


# By the name that signs the call and AWS's name of the operation.
OPERATIONS: Final[Mapping[str, Callable[[ResourceCall], Members]]] = {
    **data_policies.OPERATIONS,
    "sqs:ListQueues": _list_queues,
    "sqs:GetQueueAttributes": _queue_attributes,
    "sns:ListTopics": _list_topics,
    "sns:GetTopicAttributes": _topic_attributes,
    "lambda:ListFunctions": _list_functions,
    "lambda:GetPolicy": _function_policy,
    "lambda:ListAliases": _list_function_aliases,
    "lambda:ListFunctionUrlConfigs": _function_urls,
    "lambda:ListLayers": _list_layers,
    "lambda:ListLayerVersions": _layer_versions,
    "lambda:GetLayerVersionPolicy": _layer_policy,
    "ecr:DescribeRepositories": _repositories,
    "ecr:GetRepositoryPolicy": _repository_policy,
    "ecr:GetRegistryPolicy": _registry_policy,
    "events:ListEventBuses": _event_buses,
    "apigateway:GetRestApis": _rest_apis,
    "logs:DescribeDestinations": _destinations,
    "logs:DescribeResourcePolicies": _log_policies,
    "ses:ListEmailIdentities": _identities,
    "ses:GetEmailIdentityPolicies": _identity_policies,
}
# A write to one of them would not show in its lists.
SERVICES: Final = frozenset(name.partition(":")[0] for name in OPERATIONS)
