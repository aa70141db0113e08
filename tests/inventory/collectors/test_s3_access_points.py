"""Access points of buckets and over several regions, read from answers as S3 gives them."""

from dataclasses import replace

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.s3_access_points import (
    collect_access_points,
    collect_multi_region_access_points,
)
from inventory.resource_facts import PublicAccessBlock
from tests.inventory.collectors.resource_records import ACCOUNT, POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:s3:us-east-1:222222222222:accesspoint/"
ALL_ON = {
    **{"BlockPublicAcls": True, "IgnorePublicAcls": True},
    **{"BlockPublicPolicy": True, "RestrictPublicBuckets": True},
}
BLOCKED = PublicAccessBlock(True, True, True, True).as_json()


@pytest.fixture
def s3control():
    with stubbed("s3control") as aws:
        yield aws


def lists(aws, *names):
    found = [
        {
            **{"Name": each, "AccessPointArn": ARN + each, "NetworkOrigin": "VPC"},
            **{"Bucket": "logs", "VpcConfiguration": {"VpcId": "vpc-1"}},
        }
        for each in names
    ]
    aws.answers(
        "list_access_points", {"AccessPointList": found}, AccountId=ACCOUNT, MaxResults=1000
    )


def has_block(aws, name):
    answer = {"Name": name, "PublicAccessBlockConfiguration": ALL_ON}
    aws.answers("get_access_point", answer, AccountId=ACCOUNT, Name=name)


def access_point(name, policy=None, block=BLOCKED, **more):
    facts = {
        "public_access_block": block,
        "bucket": "logs",
        "bucket_account_id": ACCOUNT,
        "vpc_id": "vpc-1",
    }
    return record("s3", "accesspoint", ARN + name, name, policy, facts=facts, **more)


class TestCollectAccessPoints:
    def test_yields_policy_block_of_public_access_bucket_and_vpc(self, s3control):
        lists(s3control, "ours", "plain")
        s3control.answers(
            "get_access_point_policy", {"Policy": POLICY}, AccountId=ACCOUNT, Name="ours"
        )
        has_block(s3control, "ours")
        s3control.refuses("get_access_point_policy", "NoSuchAccessPointPolicy")
        has_block(s3control, "plain")
        found = list(collect_access_points(s3control.client))
        assert found == [access_point("ours", POLICY), access_point("plain")]

    def test_leaves_out_an_access_point_that_was_deleted_meanwhile(self, s3control):
        lists(s3control, "going")
        s3control.refuses("get_access_point_policy", "NoSuchAccessPoint")
        lists(s3control)
        assert list(collect_access_points(s3control.client)) == []

    def test_marks_what_may_not_be_read_as_unknown(self, s3control):
        lists(s3control, "vault")
        s3control.refuses("get_access_point_policy", "AccessDenied")
        s3control.refuses("get_access_point", "AccessDenied")
        found, _ = read_until(AwsPartlyDenied, collect_access_points, s3control.client)
        denied = dict.fromkeys(("policy", "public_access_block"), "AccessDenied")
        assert found == [access_point("vault", block=None, unknown=denied)]

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, s3control):
        s3control.refuses("list_access_points", "AccessDenied")
        with pytest.raises(AwsReadDenied, match="s3:ListAccessPoints"):
            list(collect_access_points(s3control.client))


class TestCollectMultiRegionAccessPoints:
    def test_asks_in_oregon_and_yields_them_as_of_no_region(self, s3control):
        with stubbed("s3control", region="us-west-2") as oregon:
            listed = {
                **{"Name": "global", "Alias": "m1.mrap", "PublicAccessBlock": ALL_ON},
                "Regions": [{"Bucket": "logs-b"}, {"Bucket": "logs-a"}],
            }
            oregon.answers(
                "list_multi_region_access_points", {"AccessPoints": [listed]}, AccountId=ACCOUNT
            )
            oregon.answers(
                "get_multi_region_access_point_policy",
                {"Policy": {"Established": {"Policy": POLICY}}},
                AccountId=ACCOUNT,
                Name="global",
            )
            [found] = collect_multi_region_access_points(s3control.client)
        arn = "arn:aws:s3::222222222222:accesspoint/m1.mrap"
        facts = {"public_access_block": BLOCKED, "buckets": ["logs-a", "logs-b"]}
        expected = record("s3", "multiregionaccesspoint", arn, "global", POLICY, facts=facts)
        assert found == replace(expected, region="global")
