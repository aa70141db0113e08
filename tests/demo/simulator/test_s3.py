"""S3 as the front answers it: who may read a bucket, where, and the list with regions."""

import json

import pytest
from botocore.exceptions import ClientError

from demo.simulator.credentials import AUDIT_ROLE

pytestmark = pytest.mark.simulator

APP, TOOLING = "333333333333", "222222222222"


@pytest.fixture
def owner(aws):
    """S3 of the account `app`, as its administrator."""
    return aws.assume("s3", APP, "Admin")


@pytest.fixture
def reader(aws):
    return aws.assume("s3", APP, AUDIT_ROLE)


def policy(**statement):
    given = {"Principal": "*", "Resource": "arn:aws:s3:::app-data"} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [given]})


class TestBuckets:
    def test_are_listed_with_their_regions_page_by_page(self, owner, reader):
        for name in ("app-b", "app-a", "app-c"):
            owner.create_bucket(Bucket=name)
        first = reader.list_buckets(MaxBuckets=2)
        assert [(each["Name"], each["BucketRegion"]) for each in first["Buckets"]] == [
            ("app-a", "us-east-1"),
            ("app-b", "us-east-1"),
        ]
        token = first["ContinuationToken"]
        second = reader.list_buckets(MaxBuckets=2, ContinuationToken=token)
        assert [each["Name"] for each in second["Buckets"]] == ["app-c"]
        assert "ContinuationToken" not in second

    def test_are_listed_without_regions_where_no_size_is_asked_for(self, owner, reader):
        owner.create_bucket(Bucket="app-data")
        [bucket] = reader.list_buckets()["Buckets"]
        assert "BucketRegion" not in bucket

    def test_are_not_listed_for_a_role_without_the_action(self, aws):
        narrow = aws.assume("s3", APP, "Narrow")
        with pytest.raises(ClientError, match="no identity-based policy allows the s3:ListAllMy"):
            narrow.list_buckets()

    def test_deny_a_role_by_their_own_policy(self, owner, reader, refused):
        owner.create_bucket(Bucket="app-data")
        owner.put_bucket_policy(
            Bucket="app-data", Policy=policy(Effect="Deny", Action="s3:GetBucketAcl")
        )
        assert json.loads(reader.get_bucket_policy(Bucket="app-data")["Policy"])["Statement"]
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy") as denied:
            reader.get_bucket_acl(Bucket="app-data")
        assert denied.value.response["Error"]["Code"] == "AccessDenied"

    def test_are_closed_to_other_accounts_unless_their_policy_allows(self, aws, owner, refused):
        owner.create_bucket(Bucket="app-data")
        other = aws.worker("s3")
        assert refused(other.get_bucket_policy, Bucket="app-data")[0] == "AccessDenied"
        allow = policy(
            Effect="Allow",
            Action="s3:GetBucketPolicy",
            Principal={"AWS": f"arn:aws:iam::{TOOLING}:root"},
        )
        owner.put_bucket_policy(Bucket="app-data", Policy=allow)
        other.get_bucket_policy(Bucket="app-data")

    def test_say_in_s3s_words_what_is_not_set(self, owner, reader, refused):
        owner.create_bucket(Bucket="app-data")
        for read, code in (
            (reader.get_bucket_policy, "NoSuchBucketPolicy"),
            (reader.get_bucket_ownership_controls, "OwnershipControlsNotFoundError"),
            (reader.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
        ):
            assert refused(read, Bucket="app-data")[0] == code
        assert refused(reader.get_bucket_acl, Bucket="nowhere")[0] == "NoSuchBucket"
