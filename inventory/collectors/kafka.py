"""MSK: clusters and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord


def collect_clusters(kafka: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each cluster of a region, provisioned or serverless, with its policy.

    One call a hundred clusters, and one a cluster. MSK answers alike where a cluster has no policy
    and where it is gone.
    AWS: kafka:ListClustersV2, GetClusterPolicy.
    """
    yield from read_resources(
        kafka,
        "kafka",
        lambda: kafka.paginate("list_clusters_v2", "ClusterInfoList", MaxResults=100),
        _cluster,
        id_of=lambda listed: str(listed["ClusterArn"]),
        gone=(),
    )


def _cluster(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    arn: str = listed["ClusterArn"]
    content = parts.policy("get_cluster_policy", ClusterArn=arn)
    yield parts.record("cluster", arn, listed["ClusterName"], content)


COLLECTORS = (
    Collector(
        name="data.msk_clusters",
        label="MSK clusters",
        scope=Scope.REGIONAL,
        service="kafka",
        actions=(
            Action(
                "kafka:ListClustersV2",
                "clusters",
                given={"MaxResults": 1},
                finds={"cluster_arn": ("ClusterInfoList", 0, "ClusterArn")},
            ),
            Action(
                "kafka:GetClusterPolicy",
                "each cluster's policy",
                given={"ClusterArn": "{cluster_arn}"},
            ),
        ),
        read=alone(collect_clusters),
        covers=resources("kafka", "cluster"),
    ),
)
