"""Identity providers of an account."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsInconsistent, AwsMalformed, AwsReadDenied, AwsThrottled
from inventory.collectors.iam_providers import collect_oidc_providers, collect_saml_providers
from inventory.records import IdentityProviderRecord

AT = datetime(2025, 6, 1, 10, 0, tzinfo=UTC)
ARN = "arn:aws:iam::222222222222"


class TestCollectProviders:
    SAML = f"{ARN}:saml-provider/idp"
    METADATA = f"<EntityDescriptor>{1000 * 'x'}</EntityDescriptor>"
    OIDC = f"{ARN}:oidc-provider/token.actions.githubusercontent.com"

    def test_yields_a_saml_provider_with_its_metadata(self, iam):
        iam.answers("list_saml_providers", {"SAMLProviderList": [{"Arn": self.SAML}]})
        iam.answers(
            "get_saml_provider",
            {"SAMLMetadataDocument": self.METADATA, "CreateDate": AT, "ValidUntil": AT},
            SAMLProviderArn=self.SAML,
        )
        assert list(collect_saml_providers(iam.client)) == [
            IdentityProviderRecord(
                kind="saml",
                arn=self.SAML,
                created_at=AT,
                metadata=self.METADATA,
                valid_until=AT,
            )
        ]

    def test_yields_an_oidc_provider(self, iam):
        iam.answers(
            "list_open_id_connect_providers", {"OpenIDConnectProviderList": [{"Arn": self.OIDC}]}
        )
        iam.answers(
            "get_open_id_connect_provider",
            {
                "Url": "token.actions.githubusercontent.com",
                "ClientIDList": ["sts.amazonaws.com"],
                "ThumbprintList": ["6" * 40],
                "CreateDate": AT,
                "Tags": [{"Key": "owner", "Value": "platform"}],
            },
            OpenIDConnectProviderArn=self.OIDC,
        )
        assert list(collect_oidc_providers(iam.client)) == [
            IdentityProviderRecord(
                kind="oidc",
                arn=self.OIDC,
                created_at=AT,
                url="token.actions.githubusercontent.com",
                client_ids=("sts.amazonaws.com",),
                thumbprints=("6" * 40,),
                tags={"owner": "platform"},
            )
        ]

    def test_leaves_out_a_provider_that_a_second_listing_lacks(self, iam):
        iam.answers("list_saml_providers", {"SAMLProviderList": [{"Arn": self.SAML}]})
        iam.refuses("get_saml_provider", "NoSuchEntity")
        iam.answers("list_saml_providers", {"SAMLProviderList": []})
        assert list(collect_saml_providers(iam.client)) == []

    def test_raises_when_a_provider_is_listed_again_and_not_found(self, iam):
        listed = {"OpenIDConnectProviderList": [{"Arn": self.OIDC}]}
        for _ in range(2):
            iam.answers("list_open_id_connect_providers", listed)
            iam.refuses("get_open_id_connect_provider", "NoSuchEntity")
        with pytest.raises(AwsInconsistent, match=self.OIDC) as caught:
            list(collect_oidc_providers(iam.client))
        assert caught.value.outcome == "inconsistent"

    @pytest.mark.parametrize(
        ("collect", "operation"),
        [
            (collect_saml_providers, "list_saml_providers"),
            (collect_oidc_providers, "list_open_id_connect_providers"),
        ],
    )
    def test_raises_when_throttled_or_denied(self, iam, collect, operation):
        iam.throttles(operation, 8, "Throttling")
        with pytest.raises(AwsThrottled):
            list(collect(iam.client))
        iam.refuses(operation, "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect(iam.client))

    def test_names_the_field_that_is_missing(self, iam):
        iam.answers(
            "list_open_id_connect_providers", {"OpenIDConnectProviderList": [{"Arn": self.OIDC}]}
        )
        iam.answers("get_open_id_connect_provider", {"ClientIDList": []})
        with pytest.raises(AwsMalformed, match="Url is missing"):
            list(collect_oidc_providers(iam.client))
