"""Buckets and what stands on them, read from answers as S3 gives them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inventory.aws.errors import (
    AwsInconsistent,
    AwsMalformed,
    AwsPartlyDenied,
    AwsReadDenied,
    AwsReadFailed,
)
from inventory.collectors.s3 import collect_account_public_access_block, collect_buckets
from inventory.records import AccountSettingRecord, ResourcePolicyRecord
from inventory.resource_facts import AclGrant, BucketFacts, PublicAccessBlock
from tests.inventory.stubs import stubbed

POLICY = '{"Version":"2012-10-17","Statement":[]}'
ALL_ON = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
PUBLIC = {
    "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
    "Permission": "READ",
}


@pytest.fixture
def s3():
    with stubbed("s3") as aws:
        yield aws


def bucket(name, region="us-east-1"):
    return {"Name": name, "CreationDate": datetime(2026, 1, 1, tzinfo=UTC), "BucketRegion": region}


def lists(aws, *buckets, **more):
    aws.answers("list_buckets", {"Buckets": list(buckets)} | more, MaxBuckets=1000)


def has_nothing(aws, name):
    aws.refuses("get_bucket_policy", "NoSuchBucketPolicy", http_status_code=404)
    enforced(aws, name)
    aws.refuses("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")


def enforced(aws, name):
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    aws.answers("get_bucket_ownership_controls", {"OwnershipControls": rules}, Bucket=name)


def refuses_all(aws):
    for operation in (
        *("get_bucket_policy", "get_bucket_ownership_controls"),
        *("get_public_access_block", "get_bucket_acl"),
    ):
        aws.refuses(operation, "AccessDenied", http_status_code=403)


def plain(name, region="us-east-1"):
    facts = BucketFacts(ownership="BucketOwnerEnforced").as_json()
    return ResourcePolicyRecord(
        "s3", region, "bucket", f"arn:aws:s3:::{name}", name, None, facts, {}
    )


def read_until(error, aws):
    """Return what was yielded before `error` was raised, and the error."""
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(error) as raised:
        # A list keeps what came before the error.
        found.extend(collect_buckets(aws.client))
    return found, raised.value


class TestCollectBuckets:
    def test_yields_policy_ownership_and_block_of_public_access(self, s3):
        lists(s3, bucket("logs"))
        s3.answers("get_bucket_policy", {"Policy": POLICY}, Bucket="logs")
        enforced(s3, "logs")
        s3.answers(
            "get_public_access_block", {"PublicAccessBlockConfiguration": ALL_ON}, Bucket="logs"
        )
        facts = BucketFacts("BucketOwnerEnforced", None, PublicAccessBlock(True, True, True, True))
        assert list(collect_buckets(s3.client)) == [
            replace(plain("logs"), content=POLICY, facts=facts.as_json())
        ]

    def test_reads_the_acl_only_where_lists_are_on(self, s3):
        lists(s3, bucket("old"))
        s3.refuses("get_bucket_policy", "NoSuchBucketPolicy")
        s3.refuses("get_bucket_ownership_controls", "OwnershipControlsNotFoundError")
        s3.refuses("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
        owner = {"Grantee": {"Type": "CanonicalUser", "ID": OWNER}, "Permission": "FULL_CONTROL"}
        s3.answers("get_bucket_acl", {"Grants": [PUBLIC, owner]}, Bucket="old")

        [record] = collect_buckets(s3.client)
        assert BucketFacts.of_json(record.facts).grants == (
            AclGrant(OWNER, "FULL_CONTROL"),
            AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),
        )
        assert record.unknown == {}

    def test_takes_what_is_not_set_for_none_and_never_for_an_error(self, s3):
        lists(s3, bucket("plain"))
        has_nothing(s3, "plain")
        assert list(collect_buckets(s3.client)) == [plain("plain")]

    def test_reads_each_bucket_in_its_own_region(self, s3):
        with stubbed("s3", region="eu-central-1") as frankfurt:
            lists(s3, bucket("here"), bucket("there", "eu-central-1"))
            has_nothing(s3, "here")
            has_nothing(frankfurt, "there")
            found = list(collect_buckets(s3.client))
        assert found == [plain("here"), plain("there", "eu-central-1")]

    def test_marks_what_a_bucket_itself_denies_as_unknown_and_reads_the_others(self, s3):
        lists(s3, bucket("vault"), bucket("plain"))
        refuses_all(s3)
        has_nothing(s3, "plain")

        found, error = read_until(AwsPartlyDenied, s3)
        assert found[0].content is None
        assert found[0].unknown == dict.fromkeys(
            ("policy", "ownership", "public_access_block", "acl"), "AccessDenied"
        )
        assert found[1] == plain("plain")
        assert error.listed_all

    def test_is_incomplete_where_a_bucket_is_listed_twice_and_not_found(self, s3):
        lists(s3, bucket("going"), bucket("plain"))
        s3.refuses("get_bucket_policy", "NoSuchBucket", http_status_code=404)
        has_nothing(s3, "plain")
        lists(s3, bucket("going"), bucket("plain"))
        s3.refuses("get_bucket_policy", "NoSuchBucket", http_status_code=404)

        found, error = read_until(AwsInconsistent, s3)
        assert found == [plain("plain")]
        assert not error.listed_all

    def test_is_incomplete_where_a_bucket_fails_for_another_reason(self, s3):
        lists(s3, bucket("odd"), bucket("plain"))
        s3.refuses("get_bucket_policy", "PermanentRedirect", http_status_code=301)
        has_nothing(s3, "plain")

        found, error = read_until(AwsReadFailed, s3)
        assert found == [plain("plain")]
        assert not error.listed_all

    def test_raises_when_buckets_may_not_be_listed_instead_of_yielding_none(self, s3):
        s3.refuses("list_buckets", "AccessDenied")
        with pytest.raises(AwsReadDenied, match="s3:ListAllMyBuckets"):
            list(collect_buckets(s3.client))

    def test_refuses_an_answer_that_does_not_say_where_a_bucket_is(self, s3):
        lists(s3, {"Name": "lost"})
        with pytest.raises(AwsMalformed, match="BucketRegion"):
            list(collect_buckets(s3.client))

    def test_makes_one_call_a_thousand_buckets_and_three_or_four_a_bucket(self, s3):
        lists(s3, bucket("a"), bucket("b"), ContinuationToken="more")
        has_nothing(s3, "a")
        has_nothing(s3, "b")
        s3.answers(
            "list_buckets", {"Buckets": [bucket("c")]}, MaxBuckets=1000, ContinuationToken="more"
        )
        s3.refuses("get_bucket_policy", "NoSuchBucketPolicy")
        s3.refuses("get_bucket_ownership_controls", "OwnershipControlsNotFoundError")
        s3.refuses("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
        s3.answers("get_bucket_acl", {"Grants": []}, Bucket="c")

        buckets, pages, with_lists = len(list(collect_buckets(s3.client))), 2, 1
        assert s3.log.calls.total() == pages + 3 * buckets + with_lists


class TestCollectAccountPublicAccessBlock:
    def test_yields_the_four_settings(self):
        with stubbed("s3control") as s3control:
            s3control.answers(
                "get_public_access_block",
                {"PublicAccessBlockConfiguration": ALL_ON},
                AccountId="222222222222",
            )
            [record] = collect_account_public_access_block(s3control.client)
        assert record == AccountSettingRecord(
            "s3_public_access_block", PublicAccessBlock(True, True, True, True).as_json()
        )

    def test_yields_none_where_the_account_has_no_block(self):
        with stubbed("s3control") as s3control:
            s3control.refuses("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
            [record] = collect_account_public_access_block(s3control.client)
        assert record.value is None

    def test_raises_when_it_may_not_be_read_instead_of_yielding_none(self):
        with stubbed("s3control") as s3control:
            s3control.refuses("get_public_access_block", "AccessDenied")
            with pytest.raises(AwsReadDenied, match="s3:GetAccountPublicAccessBlock"):
                list(collect_account_public_access_block(s3control.client))
