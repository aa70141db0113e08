"""EKS clusters: who may use their Kubernetes API, and which roles their pods have."""

from collections.abc import Iterator
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, AccessGrant, GranteeKind

_TYPE: Final = "cluster"
# Who may use such a cluster stands in a config map in it, where AWS's API does not reach.
_CONFIG_MAP: Final = "CONFIG_MAP"
# The fact that names the roles of service accounts.
POD_IDENTITIES: Final = "pod_identities"


def collect_eks_clusters(eks: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each cluster of the region with its access entries and Pod Identity associations.

    One call where there is no cluster; for each three, two an access entry and one an association.
    The issuer among its facts is the OpenID Connect provider that roles for service accounts trust.
    Who may use a cluster that goes by its config map alone is `unknown`: the API does not tell.
    AWS: eks:ListClusters, DescribeCluster, ListAccessEntries, DescribeAccessEntry,
    ListAssociatedAccessPolicies, ListPodIdentityAssociations, DescribePodIdentityAssociation.
    """

    def list_clusters() -> Iterator[str]:
        for page in eks.pages("list_clusters", maxResults=100):
            yield from page["clusters"]

    yield from read_resources(eks, "eks", list_clusters, _cluster, id_of=str)


def _cluster(name: str, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    cluster = parts.client.call("describe_cluster", name=name)["cluster"]
    mode = (cluster.get("accessConfig") or {}).get("authenticationMode", _CONFIG_MAP)
    issuer = ((cluster.get("identity") or {}).get("oidc") or {}).get("issuer", "")
    network = cluster.get("resourcesVpcConfig") or {}
    grants: list[AccessGrant] | None = None
    if mode == _CONFIG_MAP:
        parts.unknown[GRANTS] = mode
    else:
        grants = parts.reading(GRANTS, lambda: list(_entries(parts.client, name)))
    pods = parts.reading(POD_IDENTITIES, lambda: list(_pods(parts.client, name)))
    yield parts.record(
        _TYPE,
        cluster["arn"],
        name,
        None,
        facts={
            "authentication_mode": mode,
            "oidc_issuer": issuer,
            "endpoint_public_access": network.get("endpointPublicAccess", False),
            "public_access_cidrs": sorted(network.get("publicAccessCidrs") or []),
            POD_IDENTITIES: pods,
        },
        grants=grants,
    )


def _entries(eks: AwsClient, cluster: str) -> Iterator[AccessGrant]:
    pages = eks.pages("list_access_entries", clusterName=cluster, maxResults=100)
    for arn in sorted(each for page in pages for each in page["accessEntries"]):
        of_entry = {"clusterName": cluster, "principalArn": arn}
        entry = eks.call("describe_access_entry", **of_entry)["accessEntry"]
        policies = eks.paginate(
            "list_associated_access_policies", "associatedAccessPolicies", **of_entry
        )
        yield AccessGrant(
            GranteeKind.PRINCIPAL,
            arn,
            "eks access entry",
            ("eks:AccessKubernetesApi",),
            conditions={
                "type": entry.get("type", ""),
                "kubernetes_groups": sorted(entry.get("kubernetesGroups") or []),
                "access_policies": sorted(_policy(each) for each in policies),
            },
        )


def _policy(associated: AwsAnswer) -> str:
    """Return an access policy's name and where in the cluster it holds, in one text."""
    name = str(associated["policyArn"]).rpartition("/")[2]
    scope = associated.get("accessScope") or {}
    namespaces = ", ".join(sorted(scope.get("namespaces") or []))
    return f"{name} in {namespaces}" if namespaces else name


def _pods(eks: AwsClient, cluster: str) -> Iterator[dict[str, Any]]:
    listed = eks.paginate(
        "list_pod_identity_associations", "associations", clusterName=cluster, maxResults=100
    )
    for each in sorted(listed, key=lambda one: str(one["associationId"])):
        association = eks.call(
            "describe_pod_identity_association",
            clusterName=cluster,
            associationId=each["associationId"],
        )["association"]
        yield {
            "namespace": association["namespace"],
            "service_account": association["serviceAccount"],
            "role_arn": association["roleArn"],
            # Of another account: the role takes it in a second step.
            "target_role_arn": association.get("targetRoleArn") or "",
        }


def _of_cluster(name: str, purpose: str, **more: str) -> Action:
    """Return an action that is tried on a cluster of the region."""
    return Action(name, purpose, given={"clusterName": "{cluster_name}", **more})


COLLECTORS = (
    Collector(
        name="workloads.eks_clusters",
        label="EKS clusters",
        scope=Scope.REGIONAL,
        service="eks",
        actions=(
            Action(
                "eks:ListClusters",
                "clusters",
                given={"maxResults": 1},
                finds={"cluster_name": ("clusters", 0)},
            ),
            Action(
                "eks:DescribeCluster",
                "how each cluster lets principals in, and its OpenID Connect issuer",
                given={"name": "{cluster_name}"},
            ),
            _of_cluster("eks:ListAccessEntries", "who may use each cluster"),
            _of_cluster(
                "eks:DescribeAccessEntry",
                "the Kubernetes groups of each access entry",
                principalArn="arn:{partition}:iam::{account_id}:role/orgwarden-test",
            ),
            _of_cluster(
                "eks:ListAssociatedAccessPolicies",
                "the access policies of each access entry",
                principalArn="arn:{partition}:iam::{account_id}:role/orgwarden-test",
            ),
            _of_cluster("eks:ListPodIdentityAssociations", "which service accounts have roles"),
            _of_cluster(
                "eks:DescribePodIdentityAssociation",
                "the role of each service account",
                associationId="a-0000000000000000",
            ),
        ),
        read=alone(collect_eks_clusters),
        covers=resources("eks", _TYPE),
    ),
)
