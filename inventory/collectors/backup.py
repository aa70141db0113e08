"""AWS Backup: vaults and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord


def collect_backup_vaults(backup: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each backup vault of a region with its policy.

    One call a thousand vaults, and one a vault. Backup answers alike where a vault has no policy
    and where it is gone.
    AWS: backup:ListBackupVaults, GetBackupVaultAccessPolicy.
    """
    yield from read_resources(
        backup,
        "backup",
        lambda: backup.paginate("list_backup_vaults", "BackupVaultList", MaxResults=1000),
        _vault,
        id_of=lambda listed: str(listed["BackupVaultArn"]),
        gone=(),
    )


def _vault(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["BackupVaultName"]
    content = parts.policy("get_backup_vault_access_policy", BackupVaultName=name)
    yield parts.record("backupVault", listed["BackupVaultArn"], name, content)


COLLECTORS = (
    Collector(
        name="data.backup_vaults",
        label="Backup vaults",
        scope=Scope.REGIONAL,
        service="backup",
        actions=(
            Action(
                "backup:ListBackupVaults",
                "backup vaults",
                given={"MaxResults": 1},
                finds={"backup vault": ("BackupVaultList", 0, "BackupVaultName")},
            ),
            Action(
                "backup:GetBackupVaultAccessPolicy",
                "each vault's policy",
                given={"BackupVaultName": "{backup vault}"},
            ),
        ),
        read=alone(collect_backup_vaults),
        covers=resources("backup", "backupVault"),
    ),
)
