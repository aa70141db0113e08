"""Outbound web identity federation, read from answers as IAM gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.outbound_federation import collect_outbound_federation
from inventory.records import AccountSettingRecord

NAME = "outbound_federation"
OPERATION = "get_outbound_web_identity_federation_info"


@pytest.mark.parametrize("enabled", [True, False])
def test_yields_the_issuer_and_whether_it_gives_tokens(iam, enabled):
    issuer = "https://0a1b2c3d.tokens.sts.global.api.aws"
    iam.answers(OPERATION, {"IssuerIdentifier": issuer, "JwtVendingEnabled": enabled})
    [record] = collect_outbound_federation(iam.client)
    assert record == AccountSettingRecord(NAME, {"issuer": issuer, "enabled": enabled})


def test_yields_none_where_it_was_never_enabled(iam):
    iam.refuses(OPERATION, "FeatureDisabled", http_status_code=404)
    assert list(collect_outbound_federation(iam.client)) == [AccountSettingRecord(NAME, None)]


def test_raises_when_it_may_not_be_read_instead_of_yielding_none(iam):
    iam.refuses(OPERATION, "AccessDenied")
    with pytest.raises(AwsReadDenied, match="iam:GetOutboundWebIdentityFederationInfo"):
        list(collect_outbound_federation(iam.client))
