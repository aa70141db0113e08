"""Files named by a queue's messages: stored once, the message deleted, nonsense passed over."""

import json
from datetime import timedelta
from urllib.parse import quote_plus

import boto3
import pytest

from inventory.logs.notifications import receive_files
from inventory.logs.reading import read_files
from inventory.models import DailyUsage, LoggedEvent, LogObject
from inventory.signals import logs_were_read
from tests.factories.logs import DAY
from tests.inventory.logs.bucket import key_of, member_event, put_events


@pytest.fixture
def sqs(source, monkeypatch):
    monkeypatch.setattr("inventory.logs.notifications._WAIT_SECONDS", 0)
    # The queue is in the log archive, whose role moto takes for its account.
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    role = f"arn:aws:iam::{source.account_id}:role/Tests"
    given = sts.assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
    made = boto3.client(
        "sqs",
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    source.queue_url = made.create_queue(QueueName="logs")["QueueUrl"]
    source.save()
    return made


def by_s3(source, key):
    named = {"bucket": {"name": source.bucket}, "object": {"key": quote_plus(key), "size": 5}}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": named}]}


def by_event_bridge(source, key):
    return {"detail": {"bucket": {"name": source.bucket}, "object": {"key": key, "size": 5}}}


def received(source, now):
    """Receive until the clock has gone on; return how many files, and how often some were new."""
    times = iter([now] * 12 + [now + timedelta(hours=1)] * 1000)
    calls = []
    count = receive_files(
        source_id=source.pk, clock=lambda: next(times), found=lambda: calls.append(1)
    )
    return count, len(calls)


@pytest.mark.parametrize(
    "message",
    [by_s3, by_event_bridge, lambda *given: {"Message": json.dumps(by_s3(*given))}],
    ids=["from S3", "from EventBridge", "from S3 by SNS"],
)
def test_a_named_file_is_read_once_and_its_message_deleted(source, sqs, now, message):
    key = put_events(source, 1, [member_event(1)])
    for _ in range(2):
        sqs.send_message(QueueUrl=source.queue_url, MessageBody=json.dumps(message(source, key)))
    found = received(source, now)
    source.refresh_from_db()
    assert (source.problem, found) == ("", (1, 1))
    read_files(source_id=source.pk, clock=lambda: now)
    assert DailyUsage.objects.get().count == 1
    left = sqs.get_queue_attributes(
        QueueUrl=source.queue_url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    assert set(left["Attributes"].values()) == {"0"}


def test_what_names_no_file_of_the_source_is_passed_over(source, sqs, now):
    old = key_of(source, 1, day=DAY - timedelta(days=31))
    bodies = [
        "no JSON", "[]", '"text"', '{"Event": "s3:TestEvent"}', '{"Records": [{"s3": 1}]}',
        '{"detail": {"bucket": {"name": "another"}, "object": {"key": "x"}}}',
        '{"detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": 7}}',
        '{"detail-type": "AWS API Call via CloudTrail", "detail": "CreateUser"}',
        json.dumps(by_event_bridge(source, old)),
    ]  # fmt: skip
    for body in bodies:
        sqs.send_message(QueueUrl=source.queue_url, MessageBody=body)
    assert received(source, now) == (0, 0)
    assert not LogObject.objects.exists()


def test_an_event_that_event_bridge_brings_is_stored_before_its_file_and_once(source, sqs, now):
    told = []

    def note(*, event_ids, **_):
        told.extend(event_ids)

    record = member_event(1, eventSource="iam.amazonaws.com", eventName="CreateUser")
    bodies = [
        {"detail-type": "AWS API Call via CloudTrail", "detail": record},
        {"detail-type": "AWS API Call via CloudTrail", "detail": member_event(2)},
        {"detail-type": "EC2 Instance State-change Notification", "detail": {"state": "running"}},
    ]
    logs_were_read.connect(note)
    try:
        for body in [*bodies, bodies[0]]:
            sqs.send_message(QueueUrl=source.queue_url, MessageBody=json.dumps(body))
        assert received(source, now) == (0, 0)
        assert LoggedEvent.objects.get().event == record
        assert told == [record["eventID"]]
        assert not DailyUsage.objects.exists()

        body = by_s3(source, put_events(source, 1, [record, member_event(2)]))
        sqs.send_message(QueueUrl=source.queue_url, MessageBody=json.dumps(body))
        received(source, now)
        read_files(source_id=source.pk, clock=lambda: now)
    finally:
        logs_were_read.disconnect(note)
    assert told == [record["eventID"]]
    assert LoggedEvent.objects.count() == 1
    assert sorted(DailyUsage.objects.values_list("access__action", "count")) == [
        ("ec2:DescribeInstances", 1),
        ("iam:CreateUser", 1),
    ]


def test_a_queue_that_is_not_there_is_the_sources_problem(source, sqs, now):
    sqs.delete_queue(QueueUrl=source.queue_url)
    received(source, now)
    source.refresh_from_db()
    assert source.problem != ""
