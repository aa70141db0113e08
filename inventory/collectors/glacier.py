"""S3 Glacier: vaults of its own API, their access policies and their locks."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import (
    ResourceParts,
    read_resources,
    resources,
    together,
)
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICIES, POLICY

# The account that calls.
_OWN = "-"


def collect_vaults(glacier: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each vault of a region with what its access policy and its lock say together.

    One call ten vaults, which is Glacier's most, and two a vault. Glacier answers alike where a
    vault has no policy and where it is gone. A lock that is not complete is in force already.
    AWS: glacier:ListVaults, GetVaultAccessPolicy, GetVaultLock.
    """
    yield from read_resources(
        glacier,
        "glacier",
        lambda: glacier.paginate("list_vaults", "VaultList", accountId=_OWN),
        _vault,
        id_of=lambda listed: str(listed["VaultARN"]),
        gone=(),
    )


def _vault(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["VaultName"]
    access = parts.part(
        POLICY,
        "get_vault_access_policy",
        lambda answer: answer["policy"].get("Policy") or None,
        accountId=_OWN,
        vaultName=name,
    )
    lock = parts.policy("get_vault_lock", accountId=_OWN, vaultName=name)
    if lock is None:
        yield parts.record("vault", listed["VaultARN"], name, access)
        return
    policies = {"vault-lock": lock} | ({"vault-access": access} if access else {})
    facts = {POLICIES: policies}
    yield parts.record("vault", listed["VaultARN"], name, together(policies), facts=facts)


COLLECTORS = (
    Collector(
        name="data.glacier_vaults",
        label="Glacier vaults",
        scope=Scope.REGIONAL,
        service="glacier",
        actions=(
            Action(
                "glacier:ListVaults",
                "vaults",
                given={"accountId": _OWN, "limit": "1"},
                finds={"Glacier vault": ("VaultList", 0, "VaultName")},
            ),
            Action(
                "glacier:GetVaultAccessPolicy",
                "each vault's policy",
                given={"accountId": _OWN, "vaultName": "{Glacier vault}"},
            ),
            Action(
                "glacier:GetVaultLock",
                "each vault's lock",
                given={"accountId": _OWN, "vaultName": "{Glacier vault}"},
            ),
        ),
        read=alone(collect_vaults),
        covers=resources("glacier", "vault"),
    ),
)
