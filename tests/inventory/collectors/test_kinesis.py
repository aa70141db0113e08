"""Streams, their consumers and the policies on both, from answers as Kinesis gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.kinesis import collect_streams
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:kinesis:us-east-1:222222222222:stream/"
MADE_AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def kinesis():
    with stubbed("kinesis") as aws:
        yield aws


def lists(aws, *names):
    found = [
        {"StreamName": each, "StreamARN": ARN + each, "StreamStatus": "ACTIVE"} for each in names
    ]
    answer = {"StreamNames": list(names), "StreamSummaries": found, "HasMoreStreams": False}
    aws.answers("list_streams", answer, Limit=1000)


def has(aws, name, policy, *consumers):
    aws.answers("get_resource_policy", {"Policy": policy}, ResourceARN=ARN + name)
    found = [
        {
            "ConsumerName": each,
            "ConsumerARN": f"{ARN}{name}/consumer/{each}:1",
            "ConsumerStatus": "ACTIVE",
            "ConsumerCreationTimestamp": MADE_AT,
        }
        for each in consumers
    ]
    aws.answers("list_stream_consumers", {"Consumers": found}, StreamARN=ARN + name)


def stream(name, policy=None, **more):
    return record("kinesis", "stream", ARN + name, name, policy, **more)


class TestCollectStreams:
    def test_yields_streams_and_consumers_with_their_policies_or_none(self, kinesis):
        lists(kinesis, "events", "plain")
        has(kinesis, "events", POLICY, "audit")
        consumer = f"{ARN}events/consumer/audit:1"
        kinesis.answers("get_resource_policy", {"Policy": POLICY}, ResourceARN=consumer)
        has(kinesis, "plain", "{}")
        assert list(collect_streams(kinesis.client)) == [
            stream("events", POLICY),
            record("kinesis", "consumer", consumer, "events/audit", POLICY),
            stream("plain"),
        ]

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, kinesis):
        lists(kinesis, "events")
        kinesis.refuses("get_resource_policy", "AccessDeniedException")
        kinesis.answers("list_stream_consumers", {"Consumers": []}, StreamARN=f"{ARN}events")
        found, _ = read_until(AwsPartlyDenied, collect_streams, kinesis.client)
        assert found == [stream("events", unknown={"policy": "AccessDeniedException"})]

    def test_leaves_out_a_stream_that_was_deleted_meanwhile(self, kinesis):
        lists(kinesis, "going")
        kinesis.refuses("get_resource_policy", "ResourceNotFoundException")
        lists(kinesis)
        assert list(collect_streams(kinesis.client)) == []

    def test_raises_when_streams_may_not_be_listed_instead_of_yielding_none(self, kinesis):
        kinesis.refuses("list_streams", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="kinesis:ListStreams"):
            list(collect_streams(kinesis.client))
