"""Policies of keys, secrets, certificate authorities and what holds data."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from demo.simulator.errors import AwsError
from demo.simulator.seeded_resources import NOT_FOUND, Members, ResourceCall, policy_of


def _list_keys(asked: ResourceCall) -> Members:
    keys = ({"KeyId": each.name, "KeyArn": asked.arn(each)} for each in asked.all("kms", "key"))
    found = asked.page("Keys", keys, size="Limit", after="Marker", out="NextMarker")
    return {**found, "Truncated": "NextMarker" in found}


def _list_aliases(asked: ResourceCall) -> Members:
    aliases = [
        {"AliasName": f"alias/{each.more['alias']}", "TargetKeyId": each.name}
        for each in asked.all("kms", "key")
        if "alias" in each.more
    ]
    found = asked.page("Aliases", aliases, size="Limit", after="Marker", out="NextMarker")
    return {**found, "Truncated": "NextMarker" in found}


def _key_policy(asked: ResourceCall) -> Members:
    key = asked.one("kms", "key", str(asked.given["KeyId"]), "NotFoundException")
    return {"Policy": key.policy, "PolicyName": "default"}


def _list_grants(asked: ResourceCall) -> Members:
    key = asked.one("kms", "key", str(asked.given["KeyId"]), "NotFoundException")
    grants = [
        {"KeyId": asked.arn(key), "GrantId": f"{number:064x}", **each}
        for number, each in enumerate(key.more.get("grants", ()), start=1)
    ]
    return {"Grants": grants, "Truncated": False}


def _list_secrets(asked: ResourceCall) -> Members:
    secrets = (
        {"ARN": asked.arn(each), "Name": each.name}
        for each in asked.all("secretsmanager", "Secret")
    )
    return asked.page("SecretList", secrets, size="MaxResults")


def _secret_policy(asked: ResourceCall) -> Members:
    secret = asked.one("secretsmanager", "Secret", str(asked.given["SecretId"]))
    found = {"ARN": asked.arn(secret), "Name": secret.name}
    return {**found, "ResourcePolicy": secret.policy} if secret.policy else found


def _backup_vaults(asked: ResourceCall) -> Members:
    vaults = (
        {"BackupVaultName": each.name, "BackupVaultArn": asked.arn(each)}
        for each in asked.all("backup", "backupVault")
    )
    return asked.page(
        "BackupVaultList", vaults, size="maxResults", after="nextToken", out="NextToken"
    )


def _backup_vault_policy(asked: ResourceCall) -> Members:
    name = str(asked.given["backupVaultName"])
    return {
        "BackupVaultName": name,
        "Policy": policy_of(asked.one("backup", "backupVault", name)),
    }


def _domain_names(asked: ResourceCall) -> Members:
    return {"DomainNames": [{"DomainName": each.name} for each in asked.all("es", "domain")]}


def _domains(asked: ResourceCall) -> Members:
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


def _file_systems(asked: ResourceCall) -> Members:
    systems = (
        {"FileSystemId": each.name, "OwnerId": asked.account_id, "Name": each.more.get("title")}
        for each in asked.all("elasticfilesystem", "file-system")
    )
    return asked.page("FileSystems", systems, size="MaxItems", after="Marker", out="NextMarker")


def _file_system_policy(asked: ResourceCall) -> Members:
    name = str(asked.given["FileSystemId"])
    system = asked.one("elasticfilesystem", "file-system", name, "FileSystemNotFound")
    return {"FileSystemId": name, "Policy": policy_of(system, "PolicyNotFound")}


def _tables(asked: ResourceCall) -> Members:
    names = [each.name for each in asked.all("dynamodb", "table")]
    return {"TableNames": names}


def _table(asked: ResourceCall) -> Members:
    table = asked.one("dynamodb", "table", str(asked.given["TableName"]))
    return {"Table": {"TableName": table.name, "TableArn": asked.arn(table)}}


def _table_policy(asked: ResourceCall) -> Members:
    table = asked.one("dynamodb", "table", str(asked.given["ResourceArn"]))
    return {"Policy": policy_of(table, "PolicyNotFoundException")}


def _streams(asked: ResourceCall) -> Members:
    streams = asked.all("kinesis", "stream")
    return {
        "StreamNames": [each.name for each in streams],
        "StreamSummaries": [
            {"StreamName": each.name, "StreamARN": asked.arn(each), "StreamStatus": "ACTIVE"}
            for each in streams
        ],
        "HasMoreStreams": False,
    }


def _stream_policy(asked: ResourceCall) -> Members:
    stream = asked.one("kinesis", "stream", str(asked.given["ResourceARN"]))
    return {"Policy": stream.policy or "{}"}


def _clusters(asked: ResourceCall) -> Members:
    clusters = (
        {"clusterArn": asked.arn(each), "clusterName": each.name}
        for each in asked.all("kafka", "cluster")
    )
    return asked.page("clusterInfoList", clusters, size="maxResults", after="nextToken")


def _cluster_policy(asked: ResourceCall) -> Members:
    cluster = asked.one("kafka", "cluster", str(asked.given["clusterArn"]), "NotFoundException")
    return {"policy": policy_of(cluster, "NotFoundException")}


def _catalog_policy(asked: ResourceCall) -> Members:
    for catalog in asked.all("glue", "catalog"):
        return {"PolicyInJson": catalog.policy}
    raise AwsError("EntityNotFoundException", "Policy not found")


def _vaults(asked: ResourceCall) -> Members:
    vaults = (
        {"VaultName": each.name, "VaultARN": asked.arn(each)}
        for each in asked.all("glacier", "vault")
    )
    return asked.page("VaultList", vaults, size="limit", after="marker", out="Marker")


def _vault_policy(asked: ResourceCall) -> Members:
    vault = asked.one("glacier", "vault", str(asked.given["vaultName"]))
    # The body is the member itself.
    return {"Policy": policy_of(vault)}


def _vault_lock(asked: ResourceCall) -> Members:
    vault = asked.one("glacier", "vault", str(asked.given["vaultName"]))
    lock = vault.more.get("lock")
    if not lock:
        raise AwsError(NOT_FOUND, f"No lock policy is set for vault {vault.name}.", status=404)
    return {"Policy": json.dumps(lock), "State": "Locked"}


def _certificate_authorities(asked: ResourceCall) -> Members:
    authorities = [
        {
            "Arn": asked.arn(each),
            "OwnerAccount": asked.account_id,
            "Type": "SUBORDINATE",
            "Status": "ACTIVE",
            "CertificateAuthorityConfiguration": {
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"CommonName": each.more["common_name"]},
            },
        }
        for each in asked.all("acm-pca", "certificate-authority")
    ]
    return asked.page("CertificateAuthorities", authorities, size="MaxResults")


def _certificate_authority_policy(asked: ResourceCall) -> Members:
    authority = asked.one("acm-pca", "certificate-authority", str(asked.given["ResourceArn"]))
    return {"Policy": policy_of(authority)}


def _table_buckets(asked: ResourceCall) -> Members:
    buckets = [
        {"arn": asked.arn(each), "name": each.name, "ownerAccountId": asked.account_id}
        for each in asked.all("s3tables", "TableBucket")
    ]
    return asked.page("tableBuckets", buckets, size="maxBuckets", after="continuationToken")


def _table_bucket_policy(asked: ResourceCall) -> Members:
    arn = str(asked.given["tableBucketARN"])
    bucket = asked.one("s3tables", "TableBucket", arn, "NotFoundException")
    return {"resourcePolicy": policy_of(bucket, "NotFoundException")}


# By the name that signs the call and AWS's name of the operation.
OPERATIONS: Final[Mapping[str, Callable[[ResourceCall], Members]]] = {
    "kms:ListKeys": _list_keys,
    "kms:ListAliases": _list_aliases,
    "kms:GetKeyPolicy": _key_policy,
    "kms:ListGrants": _list_grants,
    "secretsmanager:ListSecrets": _list_secrets,
    "secretsmanager:GetResourcePolicy": _secret_policy,
    "backup:ListBackupVaults": _backup_vaults,
    "backup:GetBackupVaultAccessPolicy": _backup_vault_policy,
    "es:ListDomainNames": _domain_names,
    "es:DescribeDomains": _domains,
    "aoss:ListAccessPolicies": lambda asked: {"accessPolicySummaries": []},
    "elasticfilesystem:DescribeFileSystems": _file_systems,
    "elasticfilesystem:DescribeFileSystemPolicy": _file_system_policy,
    "dynamodb:ListTables": _tables,
    "dynamodb:DescribeTable": _table,
    "dynamodb:GetResourcePolicy": _table_policy,
    "kinesis:ListStreams": _streams,
    "kinesis:ListStreamConsumers": lambda asked: {"Consumers": []},
    "kinesis:GetResourcePolicy": _stream_policy,
    "kafka:ListClustersV2": _clusters,
    "kafka:GetClusterPolicy": _cluster_policy,
    "glue:GetResourcePolicy": _catalog_policy,
    "glacier:ListVaults": _vaults,
    "glacier:GetVaultAccessPolicy": _vault_policy,
    "glacier:GetVaultLock": _vault_lock,
    "acm-pca:ListCertificateAuthorities": _certificate_authorities,
    "acm-pca:GetPolicy": _certificate_authority_policy,
    "s3tables:ListTableBuckets": _table_buckets,
    "s3tables:GetTableBucketPolicy": _table_bucket_policy,
    "s3tables:ListTables": lambda asked: {"tables": []},
}
