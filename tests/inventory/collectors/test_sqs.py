"""Queues and their policies, read from answers as SQS gives them."""

import pytest

from inventory.aws.errors import AwsInconsistent, AwsPartlyDenied, AwsReadDenied, AwsReadFailed
from inventory.collectors.sqs import collect_queues
from inventory.records import ResourcePolicyRecord
from tests.inventory.stubs import stubbed

POLICY = '{"Version":"2012-10-17","Statement":[]}'
URL = "https://sqs.us-east-1.amazonaws.com/222222222222/"


@pytest.fixture
def sqs():
    with stubbed("sqs") as aws:
        yield aws


def lists(aws, *names, **more):
    aws.answers("list_queues", {"QueueUrls": [URL + each for each in names]} | more)


def has(aws, name, policy=None):
    answer = {"Attributes": {"Policy": policy}} if policy else {}
    aws.answers("get_queue_attributes", answer, QueueUrl=URL + name, AttributeNames=["Policy"])


def queue(name, policy=None, unknown=None):
    arn = f"arn:aws:sqs:us-east-1:222222222222:{name}"
    return ResourcePolicyRecord("sqs", "us-east-1", "queue", arn, name, policy, {}, unknown or {})


def read_until(error, aws):
    """Return what was yielded before `error` was raised, and the error."""
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(error) as raised:
        # A list keeps what came before the error.
        found.extend(collect_queues(aws.client))
    return found, raised.value


class TestCollectQueues:
    def test_yields_each_queue_with_its_policy_page_by_page(self, sqs):
        lists(sqs, "orders", "plain", NextToken="more")
        has(sqs, "orders", POLICY)
        has(sqs, "plain")
        sqs.answers("list_queues", {"QueueUrls": [URL + "last"]}, MaxResults=1000, NextToken="more")
        has(sqs, "last")
        found = list(collect_queues(sqs.client))
        assert found == [queue("orders", POLICY), queue("plain"), queue("last")]
        assert sqs.log.calls == {"sqs:ListQueues": 2, "sqs:GetQueueAttributes": 3}

    def test_yields_none_where_sqs_leaves_the_list_out(self, sqs):
        sqs.answers("list_queues", {}, MaxResults=1000)
        assert list(collect_queues(sqs.client)) == []

    def test_leaves_out_a_queue_that_was_deleted_meanwhile(self, sqs):
        lists(sqs, "going", "plain")
        sqs.refuses("get_queue_attributes", "AWS.SimpleQueueService.NonExistentQueue")
        has(sqs, "plain")
        lists(sqs, "plain")
        assert list(collect_queues(sqs.client)) == [queue("plain")]

    def test_is_incomplete_where_a_queue_is_listed_twice_and_not_found(self, sqs):
        for _ in range(2):
            lists(sqs, "odd")
            sqs.refuses("get_queue_attributes", "QueueDoesNotExist")
        found, error = read_until(AwsInconsistent, sqs)
        assert found == []
        assert not error.listed_all

    def test_marks_a_policy_that_may_not_be_read_as_unknown_and_reads_the_others(self, sqs):
        lists(sqs, "vault", "plain")
        sqs.refuses("get_queue_attributes", "AccessDenied")
        has(sqs, "plain")
        found, error = read_until(AwsPartlyDenied, sqs)
        assert found == [queue("vault", unknown={"policy": "AccessDenied"}), queue("plain")]
        assert error.listed_all

    def test_reads_the_others_where_one_queue_fails(self, sqs):
        lists(sqs, "odd", "plain")
        sqs.refuses("get_queue_attributes", "InvalidAddress")
        has(sqs, "plain")
        found, error = read_until(AwsReadFailed, sqs)
        assert found == [queue("plain")]
        assert not error.listed_all

    def test_raises_when_queues_may_not_be_listed_instead_of_yielding_none(self, sqs):
        sqs.refuses("list_queues", "AccessDenied")
        with pytest.raises(AwsReadDenied, match="sqs:ListQueues"):
            list(collect_queues(sqs.client))
