"""Resources with policies of their own, as the seeding left them: lists, and the policy on each.

moto has most of these services, but loads them slowly (its file systems alone bring up a network
in each account and region), and lacks the policies of some. What is asked here is answered from
the seeded resources. Other reads go to moto, which knows none of them; writes are refused.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.simulator.errors import AwsError

Members = dict[str, Any]

_MOST: Final = 100
_NOT_FOUND: Final = "ResourceNotFoundException"
_LATEST: Final = "$LATEST"


@dataclass(frozen=True, slots=True)
class Resource:
    """`service` and `kind`: IAM's prefix and type, as `sqs` and `queue`. `more`: what else it has.

    `policy`: empty if it has none.
    """

    service: str
    kind: str
    region: str
    name: str
    policy: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Resources:
    """Every account's resources, by where they are."""

    _by_place: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)

    def add(self, account_id: str, resource: Resource) -> None:
        self._by_place.setdefault((account_id, resource.region), []).append(resource)

    def of(self, account_id: str, region: str, service: str, kind: str) -> list[Resource]:
        """Return the resources of a kind, by name."""
        here = self._by_place.get((account_id, region), ())
        found = (each for each in here if (each.service, each.kind) == (service, kind))
        return sorted(found, key=lambda each: each.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """A call: who asks where, with what, and what there is."""

    resources: Resources
    account_id: str
    region: str
    given: Members

    def all(self, service: str, kind: str) -> list[Resource]:
        return self.resources.of(self.account_id, self.region, service, kind)

    def one(self, service: str, kind: str, name: str, code: str = _NOT_FOUND) -> Resource:
        """:raises AwsError: `code`, where there is none of that name or ARN."""
        for each in self.all(service, kind):
            if name in {each.name, self.arn(each)}:
                return each
        raise AwsError(code, f"{name} does not exist.", status=404)

    def arn(self, resource: Resource) -> str:
        form = _ARNS[resource.service, resource.kind]
        place = f"{resource.service}:{self.region}:{self.account_id}"
        return f"arn:aws:{place}:{form.format(resource.name)}"

    def page(
        self, key: str, items: Iterable[Any], *, size: str, after: str = "NextToken", out: str = ""
    ) -> Members:
        """Return a page of items under `key`; tokens are places in the list."""
        every = list(items)
        start, most = int(self.given.get(after) or 0), int(self.given.get(size) or _MOST)
        page: Members = {key: every[start : start + most]}
        if start + most < len(every):
            page[out or after] = str(start + most)
        return page


_ARNS: Final = {
    ("sqs", "queue"): "{}",
    ("sns", "topic"): "{}",
    ("kms", "key"): "key/{}",
    ("secretsmanager", "Secret"): "secret:{}-Ab12Cd",
    ("lambda", "function"): "function:{}",
    ("lambda", "layer"): "layer:{}",
    ("ecr", "repository"): "repository/{}",
    ("events", "event-bus"): "event-bus/{}",
    ("backup", "backupVault"): "backup-vault:{}",
    ("es", "domain"): "domain/{}",
    ("elasticfilesystem", "file-system"): "file-system/{}",
    ("dynamodb", "table"): "table/{}",
    ("kinesis", "stream"): "stream/{}",
    ("kafka", "cluster"): "cluster/{}/0c1e2f34-0001-4a5b-9c7d-1234567890ab-1",
    ("logs", "destination"): "destination:{}",
    ("logs", "log-group"): "log-group:{}",
    ("glacier", "vault"): "vaults/{}",
    ("ses", "identity"): "identity/{}",
    ("s3tables", "TableBucket"): "bucket/{}",
}


def _policy(resource: Resource, code: str = _NOT_FOUND) -> str:
    if not resource.policy:
        raise AwsError(code, f"{resource.name} has no policy.", status=404)
    return resource.policy


def _list_queues(asked: Asked) -> Members:
    urls = (
        f"https://sqs.{asked.region}.amazonaws.com/{asked.account_id}/{each.name}"
        for each in asked.all("sqs", "queue")
    )
    found = asked.page("QueueUrls", urls, size="MaxResults")
    return found if found["QueueUrls"] else {}


def _queue_attributes(asked: Asked) -> Members:
    name = str(asked.given["QueueUrl"]).rpartition("/")[2]
    queue = asked.one("sqs", "queue", name, "AWS.SimpleQueueService.NonExistentQueue")
    return {"Attributes": {"Policy": queue.policy}} if queue.policy else {}


def _list_topics(asked: Asked) -> Members:
    arns = ({"TopicArn": asked.arn(each)} for each in asked.all("sns", "topic"))
    return asked.page("Topics", arns, size="")


def _topic_attributes(asked: Asked) -> Members:
    topic = asked.one("sns", "topic", str(asked.given["TopicArn"]), "NotFound")
    return {"Attributes": {"TopicArn": asked.arn(topic), "Policy": topic.policy}}


def _list_keys(asked: Asked) -> Members:
    keys = ({"KeyId": each.name, "KeyArn": asked.arn(each)} for each in asked.all("kms", "key"))
    found = asked.page("Keys", keys, size="Limit", after="Marker", out="NextMarker")
    return {**found, "Truncated": "NextMarker" in found}


def _list_aliases(asked: Asked) -> Members:
    aliases = [
        {"AliasName": f"alias/{each.more['alias']}", "TargetKeyId": each.name}
        for each in asked.all("kms", "key")
        if "alias" in each.more
    ]
    found = asked.page("Aliases", aliases, size="Limit", after="Marker", out="NextMarker")
    return {**found, "Truncated": "NextMarker" in found}


def _key_policy(asked: Asked) -> Members:
    key = asked.one("kms", "key", str(asked.given["KeyId"]), "NotFoundException")
    return {"Policy": key.policy, "PolicyName": "default"}


def _list_grants(asked: Asked) -> Members:
    key = asked.one("kms", "key", str(asked.given["KeyId"]), "NotFoundException")
    grants = [
        {"KeyId": asked.arn(key), "GrantId": f"{number:064x}", **each}
        for number, each in enumerate(key.more.get("grants", ()), start=1)
    ]
    return {"Grants": grants, "Truncated": False}


def _list_secrets(asked: Asked) -> Members:
    secrets = (
        {"ARN": asked.arn(each), "Name": each.name}
        for each in asked.all("secretsmanager", "Secret")
    )
    return asked.page("SecretList", secrets, size="MaxResults")


def _secret_policy(asked: Asked) -> Members:
    secret = asked.one("secretsmanager", "Secret", str(asked.given["SecretId"]))
    found = {"ARN": asked.arn(secret), "Name": secret.name}
    return {**found, "ResourcePolicy": secret.policy} if secret.policy else found


def _list_functions(asked: Asked) -> Members:
    functions = [
        {
            "FunctionName": each.name,
            "FunctionArn": f"{asked.arn(each)}:{_LATEST}",
            "Version": _LATEST,
        }
        for each in asked.all("lambda", "function")
    ]
    return asked.page("Functions", functions, size="MaxItems", after="Marker", out="NextMarker")


def _function_policy(asked: Asked) -> Members:
    name, qualifier = str(asked.given["FunctionName"]), asked.given.get("Qualifier")
    function = asked.one("lambda", "function", name)
    if qualifier:
        policy = (function.more.get("aliases") or {}).get(qualifier)
        if not policy:
            raise AwsError(_NOT_FOUND, "The resource you requested does not exist.", status=404)
        return {"Policy": policy}
    return {"Policy": _policy(function)}


def _list_function_aliases(asked: Asked) -> Members:
    function = asked.one("lambda", "function", str(asked.given["FunctionName"]))
    return {
        "Aliases": [
            {"Name": name, "AliasArn": f"{asked.arn(function)}:{name}", "FunctionVersion": "1"}
            for name in function.more.get("aliases") or ()
        ]
    }


def _function_urls(asked: Asked) -> Members:
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


def _list_layers(asked: Asked) -> Members:
    layers = [
        {
            "LayerName": each.name,
            "LayerArn": asked.arn(each),
            "LatestMatchingVersion": {"Version": 1, "LayerVersionArn": f"{asked.arn(each)}:1"},
        }
        for each in asked.all("lambda", "layer")
    ]
    return asked.page("Layers", layers, size="MaxItems", after="Marker", out="NextMarker")


def _layer_versions(asked: Asked) -> Members:
    layer = asked.one("lambda", "layer", str(asked.given["LayerName"]))
    return {"LayerVersions": [{"Version": 1, "LayerVersionArn": f"{asked.arn(layer)}:1"}]}


def _layer_policy(asked: Asked) -> Members:
    return {"Policy": _policy(asked.one("lambda", "layer", str(asked.given["LayerName"])))}


def _repositories(asked: Asked) -> Members:
    repositories = (
        {
            "repositoryArn": asked.arn(each),
            "registryId": asked.account_id,
            "repositoryName": each.name,
        }
        for each in asked.all("ecr", "repository")
    )
    return asked.page("repositories", repositories, size="maxResults", after="nextToken")


def _repository_policy(asked: Asked) -> Members:
    name = str(asked.given["repositoryName"])
    repository = asked.one("ecr", "repository", name, "RepositoryNotFoundException")
    policy = _policy(repository, "RepositoryPolicyNotFoundException")
    return {"registryId": asked.account_id, "repositoryName": name, "policyText": policy}


def _registry_policy(asked: Asked) -> Members:
    for registry in asked.all("ecr", "registry"):
        return {"registryId": asked.account_id, "policyText": registry.policy}
    raise AwsError("RegistryPolicyNotFoundException", "The registry has no policy.")


def _event_buses(asked: Asked) -> Members:
    default = Resource("events", "event-bus", asked.region, "default")
    buses = {each.name: each for each in (default, *asked.all("events", "event-bus"))}
    listed = [
        {"Name": each.name, "Arn": asked.arn(each)}
        | ({"Policy": each.policy} if each.policy else {})
        for each in buses.values()
    ]
    return asked.page("EventBuses", listed, size="Limit")


def _backup_vaults(asked: Asked) -> Members:
    vaults = (
        {"BackupVaultName": each.name, "BackupVaultArn": asked.arn(each)}
        for each in asked.all("backup", "backupVault")
    )
    return asked.page(
        "BackupVaultList", vaults, size="maxResults", after="nextToken", out="NextToken"
    )


def _backup_vault_policy(asked: Asked) -> Members:
    name = str(asked.given["backupVaultName"])
    return {
        "BackupVaultName": name,
        "Policy": _policy(asked.one("backup", "backupVault", name)),
    }


def _domain_names(asked: Asked) -> Members:
    return {"DomainNames": [{"DomainName": each.name} for each in asked.all("es", "domain")]}


def _domains(asked: Asked) -> Members:
    wanted = set(asked.given.get("DomainNames") or ())
    return {
        "DomainStatusList": [
            {
                "DomainId": f"{asked.account_id}/{each.name}",
                "DomainName": each.name,
                "ARN": asked.arn(each),
                "AccessPolicies": each.policy,
                "ClusterConfig": {},
                "VPCOptions": {"VPCId": each.more["vpc_id"]} if "vpc_id" in each.more else None,
            }
            for each in asked.all("es", "domain")
            if each.name in wanted
        ]
    }


def _file_systems(asked: Asked) -> Members:
    systems = (
        {"FileSystemId": each.name, "OwnerId": asked.account_id, "Name": each.more.get("title")}
        for each in asked.all("elasticfilesystem", "file-system")
    )
    return asked.page("FileSystems", systems, size="MaxItems", after="Marker", out="NextMarker")


def _file_system_policy(asked: Asked) -> Members:
    name = str(asked.given["FileSystemId"])
    system = asked.one("elasticfilesystem", "file-system", name, "FileSystemNotFound")
    return {"FileSystemId": name, "Policy": _policy(system, "PolicyNotFound")}


def _rest_apis(asked: Asked) -> Members:
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


def _tables(asked: Asked) -> Members:
    names = [each.name for each in asked.all("dynamodb", "table")]
    return {"TableNames": names}


def _table(asked: Asked) -> Members:
    table = asked.one("dynamodb", "table", str(asked.given["TableName"]))
    return {"Table": {"TableName": table.name, "TableArn": asked.arn(table)}}


def _table_policy(asked: Asked) -> Members:
    table = asked.one("dynamodb", "table", str(asked.given["ResourceArn"]))
    return {"Policy": _policy(table, "PolicyNotFoundException")}


def _streams(asked: Asked) -> Members:
    streams = asked.all("kinesis", "stream")
    return {
        "StreamNames": [each.name for each in streams],
        "StreamSummaries": [
            {"StreamName": each.name, "StreamARN": asked.arn(each), "StreamStatus": "ACTIVE"}
            for each in streams
        ],
        "HasMoreStreams": False,
    }


def _stream_policy(asked: Asked) -> Members:
    stream = asked.one("kinesis", "stream", str(asked.given["ResourceARN"]))
    return {"Policy": stream.policy or "{}"}


def _clusters(asked: Asked) -> Members:
    clusters = (
        {"clusterArn": asked.arn(each), "clusterName": each.name}
        for each in asked.all("kafka", "cluster")
    )
    return asked.page("clusterInfoList", clusters, size="maxResults", after="nextToken")


def _cluster_policy(asked: Asked) -> Members:
    cluster = asked.one("kafka", "cluster", str(asked.given["clusterArn"]), "NotFoundException")
    return {"policy": _policy(cluster, "NotFoundException")}


def _catalog_policy(asked: Asked) -> Members:
    for catalog in asked.all("glue", "catalog"):
        return {"PolicyInJson": catalog.policy}
    raise AwsError("EntityNotFoundException", "Policy not found")


def _destinations(asked: Asked) -> Members:
    destinations = [
        {"destinationName": each.name, "arn": asked.arn(each), "accessPolicy": each.policy}
        for each in asked.all("logs", "destination")
    ]
    return asked.page("destinations", destinations, size="limit", after="nextToken")


def _log_policies(asked: Asked) -> Members:
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


def _identities(asked: Asked) -> Members:
    identities = [
        {"IdentityType": "DOMAIN", "IdentityName": each.name}
        for each in asked.all("ses", "identity")
    ]
    return asked.page("EmailIdentities", identities, size="PageSize")


def _identity_policies(asked: Asked) -> Members:
    name = str(asked.given["EmailIdentity"])
    identity = asked.one("ses", "identity", name, "NotFoundException")
    return {"Policies": {"orgwarden-demo": identity.policy} if identity.policy else {}}


def _vaults(asked: Asked) -> Members:
    vaults = (
        {"VaultName": each.name, "VaultARN": asked.arn(each)}
        for each in asked.all("glacier", "vault")
    )
    return asked.page("VaultList", vaults, size="limit", after="marker", out="Marker")


def _vault_policy(asked: Asked) -> Members:
    vault = asked.one("glacier", "vault", str(asked.given["vaultName"]))
    # The body is the member itself.
    return {"Policy": _policy(vault)}


def _vault_lock(asked: Asked) -> Members:
    vault = asked.one("glacier", "vault", str(asked.given["vaultName"]))
    lock = vault.more.get("lock")
    if not lock:
        raise AwsError(_NOT_FOUND, f"No lock policy is set for vault {vault.name}.", status=404)
    return {"Policy": json.dumps(lock), "State": "Locked"}


def _table_buckets(asked: Asked) -> Members:
    buckets = [
        {"arn": asked.arn(each), "name": each.name, "ownerAccountId": asked.account_id}
        for each in asked.all("s3tables", "TableBucket")
    ]
    return asked.page("tableBuckets", buckets, size="maxBuckets", after="continuationToken")


def _table_bucket_policy(asked: Asked) -> Members:
    arn = str(asked.given["tableBucketARN"])
    bucket = asked.one("s3tables", "TableBucket", arn, "NotFoundException")
    return {"resourcePolicy": _policy(bucket, "NotFoundException")}


# By the name that signs the call and AWS's name of the operation.
OPERATIONS: Final[Mapping[str, Callable[[Asked], Members]]] = {
    "sqs:ListQueues": _list_queues,
    "sqs:GetQueueAttributes": _queue_attributes,
    "sns:ListTopics": _list_topics,
    "sns:GetTopicAttributes": _topic_attributes,
    "kms:ListKeys": _list_keys,
    "kms:ListAliases": _list_aliases,
    "kms:GetKeyPolicy": _key_policy,
    "kms:ListGrants": _list_grants,
    "secretsmanager:ListSecrets": _list_secrets,
    "secretsmanager:GetResourcePolicy": _secret_policy,
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
    "backup:ListBackupVaults": _backup_vaults,
    "backup:GetBackupVaultAccessPolicy": _backup_vault_policy,
    "es:ListDomainNames": _domain_names,
    "es:DescribeDomains": _domains,
    "aoss:ListAccessPolicies": lambda asked: {"accessPolicySummaries": []},
    "elasticfilesystem:DescribeFileSystems": _file_systems,
    "elasticfilesystem:DescribeFileSystemPolicy": _file_system_policy,
    "apigateway:GetRestApis": _rest_apis,
    "dynamodb:ListTables": _tables,
    "dynamodb:DescribeTable": _table,
    "dynamodb:GetResourcePolicy": _table_policy,
    "kinesis:ListStreams": _streams,
    "kinesis:ListStreamConsumers": lambda asked: {"Consumers": []},
    "kinesis:GetResourcePolicy": _stream_policy,
    "kafka:ListClustersV2": _clusters,
    "kafka:GetClusterPolicy": _cluster_policy,
    "glue:GetResourcePolicy": _catalog_policy,
    "logs:DescribeDestinations": _destinations,
    "logs:DescribeResourcePolicies": _log_policies,
    "ses:ListEmailIdentities": _identities,
    "ses:GetEmailIdentityPolicies": _identity_policies,
    "glacier:ListVaults": _vaults,
    "glacier:GetVaultAccessPolicy": _vault_policy,
    "glacier:GetVaultLock": _vault_lock,
    "s3tables:ListTableBuckets": _table_buckets,
    "s3tables:GetTableBucketPolicy": _table_bucket_policy,
    "s3tables:ListTables": lambda asked: {"tables": []},
}
# A write to one of them would not show in its lists.
SERVICES: Final = frozenset(name.partition(":")[0] for name in OPERATIONS)
