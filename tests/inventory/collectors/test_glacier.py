"""Vaults and their policies, read from answers as S3 Glacier gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.glacier import collect_vaults
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:glacier:us-east-1:222222222222:vaults/"


@pytest.fixture
def glacier():
    with stubbed("glacier") as aws:
        yield aws


def lists(aws, *names):
    found = [{"VaultName": each, "VaultARN": ARN + each} for each in names]
    aws.answers("list_vaults", {"VaultList": found}, accountId="-")


def vault(name, policy=None, **more):
    return record("glacier", "vault", ARN + name, name, policy, **more)


class TestCollectVaults:
    def test_yields_each_vault_with_its_policy_or_none(self, glacier):
        lists(glacier, "old", "plain")
        glacier.answers(
            "get_vault_access_policy",
            {"policy": {"Policy": POLICY}},
            accountId="-",
            vaultName="old",
        )
        glacier.refuses("get_vault_access_policy", "ResourceNotFoundException")
        assert list(collect_vaults(glacier.client)) == [vault("old", POLICY), vault("plain")]

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, glacier):
        lists(glacier, "old")
        glacier.refuses("get_vault_access_policy", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_vaults, glacier.client)
        assert found == [vault("old", unknown={"policy": "AccessDeniedException"})]

    def test_raises_when_vaults_may_not_be_listed_instead_of_yielding_none(self, glacier):
        glacier.refuses("list_vaults", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="glacier:ListVaults"):
            list(collect_vaults(glacier.client))
