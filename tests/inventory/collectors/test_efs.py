"""File systems and their policies, read from answers as EFS gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.efs import collect_file_systems
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:elasticfilesystem:us-east-1:222222222222:file-system/"


@pytest.fixture
def efs():
    with stubbed("efs") as aws:
        yield aws


def lists(aws, *systems):
    found = [
        {
            **{"OwnerId": "222222222222", "CreationToken": each, "FileSystemId": each},
            **{"CreationTime": "2026-01-01T00:00:00Z", "LifeCycleState": "available"},
            **{"NumberOfMountTargets": 0, "SizeInBytes": {"Value": 0}, "Tags": []},
            **{"PerformanceMode": "generalPurpose", "Name": f"named {each}"},
        }
        for each in systems
    ]
    aws.answers("describe_file_systems", {"FileSystems": found}, MaxItems=1000)


def system(system_id, policy=None, **more):
    name = f"named {system_id}"
    return record("elasticfilesystem", "file-system", ARN + system_id, name, policy, **more)


class TestCollectFileSystems:
    def test_yields_each_file_system_with_its_policy_or_none(self, efs):
        lists(efs, "fs-1", "fs-2")
        efs.answers("describe_file_system_policy", {"Policy": POLICY}, FileSystemId="fs-1")
        efs.refuses("describe_file_system_policy", "PolicyNotFound", http_status_code=404)
        assert list(collect_file_systems(efs.client)) == [system("fs-1", POLICY), system("fs-2")]

    def test_leaves_out_a_file_system_that_was_deleted_meanwhile(self, efs):
        lists(efs, "fs-1")
        efs.refuses("describe_file_system_policy", "FileSystemNotFound", http_status_code=404)
        lists(efs)
        assert list(collect_file_systems(efs.client)) == []

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, efs):
        lists(efs, "fs-1")
        efs.refuses("describe_file_system_policy", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_file_systems, efs.client)
        assert found == [system("fs-1", unknown={"policy": "AccessDeniedException"})]

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, efs):
        efs.refuses("describe_file_systems", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="elasticfilesystem:DescribeFileSystems"):
            list(collect_file_systems(efs.client))
