"""SNS: topics and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICY


def collect_topics(sns: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each topic of a region with its policy; every topic has one.

    One call a hundred topics, and one a topic.
    AWS: sns:ListTopics, GetTopicAttributes.
    """
    yield from read_resources(
        sns,
        "sns",
        lambda: sns.paginate("list_topics", "Topics"),
        _topic,
        id_of=lambda listed: str(listed["TopicArn"]),
        gone=("NotFound",),
    )


def _topic(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    arn: str = listed["TopicArn"]
    content = parts.part(
        POLICY,
        "get_topic_attributes",
        lambda answer: answer["Attributes"].get("Policy") or None,
        TopicArn=arn,
    )
    yield parts.record("topic", arn, arn.rpartition(":")[2], content)


COLLECTORS = (
    Collector(
        name="applications.sns_topics",
        label="SNS topics",
        scope=Scope.REGIONAL,
        service="sns",
        actions=(
            Action("sns:ListTopics", "topics", finds={"topic_arn": ("Topics", 0, "TopicArn")}),
            Action(
                "sns:GetTopicAttributes",
                "each topic's policy",
                given={"TopicArn": "{topic_arn}"},
            ),
        ),
        read=alone(collect_topics),
        covers=resources("sns", "topic"),
    ),
)
