"""Directory buckets and their policies, read from answers as S3 Express One Zone gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.s3_directory_buckets import collect_directory_buckets
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:s3express:us-east-1:222222222222:bucket/"
ONE, OTHER = "one--use1-az4--x-s3", "other--use1-az4--x-s3"


@pytest.fixture
def s3():
    with stubbed("s3") as aws:
        yield aws


def lists(aws, *names):
    found = {"Buckets": [{"Name": each} for each in names]}
    aws.answers("list_directory_buckets", found, MaxDirectoryBuckets=1000)


def bucket(name, policy=None, **more):
    return record("s3express", "bucket", ARN + name, name, policy, **more)


class TestCollectDirectoryBuckets:
    def test_yields_each_bucket_with_its_policy_or_none(self, s3):
        lists(s3, ONE, OTHER)
        s3.answers("get_bucket_policy", {"Policy": POLICY}, Bucket=ONE)
        s3.refuses("get_bucket_policy", "NoSuchBucketPolicy", http_status_code=404)
        assert list(collect_directory_buckets(s3.client)) == [bucket(ONE, POLICY), bucket(OTHER)]

    def test_names_the_action_that_directory_buckets_need(self, s3):
        lists(s3, ONE)
        s3.refuses("get_bucket_policy", "AccessDenied", http_status_code=403)
        found, error = read_until(AwsPartlyDenied, collect_directory_buckets, s3.client)
        assert found == [bucket(ONE, unknown={"policy": "AccessDenied"})]
        assert error.operation == "s3express:GetBucketPolicy"

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, s3):
        s3.refuses("list_directory_buckets", "AccessDenied")
        with pytest.raises(AwsReadDenied, match="s3express:ListAllMyDirectoryBuckets"):
            list(collect_directory_buckets(s3.client))
