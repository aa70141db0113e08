"""Identity providers of an account."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsInconsistent, AwsMalformed, AwsReadDenied, AwsThrottled
from inventory.collectors.iam_providers import collect_oidc_providers, collect_saml_providers
from inventory.collectors.registry import COLLECTORS
from inventory.records import AccountSettingRecord, IdentityProviderRecord, PrincipalRecord
from tests.inventory.collectors.service_stubs import earlier

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
        assert list(collect_oidc_providers(iam.client, earlier())) == [
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
            list(collect_oidc_providers(iam.client, earlier()))
        assert caught.value.outcome == "inconsistent"

    @pytest.mark.parametrize(
        ("collect", "operation"),
        [
            (collect_saml_providers, "list_saml_providers"),
            (
                lambda iam: collect_oidc_providers(iam, earlier()),
                "list_open_id_connect_providers",
            ),
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
            list(collect_oidc_providers(iam.client, earlier()))


SAML = IdentityProviderRecord("saml", f"{ARN}:saml-provider/idp", AT)
KNOWN = IdentityProviderRecord("oidc", f"{ARN}:oidc-provider/ci.example", AT)


def role(trust_policy):
    return PrincipalRecord(
        kind="role",
        arn=f"{ARN}:role/ci",
        name="ci",
        path="/",
        unique_id="AROAEXAMPLE",
        created_at=AT,
        trust_policy=trust_policy,
        boundary_arn="",
        attached_policy_arns=(),
        inline_policies={},
    )


ROLE = role('{"Statement": {"Principal": {"Service": "ec2.amazonaws.com"}}}')
COUNTED = {
    "iam.account_summary": (AccountSettingRecord("account_summary", {"Providers": 1}),),
    "iam.saml_providers": (SAML,),
    "iam.authorization_details": (ROLE,),
}


class TestAsksForOidcProvidersOnlyWhereOneMayBe:
    def test_asks_nothing_where_aws_counts_the_saml_providers_alone(self, iam):
        assert list(collect_oidc_providers(iam.client, earlier(COUNTED))) == []

    @pytest.mark.parametrize(
        ("changed", "kept"),
        [
            ({"iam.account_summary": (AccountSettingRecord("s", {"Providers": 2}),)}, ()),
            ({"iam.account_summary": (AccountSettingRecord("s", {"Providers": 0}),)}, ()),
            ({"iam.account_summary": (AccountSettingRecord("s", {}),)}, ()),
            ({"iam.saml_providers": ()}, ()),
            ({"iam.authorization_details": (ROLE, role(f'{{"Federated": "{KNOWN.arn}"}}'))}, ()),
            ({"iam.authorization_details": (role("sts:AssumeRoleWithWebIdentity"),)}, ()),
            ({}, (KNOWN,)),
            *(({name: None}, ()) for name in COUNTED),
        ],
    )
    def test_asks_where_the_count_differs_a_role_is_open_one_is_known_or_a_reading_failed(
        self, iam, changed, kept
    ):
        read = {name: found for name, found in (COUNTED | changed).items() if found is not None}
        iam.answers("list_open_id_connect_providers", {"OpenIDConnectProviderList": []})
        assert list(collect_oidc_providers(iam.client, earlier(read, kept))) == []

    def test_comes_after_what_it_asks_by(self):
        names = [each.name for each in COLLECTORS]
        assert max(names.index(name) for name in COUNTED) < names.index("iam.oidc_providers")
