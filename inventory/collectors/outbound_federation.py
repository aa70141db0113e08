"""Outbound web identity federation: whether roles of an account may take tokens elsewhere."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.records import AccountSettingRecord

# As in inventory.models.AccountSetting.Name.
_SETTING: Final = "outbound_federation"


def collect_outbound_federation(iam: AwsClient) -> Iterator[AccountSettingRecord]:
    """Yield the account's issuer and whether it gives tokens; None: it was never enabled.

    AWS: iam:GetOutboundWebIdentityFederationInfo.
    """
    try:
        found = iam.call("get_outbound_web_identity_federation_info")
    except AwsNotFound:
        yield AccountSettingRecord(_SETTING, None)
        return
    issuer, enabled = found["IssuerIdentifier"], found["JwtVendingEnabled"]
    yield AccountSettingRecord(_SETTING, {"issuer": issuer, "enabled": enabled})


COLLECTORS = (
    Collector(
        name="iam.outbound_federation",
        label="Outbound web identity federation",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(
            Action(
                "iam:GetOutboundWebIdentityFederationInfo",
                "whether the account's roles may take tokens to services outside of AWS",
            ),
        ),
        read=alone(collect_outbound_federation),
        covers=(Slice(AccountSettingRecord, {"name": _SETTING}),),
    ),
)
