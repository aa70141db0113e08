"""Vaults and their policies, read from answers as S3 Glacier gives them."""

import json

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


def locks(aws, name, policy=None):
    if policy is None:
        aws.refuses("get_vault_lock", "ResourceNotFoundException")
    else:
        answer = {"Policy": policy, "State": "Locked"}
        aws.answers("get_vault_lock", answer, accountId="-", vaultName=name)


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
        locks(glacier, "old")
        glacier.refuses("get_vault_access_policy", "ResourceNotFoundException")
        locks(glacier, "plain")
        assert list(collect_vaults(glacier.client)) == [vault("old", POLICY), vault("plain")]

    def test_yields_what_access_policy_and_lock_say_together(self, glacier):
        lists(glacier, "old", "locked")
        statement = {"Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive"}
        lock = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        access = {"policy": {"Policy": POLICY}}
        glacier.answers("get_vault_access_policy", access, accountId="-", vaultName="old")
        locks(glacier, "old", lock)
        glacier.refuses("get_vault_access_policy", "ResourceNotFoundException")
        locks(glacier, "locked", lock)
        both, alone = collect_vaults(glacier.client)
        assert json.loads(both.content or "")["Statement"] == [statement]
        assert both.facts["policies"] == {"vault-access": POLICY, "vault-lock": lock}
        assert alone == vault("locked", lock, facts={"policies": {"vault-lock": lock}})

    def test_marks_a_lock_that_may_not_be_read_as_unknown(self, glacier):
        lists(glacier, "old")
        glacier.refuses("get_vault_access_policy", "ResourceNotFoundException")
        glacier.refuses("get_vault_lock", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_vaults, glacier.client)
        assert found == [vault("old", unknown={"policy": "AccessDeniedException"})]

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, glacier):
        lists(glacier, "old")
        glacier.refuses("get_vault_access_policy", "AccessDeniedException")
        locks(glacier, "old")
        found, _ = read_until(AwsPartlyDenied, collect_vaults, glacier.client)
        assert found == [vault("old", unknown={"policy": "AccessDeniedException"})]

    def test_raises_when_vaults_may_not_be_listed_instead_of_yielding_none(self, glacier):
        glacier.refuses("list_vaults", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="glacier:ListVaults"):
            list(collect_vaults(glacier.client))
