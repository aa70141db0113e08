"""What EC2 does by default in a region of an account: encryption, metadata, public sharing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.service_reading import FactReader, raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import EC2_DEFAULTS

_MANAGED: Final = "managed_by_policy"
_BY_POLICY: Final = "declarative-policy"
_IMDS_FACTS: Final = ("imds_tokens", "imds_tokens_enforced", "imds_endpoint", "imds_hop_limit")


def collect_ec2_defaults(ec2: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the region's defaults: five calls, one more where volumes are encrypted.

    AWS: ec2:GetEbsEncryptionByDefault, GetEbsDefaultKmsKeyId, GetInstanceMetadataDefaults,
    GetImageBlockPublicAccessState, GetSnapshotBlockPublicAccessState, GetSerialConsoleAccessStatus.
    :raises AwsPartlyDenied: some of them could not be read.
    """
    reader = FactReader()
    managed: list[str] = []

    def noted(name: str, answer: Mapping[str, Any]) -> None:
        if answer.get("ManagedBy") == _BY_POLICY:
            managed.append(name)

    def metadata(answer: AwsAnswer) -> Mapping[str, Any]:
        level = answer.get("AccountLevel") or {}
        noted("imds", level)
        return {
            "imds_tokens": _preference(level.get("HttpTokens")),
            "imds_tokens_enforced": _preference(level.get("HttpTokensEnforced")),
            "imds_endpoint": _preference(level.get("HttpEndpoint")),
            "imds_hop_limit": level.get("HttpPutResponseHopLimit"),
        }

    def images(answer: AwsAnswer) -> Mapping[str, Any]:
        noted("image_block", answer)
        return {"image_block": answer["ImageBlockPublicAccessState"]}

    def snapshots(answer: AwsAnswer) -> Mapping[str, Any]:
        noted("snapshot_block", answer)
        return {"snapshot_block": answer["State"]}

    def console(answer: AwsAnswer) -> Mapping[str, Any]:
        noted("serial_console", answer)
        return {"serial_console": answer["SerialConsoleAccessEnabled"]}

    reader.read(
        ec2,
        ("ebs_encryption", "ebs_kms_key_id"),
        "get_ebs_encryption_by_default",
        lambda answer: {"ebs_encryption": answer["EbsEncryptionByDefault"]},
    )
    if reader.facts.get("ebs_encryption"):
        reader.read(
            ec2,
            ("ebs_kms_key_id",),
            "get_ebs_default_kms_key_id",
            lambda answer: {"ebs_kms_key_id": answer["KmsKeyId"]},
        )
    reader.read(ec2, _IMDS_FACTS, "get_instance_metadata_defaults", metadata)
    reader.read(ec2, ("image_block",), "get_image_block_public_access_state", images)
    reader.read(ec2, ("snapshot_block",), "get_snapshot_block_public_access_state", snapshots)
    reader.read(ec2, ("serial_console",), "get_serial_console_access_status", console)
    reader.facts[_MANAGED] = sorted(managed)
    yield EC2_DEFAULTS.record(reader.facts, region=ec2.region, unknown=reader.unknown)
    raise_denied({"defaults": reader.denied})


def _preference(value: str | None) -> str:
    return "" if value in {None, "no-preference"} else str(value)


COLLECTORS = (
    Collector(
        name=EC2_DEFAULTS.collector,
        label="EC2 defaults",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action("ec2:GetEbsEncryptionByDefault", "whether new volumes are encrypted"),
            Action("ec2:GetEbsDefaultKmsKeyId", "the key of new volumes"),
            Action("ec2:GetInstanceMetadataDefaults", "whether new instances need IMDSv2"),
            Action("ec2:GetImageBlockPublicAccessState", "whether images may become public"),
            Action("ec2:GetSnapshotBlockPublicAccessState", "whether snapshots may become public"),
            Action("ec2:GetSerialConsoleAccessStatus", "whether the serial console may be used"),
        ),
        read=alone(collect_ec2_defaults),
        covers=rows_of(EC2_DEFAULTS),
    ),
)
