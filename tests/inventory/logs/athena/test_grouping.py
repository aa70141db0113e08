"""What Athena counts, run by DuckDB, is the usage that the events themselves give."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from inventory.cloudtrail.event_ids import SeenEvents
from inventory.cloudtrail.reduction import Reducer
from inventory.cloudtrail.shapes import tolerant_event
from inventory.cloudtrail.usage import CloudTrailUsage
from inventory.logs.athena.grouping import ATHENA, LogTable, query_of_day
from inventory.logs.athena.rows import usage_of
from policies.language.json_reader import JsonValue
from policies.usage import write_usage
from tests.inventory.cloudtrail.samples import ACCOUNT, event
from tests.inventory.logs.athena.duck import TABLE, counted, days_of
from tests.policies.shared_data import DIRECTORY

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/Dev"
DENIED = (
    f"User: {ROLE} is not authorized to perform: s3:GetObject on resource: "
    '"arn:aws:s3:::logs/2026/a" with an explicit deny in a service control policy: '
    "arn:aws:organizations::999988887777:policy/o-a/service_control_policy/p-b"
)


def of_events(events) -> CloudTrailUsage:
    reducer = Reducer()
    reducer.add("file", [tolerant_event(one) for one in events])
    with SeenEvents() as seen:
        usage = CloudTrailUsage(seen)
        usage.merge(reducer.batch())
        return usage


def totals(*usages: CloudTrailUsage):
    written = io.StringIO()
    unmapped: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    for usage in usages:
        write_usage(usage.records(), written)
        unmapped.update(usage.unmapped)
        silent.update(usage.silent)
    return (
        sum(usage.events - usage.duplicates for usage in usages),
        sum(usage.denied for usage in usages),
        unmapped,
        silent,
        sorted(written.getvalue().splitlines()),
        sorted(str(denial) for usage in usages for denial in usage.denials()),
    )


def same(events, folder) -> list[dict[str, str | None]]:
    """Compare both ways of counting some events; return the rows that were read back."""
    rows = {day: counted(events, folder, day) for day in days_of(events)}
    assert totals(*(usage_of(of_day) for of_day in rows.values())) == totals(of_events(events))
    return [row for of_day in rows.values() for row in of_day]


def session(name, **context):
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/{name}",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}, **context},
    }


CALLERS: list[JsonValue] = [
    session("jo"),
    session("jo", attributes={"mfaAuthenticated": "true"}, sourceIdentity="jo@example.com"),
    session("jo", ec2RoleDelivery="2.0", attributes={"mfaAuthenticated": "false"}),
    {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/NoPath/ci",
        "principalId": "AROA:ci",
    },
    {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/ada",
        "principalId": "AIDA",
        "accountId": ACCOUNT,
    },
    {
        "type": "Root",
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
        "principalId": ACCOUNT,
        "sessionContext": {"assumedRoot": "true"},
    },
    {"type": "AWSService", "invokedBy": "config.amazonaws.com"},
    {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AROAOTHER:x"},
    {"type": "AWSAccount", "principalId": "ANONYMOUS_PRINCIPAL", "accountId": "anonymous"},
    {"type": "SAMLUser", "identityProvider": f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"},
    {
        "type": "FederatedUser",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/eve",
        "accountId": ACCOUNT,
    },
    None,
]
CALLS: list[dict[str, JsonValue]] = [
    {"eventName": "DescribeInstances"},
    {"eventName": "RunInstances", "requestParameters": {"instancesSet": {"items": [{}]}}},
    {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "readOnly": False,
     "requestParameters": {"userName": "bob", "tags": [{"key": "a", "value": "b"}]}},
    {"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "readOnly": True,
     "requestParameters": {"bucketName": "logs", "key": 'a "quoted" \\ key', "versionId": "v1"},
     "resources": [{"ARN": "arn:aws:s3:::logs/a b", "type": "AWS::S3::Object"},
                   {"ARN": "arn:aws:s3:::logs", "accountId": ACCOUNT}]},
    {"eventSource": "s3.amazonaws.com", "eventName": "PutObject",
     "requestParameters": {"bucketName": "logs", "key": "b", "x-amz-acl": "private"}},
    {"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "errorCode": "AccessDenied",
     "errorMessage": DENIED, "requestParameters": {"bucketName": "logs", "key": "2026/a"}},
    {"eventName": "DescribeInstances", "errorCode": "Client.UnauthorizedOperation",
     "errorMessage": "You are not authorized to perform this operation. "
     "Encoded authorization failure message: abc"},
    {"eventName": "DescribeInstances", "errorCode": "Client.RequestLimitExceeded",
     "errorMessage": "Request limit exceeded."},
    {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
     "requestParameters": {"roleArn": ROLE, "roleSessionName": "x", "externalId": "e"},
     "resources": [{"arn": ROLE, "accountId": ACCOUNT, "type": "AWS::IAM::Role"}]},
    {"eventSource": "bedrock.amazonaws.com", "eventName": "InvokeModel",
     "requestParameters": {"modelId": "eu.anthropic.claude-v2"},
     "additionalEventData": {"inferenceRegion": "eu-west-3"}},
    {"eventSource": "logs.amazonaws.com", "eventName": "GetLogEvents",
     "requestParameters": {"logGroupName": "g", "logStreamName": "s/1", "nextToken": "t"}},
    {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
     "eventType": "AwsConsoleSignIn"},
    {"eventSource": "nosuch.amazonaws.com", "eventName": "DoNothing"},
    {"eventName": "DescribeInstances", "vpcEndpointId": "vpce-1", "vpcEndpointAccountId": ACCOUNT},
    {"eventName": "DescribeInstances", "tlsDetails": None, "sourceIPAddress": "ec2.amazonaws.com"},
]  # fmt: skip


def unpack(file: Path):
    content = file.read_bytes()
    return json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)


def events_in(content):
    found = content["Records"] if isinstance(content, dict) and "Records" in content else content
    return found if isinstance(found, list) else [found]


class TestTheQuery:
    def test_gives_the_usage_of_the_events_for_every_caller_and_call(self, tmp_path):
        pairs = product(CALLERS, CALLS)
        events = [event(at, userIdentity=who, **what) for at, (who, what) in enumerate(pairs, 1)]

        same(events, tmp_path)

    def test_counts_alike_calls_in_one_row_with_first_and_last_time(self, tmp_path):
        events = [
            event(
                at,
                eventSource="s3.amazonaws.com",
                eventName="GetObject",
                eventTime=f"2026-05-01T0{at % 3}:00:00Z",
                requestParameters={"bucketName": "logs", "key": f"object {at}"},
                resources=[{"ARN": f"arn:aws:s3:::logs/object {at}"}],
                userIdentity=session(f"session-{at}"),
            )
            for at in range(60)
        ]

        (row,) = same(events, tmp_path)
        assert (row["count"], row["first_at"]) == ("60", "2026-05-01T00:00:00Z")
        assert row["last_at"] == "2026-05-01T02:00:00Z"

    def test_counts_an_event_that_was_delivered_twice_once(self, tmp_path):
        (row,) = same([event(1), event(1), event(2)], tmp_path)
        assert row["count"] == "2"

    def test_counts_events_without_an_id_each(self, tmp_path):
        (row,) = same([event(1, eventID=None), event(2, eventID=None)], tmp_path)
        assert row["count"] == "2"

    def test_reads_the_chosen_day_and_accounts_alone(self, tmp_path):
        events = [
            event(1),
            event(2, eventTime="2026-05-02T00:00:00Z"),
            event(3, recipientAccountId="444455556666"),
        ]
        day = date(2026, 5, 1)

        assert len(counted(events, tmp_path, day)) == 2
        (row,) = counted(events, tmp_path, day, ["444455556666"])
        assert row["recipient_account_id"] == "444455556666"

    def test_names_the_folders_of_the_day_and_of_the_next_for_late_files(self):
        query = query_of_day(TABLE, date(2026, 12, 31), dialect=ATHENA)
        assert "day IN ('2026/12/31', '2027/01/01')" in query

    @pytest.mark.parametrize("name", ["logs; DROP", "Logs", "1logs", "lo gs", ""])
    def test_takes_no_name_that_could_hold_more_than_a_name(self, name):
        with pytest.raises(ValueError, match="is not a name that Athena takes"):
            query_of_day(LogTable("logs", name), date(2026, 5, 1))

    def test_takes_no_account_that_is_none(self):
        with pytest.raises(ValueError, match="12 digits"):
            query_of_day(TABLE, date(2026, 5, 1), accounts=["1' OR '1'='1"])


@pytest.mark.parametrize("folder", ["ct-invictus", "ct-stratus"])
def test_real_logs_give_the_same_usage_both_ways(folder, tmp_path):
    files = sorted((DIRECTORY / folder).rglob("*.json*"))
    if not files:
        pytest.skip(f"{DIRECTORY / folder} is not there")
    events = [one for file in files for one in events_in(unpack(file))]

    rows = same(events, tmp_path)
    assert len(rows) < len(events)
