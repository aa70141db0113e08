"""EC2's defaults of a region, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied
from inventory.collectors.ec2_defaults import collect_ec2_defaults
from tests.inventory.collectors.service_stubs import read_partly
from tests.inventory.stubs import stubbed


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def test_yields_every_default_and_which_of_them_a_declarative_policy_sets(ec2):
    ec2.answers("get_ebs_encryption_by_default", {"EbsEncryptionByDefault": True})
    ec2.answers("get_ebs_default_kms_key_id", {"KmsKeyId": "alias/aws/ebs"})
    ec2.answers(
        "get_instance_metadata_defaults",
        {
            "AccountLevel": {
                "HttpTokens": "required",
                "HttpPutResponseHopLimit": 2,
                "ManagedBy": "declarative-policy",
            }
        },
    )
    ec2.answers(
        "get_image_block_public_access_state",
        {"ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "account"},
    )
    ec2.answers(
        "get_snapshot_block_public_access_state",
        {"State": "block-all-sharing", "ManagedBy": "declarative-policy"},
    )
    ec2.answers("get_serial_console_access_status", {"SerialConsoleAccessEnabled": False})
    [found] = collect_ec2_defaults(ec2.client)
    assert found.facts == {
        "ebs_encryption": True,
        "ebs_kms_key_id": "alias/aws/ebs",
        "imds_tokens": "required",
        "imds_tokens_enforced": "",
        "imds_endpoint": "",
        "imds_hop_limit": 2,
        "image_block": "block-new-sharing",
        "snapshot_block": "block-all-sharing",
        "serial_console": False,
        "managed_by_policy": ["imds", "snapshot_block"],
    }


def test_notes_what_may_not_be_read_and_yields_the_rest(ec2):
    ec2.answers("get_ebs_encryption_by_default", {"EbsEncryptionByDefault": False})
    ec2.refuses("get_instance_metadata_defaults", "UnauthorizedOperation")
    ec2.answers("get_image_block_public_access_state", {"ImageBlockPublicAccessState": "unblocked"})
    ec2.answers("get_snapshot_block_public_access_state", {"State": "unblocked"})
    ec2.answers("get_serial_console_access_status", {"SerialConsoleAccessEnabled": True})
    [found] = read_partly(AwsPartlyDenied, collect_ec2_defaults(ec2.client))
    assert found.facts["ebs_encryption"] is False
    assert found.facts["ebs_kms_key_id"] is None
    assert found.unknown == dict.fromkeys(
        ("imds_tokens", "imds_tokens_enforced", "imds_endpoint", "imds_hop_limit"),
        "UnauthorizedOperation",
    )
