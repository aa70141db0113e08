"""Files → usage: what is counted, what a call's context is, and that order does not matter."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.cloudtrail import files
from inventory.cloudtrail.event_ids import SeenEvents
from inventory.cloudtrail.files import reduce_files
from inventory.cloudtrail.reduction import Reducer
from inventory.cloudtrail.shapes import tolerant_event
from inventory.cloudtrail.usage import CloudTrailUsage
from policies.language.json_reader import JsonValue
from policies.usage import read_usage, write_usage
from tests.inventory.cloudtrail.samples import ACCOUNT, event, records, write_file
from tests.policies.shared_data import DIRECTORY

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/Dev"
DENIED = (
    f"User: {ROLE} is not authorized to perform: ec2:DescribeInstances with an explicit deny in a "
    "service control policy: "
    "arn:aws:organizations::999988887777:policy/o-a/service_control_policy/p-b"
)


def usage_of(*events) -> CloudTrailUsage:
    reducer = Reducer()
    reducer.add("file", [tolerant_event(one) for one in events])
    with SeenEvents() as seen:
        usage = CloudTrailUsage(seen)
        usage.merge(reducer.batch())
        return usage


def totals(usage: CloudTrailUsage):
    written = io.StringIO()
    write_usage(usage.records(), written)
    return (
        usage.events, usage.duplicates, usage.denied, usage.unmapped, usage.silent,
        sorted(written.getvalue().splitlines()), sorted(map(str, usage.denials())),
    )  # fmt: skip


class TestCounting:
    def test_alike_calls_of_a_day_are_one_record(self):
        usage = usage_of(
            event(1),
            event(2, eventTime="2026-05-01T09:00:00Z"),
            event(3, eventTime="2026-05-02T00:00:00Z"),
        )
        first, second = sorted(usage.records(), key=lambda record: record.first_at)
        assert (first.count, second.count) == (2, 1)
        assert first.first_at == datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
        assert first.last_at == datetime(2026, 5, 1, 9, tzinfo=UTC)
        assert (first.account_id, first.principal) == (ACCOUNT, ROLE)
        assert (first.action, first.resource, first.region) == (
            "ec2:DescribeInstances", "*", "eu-west-1",
        )  # fmt: skip

    def test_an_event_delivered_twice_counts_once(self):
        usage = usage_of(event(1), event(1), event(2))
        assert (usage.events, usage.duplicates) == (3, 1)
        assert [record.count for record in usage.records()] == [2]

    def test_events_without_an_id_all_count(self):
        usage = usage_of(event(eventID=None), event(eventID=None))
        assert (usage.events, usage.duplicates) == (2, 0)

    def test_a_call_retried_a_thousand_times_is_one_denial_with_one_cause(self):
        denied = [
            event(number, errorCode="AccessDenied", errorMessage=DENIED) for number in range(1000)
        ]
        usage = usage_of(*denied)
        [record], [denial] = usage.records(), usage.denials()
        assert (record.count, record.denied, usage.denied) == (1000, 1000, 1000)
        assert (denial.count, denial.cause.policy_type) == (1000, "service control policy")
        assert denial.cause.policy_arn.endswith("/p-b")

    def test_a_call_that_failed_otherwise_was_not_denied(self):
        usage = usage_of(event(1, errorCode="ThrottlingException", errorMessage="Rate exceeded"))
        assert [(record.count, record.denied) for record in usage.records()] == [(1, 0)]

    def test_what_is_not_mapped_is_counted_by_source_and_name(self):
        usage = usage_of(event(1, eventName="New"), event(2, eventName="New"), event(3))
        assert usage.unmapped == {"ec2.amazonaws.com:New": 2}
        assert usage.usage_records == 1

    def test_an_event_without_a_time_counts_and_is_named(self):
        usage = usage_of(event(1, eventTime="..."))
        assert [record.count for record in usage.records()] == [1]
        assert "1 events have no time" in usage.problems[0].why

    def test_a_call_across_accounts_is_the_recording_account_s(self):
        usage = usage_of(event(1, recipientAccountId="999988887777"))
        [record] = usage.records()
        assert (record.account_id, record.principal) == ("999988887777", ROLE)
        assert "aws:PrincipalOrgID" in record.unknown_context

    def test_records_are_read_again_by_the_library(self):
        written = io.StringIO()
        usage = usage_of(event(1), event(2, recipientAccountId=None, userIdentity=None))
        write_usage(usage.records(), written)
        assert list(read_usage(written.getvalue().encode().splitlines())) == list(usage.records())


class TestContext:
    @pytest.mark.parametrize(
        ("members", "known", "unknown", "absent"),
        [
            (
                {},
                {
                    "aws:RequestedRegion": "eu-west-1",
                    "aws:PrincipalArn": ROLE,
                    "aws:PrincipalAccount": ACCOUNT,
                    "aws:PrincipalType": "AssumedRole",
                    "aws:SourceIp": "198.51.100.7",
                    "aws:SecureTransport": "true",
                    "aws:MultiFactorAuthPresent": "true",
                    "aws:ViaAWSService": "false",
                },
                ["aws:PrincipalTag/${TagKey}", "aws:UserAgent", "aws:MultiFactorAuthAge"],
                ["aws:SourceVpce", "aws:CalledVia", "aws:SourceArn", "aws:PrincipalOrgID"],
            ),
            (
                {"vpcEndpointId": "vpce-1", "sourceIPAddress": "10.0.0.9"},
                {"aws:SourceVpce": "vpce-1", "aws:VpcSourceIp": "10.0.0.9"},
                ["aws:SourceVpc", "aws:VpceOrgID", "aws:VpceAccount"],
                ["aws:SourceIp"],
            ),
            (
                {"sourceIPAddress": "cloudformation.amazonaws.com", "tlsDetails": None},
                {"aws:ViaAWSService": "false"},
                ["aws:SourceIp", "aws:SourceVpce", "aws:SecureTransport"],
                [],
            ),
            (
                {"awsRegion": "..."},
                {},
                ["aws:RequestedRegion"],
                [],
            ),
        ],
        ids=["a plain call", "over an endpoint", "from a service's address", "in no region"],
    )
    def test_keys_are_known_unknown_or_absent(self, members, known, unknown, absent):
        [record] = usage_of(event(1, **members)).records()
        assert known.items() <= record.context.items()
        assert set(unknown) <= set(record.unknown_context)
        assert not {*absent} & {*record.context, *record.unknown_context}
        assert not {*record.context} & {*record.unknown_context}

    def with_identity(self, **members):
        [record] = usage_of(event(1, userIdentity=members)).records()
        return record

    def test_a_user_without_a_session_has_no_second_factor(self):
        arn = f"arn:aws:iam::{ACCOUNT}:user/jo"
        record = self.with_identity(type="IAMUser", arn=arn, accountId=ACCOUNT, principalId="AIDA")
        assert record.principal == arn
        assert record.context["aws:userid"] == "AIDA"
        assert "aws:MultiFactorAuthPresent" not in record.unknown_context

    def test_a_session_without_its_role_s_arn_may_be_of_a_role_with_a_path(self):
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/jo"
        record = self.with_identity(type="AssumedRole", arn=arn, accountId=ACCOUNT)
        assert record.principal == f"arn:aws:iam::{ACCOUNT}:role/Dev"
        assert "aws:PrincipalArn" in record.unknown_context

    @pytest.mark.parametrize(
        ("identity", "principal"),
        [
            ({"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}, "lambda.amazonaws.com"),
            ({"accountId": ACCOUNT, "invokedBy": "rds.amazonaws.com"}, "rds.amazonaws.com"),
            ({"type": "AWSAccount", "accountId": "444455556666"}, "444455556666"),
            ({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}, "anonymous"),
            ({"type": "Root", "accountId": ACCOUNT}, f"arn:aws:iam::{ACCOUNT}:root"),
            (
                {"type": "WebIdentityUser", "identityProvider": "accounts.google.com"},
                "accounts.google.com",
            ),
            ({"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}, ACCOUNT),
            ({}, ACCOUNT),
            ({"arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/x"}, ACCOUNT),
        ],
    )
    def test_the_caller_is_named_as_far_as_the_event_tells(self, identity, principal):
        assert self.with_identity(**identity).principal == principal

    def test_a_service_that_calls_for_somebody_is_the_last_that_was_called_via(self):
        record = self.with_identity(
            type="AssumedRole",
            arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/jo",
            invokedBy="cloudformation.amazonaws.com",
        )
        assert record.context["aws:ViaAWSService"] == "true"
        assert record.context["aws:CalledViaLast"] == "cloudformation.amazonaws.com"
        assert {"aws:CalledVia", "aws:CalledViaFirst"} <= set(record.unknown_context)

    def test_enrichment_tells_keys_and_tags(self):
        enriched: JsonValue = {
            "requestContext": {"aws:SourceVpc": "vpc-1", "aws:CurrentTime": "now"},
            "tagContext": {
                "principalTags": {"team": "pay"},
                "resourceTags": [{"arn": "arn:aws:s3:::b", "tags": {"env": "prod"}}],
            },
        }
        [record] = usage_of(event(1, eventContext=enriched)).records()
        assert record.context["aws:SourceVpc"] == "vpc-1"
        assert record.context["aws:PrincipalTag/team"] == "pay"
        assert record.context["aws:ResourceTag/env"] == "prod"
        assert "aws:CurrentTime" in record.unknown_context

    def test_an_action_s_own_keys_are_unknown(self):
        [record] = usage_of(
            event(1, eventSource="s3.amazonaws.com", eventName="PutObject",
                  requestParameters={"bucketName": "b", "key": "k"})
        ).records()  # fmt: skip
        assert "s3:x-amz-server-side-encryption" in record.unknown_context
        assert "aws:RequestedRegion" not in record.unknown_context


class TestFiles:
    def events(self):
        return [
            event(number, eventName=f"Describe{name}", errorCode=code)
            for number, (name, code) in enumerate(
                [("Hosts", None), ("Vpcs", "AccessDenied"), ("Tags", None), ("New", None)] * 6
            )
        ]

    def test_directories_are_read_with_what_may_hold_events(self, tmp_path):
        write_file(tmp_path / "2026/05/01/a.json.gz", [event(1)])
        write_file(tmp_path / "2026/05/02/b.json", [event(2), event(1)])
        (tmp_path / "README.txt").write_text("no log")
        (tmp_path / "c.json.gz").write_bytes(b"no gzip")
        usage = reduce_files([str(tmp_path)])
        assert (usage.events, usage.duplicates) == (3, 1)
        assert [(problem.path, problem.why) for problem in usage.problems] == [
            (str(tmp_path / "c.json.gz"), "this is not JSON")
        ]

    def test_a_path_that_is_not_there_is_named(self, tmp_path):
        usage = reduce_files([str(tmp_path / "x.json")])
        assert usage.problems[0].why == "there is no such file"

    def test_a_file_that_may_not_be_read_is_named(self, tmp_path, monkeypatch):
        path = write_file(tmp_path / "a.json", [event(1)])
        opened = open

        def refuse(name, *args, **kwargs):
            if str(name) == str(path):
                raise PermissionError(13, "Permission denied")
            return opened(name, *args, **kwargs)

        monkeypatch.setattr(files, "open", refuse, raising=False)
        assert [problem.why for problem in reduce_files([str(path)]).problems] == [
            "permission denied"
        ]

    def test_many_lines_are_read_piece_by_piece(self, tmp_path, monkeypatch):
        monkeypatch.setattr(files, "_PIECE_BYTES", 8000)
        path = tmp_path / "a.jsonl"
        path.write_text("\n".join(json.dumps(event(number)) for number in range(50)))
        usage = reduce_files([str(path)])
        assert (usage.events, usage.duplicates, usage.problems) == (50, 0, [])

    def test_several_processes_give_what_one_gives(self, tmp_path, monkeypatch):
        for number, one in enumerate(self.events()):
            write_file(tmp_path / f"{number}.json.gz", [one, event(number % 7)])
        alone = reduce_files([str(tmp_path)], processes=1)
        monkeypatch.setattr(files, "_ALONE_BYTES", 0)
        monkeypatch.setattr(files, "_BATCH_BYTES", 20_000)
        assert totals(reduce_files([str(tmp_path)], processes=2)) == totals(alone)

    @settings(max_examples=30, deadline=None)
    @given(st.randoms(use_true_random=False), st.integers(1, 6))
    def test_no_order_nor_split_nor_second_delivery_changes_the_totals(self, chance, parts):
        """As after a crash: whatever was read before is read again, in another order."""
        events = self.events()
        again = [*events, *chance.sample(events, 5)]
        chance.shuffle(again)
        with SeenEvents() as seen:
            usage = CloudTrailUsage(seen)
            for part in range(parts):
                reducer = Reducer()
                reducer.add("f", [tolerant_event(one) for one in again[part::parts]])
                usage.merge(reducer.batch())
            whole = totals(usage_of(*events))
            assert totals(usage)[2:] == whole[2:]
            assert (usage.events, usage.duplicates) == (len(again), 5)

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "eventID": st.sampled_from(["a", "b", None]),
                    "eventName": st.sampled_from(["RunInstances", "ConsoleLogin", "No", None]),
                    "eventSource": st.sampled_from(
                        ["ec2.amazonaws.com", "signin.amazonaws.com", "", "x"]
                    ),
                    "errorCode": st.sampled_from(["AccessDenied", "NoSuchKey"]),
                    "userIdentity": st.none() | st.fixed_dictionaries({"invokedBy": st.text()}),
                    "recipientAccountId": st.text(max_size=13),
                    "requestParameters": st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
                },
            ),
            max_size=8,
        )
    )
    def test_every_event_is_a_use_or_silent_or_unmapped_or_a_duplicate(self, members):
        usage = usage_of(*(event(number, **one) for number, one in enumerate(members)))
        silent, unmapped = sum(usage.silent.values()), sum(usage.unmapped.values())
        used = len(members) - usage.duplicates - silent - unmapped
        assert usage.events == len(members)
        assert (used > 0) == (usage.usage_records > 0)
        assert used >= 0


# Events, duplicates, denied, unmapped, silent. In the last, many hand-written ids are `1`.
SHARED = {
    "ct-invictus": (2900, 0, 60, 0, 45),
    "ct-stratus": (310, 0, 51, 0, 1),
    "ct-panther": (461, 284, 13, 4, 28),
}


@pytest.mark.parametrize("folder", SHARED)
def test_logs_of_others_are_read_with_these_counts(folder):
    if not (DIRECTORY / folder).is_dir():
        pytest.skip(f"no logs of others: {DIRECTORY / folder} is absent")
    usage = reduce_files([str(DIRECTORY / folder)], processes=1)
    counted = (
        usage.events, usage.duplicates, usage.denied, sum(usage.unmapped.values()),
        sum(usage.silent.values()),
    )  # fmt: skip
    assert counted == SHARED[folder]


def test_standard_input_is_read(monkeypatch, tmp_path):
    class Input:
        buffer = io.BytesIO(records([event(1)]))

    monkeypatch.setattr("sys.stdin", Input)
    assert reduce_files(["-"]).events == 1
