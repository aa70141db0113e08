"""Topics and their policies, read from answers as SNS gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.sns import collect_topics
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:sns:us-east-1:222222222222:"


@pytest.fixture
def sns():
    with stubbed("sns") as aws:
        yield aws


def lists(aws, *names, **more):
    aws.answers("list_topics", {"Topics": [{"TopicArn": ARN + each} for each in names]} | more)


def topic(name, policy=POLICY, **more):
    return record("sns", "topic", ARN + name, name, policy, **more)


class TestCollectTopics:
    def test_yields_each_topic_with_its_policy_page_by_page(self, sns):
        lists(sns, "alarms", NextToken="more")
        sns.answers(
            "get_topic_attributes", {"Attributes": {"Policy": POLICY}}, TopicArn=ARN + "alarms"
        )
        sns.answers("list_topics", {"Topics": [{"TopicArn": ARN + "b"}]}, NextToken="more")
        sns.answers("get_topic_attributes", {"Attributes": {}}, TopicArn=ARN + "b")
        assert list(collect_topics(sns.client)) == [topic("alarms"), topic("b", None)]

    def test_leaves_out_a_topic_that_was_deleted_meanwhile(self, sns):
        lists(sns, "going")
        sns.refuses("get_topic_attributes", "NotFound", http_status_code=404)
        lists(sns)
        assert list(collect_topics(sns.client)) == []

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, sns):
        lists(sns, "vault")
        sns.refuses("get_topic_attributes", "AuthorizationError", http_status_code=403)
        found, error = read_until(AwsPartlyDenied, collect_topics, sns.client)
        assert found == [topic("vault", None, unknown={"policy": "AuthorizationError"})]
        assert error.listed_all

    def test_raises_when_topics_may_not_be_listed_instead_of_yielding_none(self, sns):
        sns.refuses("list_topics", "AuthorizationError")
        with pytest.raises(AwsReadDenied, match="sns:ListTopics"):
            list(collect_topics(sns.client))
