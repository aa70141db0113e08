"""Clusters and their policies, read from answers as MSK gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.kafka import collect_clusters
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:kafka:us-east-1:222222222222:cluster/"


@pytest.fixture
def kafka():
    with stubbed("kafka") as aws:
        yield aws


def lists(aws, *names):
    found = [{"ClusterArn": ARN + each, "ClusterName": each} for each in names]
    aws.answers("list_clusters_v2", {"ClusterInfoList": found}, MaxResults=100)


def cluster(name, policy=None, **more):
    return record("kafka", "cluster", ARN + name, name, policy, **more)


class TestCollectClusters:
    def test_yields_each_cluster_with_its_policy_or_none(self, kafka):
        lists(kafka, "orders", "plain")
        kafka.answers("get_cluster_policy", {"Policy": POLICY}, ClusterArn=f"{ARN}orders")
        kafka.refuses("get_cluster_policy", "NotFoundException", http_status_code=404)
        assert list(collect_clusters(kafka.client)) == [cluster("orders", POLICY), cluster("plain")]

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, kafka):
        lists(kafka, "orders")
        kafka.refuses("get_cluster_policy", "ForbiddenException", http_status_code=403)
        found, _ = read_until(AwsPartlyDenied, collect_clusters, kafka.client)
        assert found == [cluster("orders", unknown={"policy": "ForbiddenException"})]

    def test_raises_when_clusters_may_not_be_listed_instead_of_yielding_none(self, kafka):
        kafka.refuses("list_clusters_v2", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="kafka:ListClustersV2"):
            list(collect_clusters(kafka.client))
