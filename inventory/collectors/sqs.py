"""SQS: queues and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICY

# SQS's most. Without it ListQueues ends after a thousand and does not say so.
_PAGE_SIZE = 1000


def collect_queues(sqs: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each queue of a region with its policy.

    One call a thousand queues, and one a queue.
    AWS: sqs:ListQueues, GetQueueAttributes.
    """

    def list_queues() -> Iterator[str]:
        for page in sqs.pages("list_queues", MaxResults=_PAGE_SIZE):
            # Left out where there is none.
            yield from page.get("QueueUrls", ())

    yield from read_resources(
        sqs,
        "sqs",
        list_queues,
        _queue,
        id_of=str,
        gone=("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
    )


def _queue(url: str, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    account_id, name = url.rstrip("/").split("/")[-2:]
    content = parts.part(
        POLICY,
        "get_queue_attributes",
        # Left out where none is set.
        lambda answer: answer.get("Attributes", {}).get("Policy") or None,
        QueueUrl=url,
        AttributeNames=["Policy"],
    )
    arn = f"arn:{parts.client.partition}:sqs:{parts.client.region}:{account_id}:{name}"
    yield parts.record("queue", arn, name, content)


COLLECTORS = (
    Collector(
        name="applications.sqs_queues",
        label="SQS queues",
        scope=Scope.REGIONAL,
        service="sqs",
        actions=(
            Action(
                "sqs:ListQueues",
                "queues",
                given={"MaxResults": 1},
                finds={"queue_url": ("QueueUrls", 0)},
            ),
            Action(
                "sqs:GetQueueAttributes",
                "each queue's policy",
                given={"QueueUrl": "{queue_url}", "AttributeNames": ["Policy"]},
            ),
        ),
        read=alone(collect_queues),
        covers=resources("sqs", "queue"),
    ),
)
