"""Backup vaults and their policies, read from answers as AWS Backup gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.backup import collect_backup_vaults
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:backup:us-east-1:222222222222:backup-vault:"


@pytest.fixture
def backup():
    with stubbed("backup") as aws:
        yield aws


def lists(aws, *names):
    found = [{"BackupVaultName": each, "BackupVaultArn": ARN + each} for each in names]
    aws.answers("list_backup_vaults", {"BackupVaultList": found}, MaxResults=1000)


def vault(name, policy=None, **more):
    return record("backup", "backupVault", ARN + name, name, policy, **more)


class TestCollectBackupVaults:
    def test_yields_each_vault_with_its_policy_or_none(self, backup):
        lists(backup, "central", "Default")
        backup.answers(
            "get_backup_vault_access_policy", {"Policy": POLICY}, BackupVaultName="central"
        )
        backup.refuses("get_backup_vault_access_policy", "ResourceNotFoundException")
        found = list(collect_backup_vaults(backup.client))
        assert found == [vault("central", POLICY), vault("Default")]

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, backup):
        lists(backup, "central")
        backup.refuses("get_backup_vault_access_policy", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_backup_vaults, backup.client)
        assert found == [vault("central", unknown={"policy": "AccessDeniedException"})]

    def test_raises_when_vaults_may_not_be_listed_instead_of_yielding_none(self, backup):
        backup.refuses("list_backup_vaults", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="backup:ListBackupVaults"):
            list(collect_backup_vaults(backup.client))
