"""EKS clusters, read from answers as EKS gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.eks_clusters import collect_eks_clusters
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

ARN = "arn:aws:eks:us-east-1:222222222222:cluster/booking"
ROLE = "arn:aws:iam::999999999999:role/operator"
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E"


@pytest.fixture
def eks():
    with stubbed("eks") as aws:
        yield aws


def cluster(mode="API"):
    return {
        "name": "booking",
        "arn": ARN,
        "accessConfig": {"authenticationMode": mode},
        "identity": {"oidc": {"issuer": ISSUER}},
        "resourcesVpcConfig": {
            "endpointPublicAccess": True,
            "publicAccessCidrs": ["203.0.113.0/24", "198.51.100.0/24"],
        },
    }


def lists(eks, mode="API"):
    eks.answers("list_clusters", {"clusters": ["booking"]}, maxResults=100)
    eks.answers("describe_cluster", {"cluster": cluster(mode)}, name="booking")


def has_no_pods(eks):
    eks.answers(
        "list_pod_identity_associations",
        {"associations": []},
        clusterName="booking",
        maxResults=100,
    )


def test_yields_access_entries_and_pod_identities_of_each_cluster(eks):
    lists(eks)
    of_entry = {"clusterName": "booking", "principalArn": ROLE}
    eks.answers(
        "list_access_entries", {"accessEntries": [ROLE]}, clusterName="booking", maxResults=100
    )
    eks.answers(
        "describe_access_entry",
        {"accessEntry": {"type": "STANDARD", "kubernetesGroups": ["viewers"]}},
        **of_entry,
    )
    policy = "arn:aws:eks::aws:cluster-access-policy"
    eks.answers(
        "list_associated_access_policies",
        {
            "associatedAccessPolicies": [
                {
                    "policyArn": f"{policy}/AmazonEKSViewPolicy",
                    "accessScope": {"type": "namespace", "namespaces": ["b", "a"]},
                },
                {
                    "policyArn": f"{policy}/AmazonEKSClusterAdminPolicy",
                    "accessScope": {"type": "cluster", "namespaces": []},
                },
            ]
        },
        **of_entry,
    )
    eks.answers(
        "list_pod_identity_associations",
        {"associations": [{"associationId": "a-1"}]},
        clusterName="booking",
        maxResults=100,
    )
    pod = {
        "namespace": "shop",
        "serviceAccount": "api",
        "roleArn": "arn:aws:iam::222222222222:role/api",
    }
    eks.answers(
        "describe_pod_identity_association",
        {"association": pod},
        clusterName="booking",
        associationId="a-1",
    )
    [found] = collect_eks_clusters(eks.client)
    assert found.arn == ARN
    assert grants_of(found.facts) == (
        AccessGrant(
            GranteeKind.PRINCIPAL,
            ROLE,
            "eks access entry",
            ("eks:AccessKubernetesApi",),
            conditions={
                "type": "STANDARD",
                "kubernetes_groups": ["viewers"],
                "access_policies": ["AmazonEKSClusterAdminPolicy", "AmazonEKSViewPolicy in a, b"],
            },
        ),
    )
    assert found.facts["oidc_issuer"] == ISSUER
    assert found.facts["public_access_cidrs"] == ["198.51.100.0/24", "203.0.113.0/24"]
    assert found.facts["pod_identities"] == [
        {
            "namespace": "shop",
            "service_account": "api",
            "role_arn": "arn:aws:iam::222222222222:role/api",
            "target_role_arn": "",
        }
    ]


def test_says_that_the_config_map_of_a_cluster_is_not_known(eks):
    lists(eks, "CONFIG_MAP")
    has_no_pods(eks)
    [found] = collect_eks_clusters(eks.client)
    assert grants_of(found.facts) is None
    assert found.unknown == {"grants": "CONFIG_MAP"}


def test_marks_entries_that_may_not_be_read_as_unknown(eks):
    lists(eks)
    eks.refuses("list_access_entries")
    has_no_pods(eks)
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(AwsPartlyDenied):
        # A list keeps what came before the error.
        found.extend(collect_eks_clusters(eks.client))
    assert found[0].unknown == {"grants": "AccessDeniedException"}


def test_makes_one_call_where_there_is_no_cluster(eks):
    eks.answers("list_clusters", {"clusters": []})
    assert list(collect_eks_clusters(eks.client)) == []
    assert eks.log.calls.total() == 1


def test_raises_when_clusters_may_not_be_listed_instead_of_yielding_none(eks):
    eks.refuses("list_clusters")
    with pytest.raises(AwsReadDenied, match="eks:ListClusters"):
        list(collect_eks_clusters(eks.client))
