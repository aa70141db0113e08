"""IAM of one account."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from inventory.aws.errors import AwsMalformed, AwsReadDenied, AwsThrottled, AwsTimedOut
from inventory.collectors.iam_account import (
    collect_account_aliases,
    collect_account_summary,
    collect_password_policy,
)
from inventory.collectors.iam_authorization import collect_authorization_details
from inventory.collectors.iam_credentials import collect_credential_report
from inventory.collectors.iam_providers import collect_oidc_providers, collect_saml_providers
from inventory.records import (
    AccountSettingRecord,
    IamPolicyRecord,
    IdentityProviderRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
    UserCredentialRecord,
)

AT = datetime(2025, 6, 1, 10, 0, tzinfo=UTC)
ARN = "arn:aws:iam::222222222222"
TEXT = '{"Version": "2012-10-17",\n "Statement": []}'


def attached(*arns):
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def role(name="deploy", **values):
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROA" + "A" * 17,
        "Arn": f"{ARN}:role/{name}",
        "CreateDate": AT,
        "AssumeRolePolicyDocument": quote(TEXT),
        "AttachedManagedPolicies": [],
    } | values


def managed_policy(arn=f"{ARN}:policy/own", **values):
    return {
        "PolicyName": "own",
        "PolicyId": "ANPA" + "A" * 17,
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": "v2",
        "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": False, "Document": quote("{}")},
            {"VersionId": "v2", "IsDefaultVersion": True, "Document": quote(TEXT)},
        ],
    } | values


def details(**values):
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
        "IsTruncated": False,
    } | values


class TestCollectAuthorizationDetails:
    def collect(self, iam, **values):
        iam.answers("get_account_authorization_details", details(**values))
        return list(collect_authorization_details(iam.client))

    def test_yields_a_role_with_all_that_hangs_on_it_and_when_it_was_used(self, iam):
        boundary = {"PermissionsBoundaryArn": f"{ARN}:policy/boundary"}
        given = role(
            RolePolicyList=[{"PolicyName": "inline", "PolicyDocument": quote(TEXT)}],
            AttachedManagedPolicies=attached(f"{ARN}:policy/z", f"{ARN}:policy/a"),
            PermissionsBoundary=boundary,
            InstanceProfileList=[
                {
                    "Path": "/",
                    "InstanceProfileName": "p",
                    "InstanceProfileId": "AIPA" + "A" * 17,
                    "Arn": f"{ARN}:instance-profile/p",
                    "CreateDate": AT,
                    "Roles": [],
                }
            ],
            Tags=[{"Key": "owner", "Value": "payments"}],
            RoleLastUsed={"LastUsedDate": AT, "Region": "eu-west-2"},
        )
        assert self.collect(iam, RoleDetailList=[given]) == [
            PrincipalRecord(
                kind="role",
                arn=f"{ARN}:role/deploy",
                name="deploy",
                path="/",
                unique_id="AROA" + "A" * 17,
                created_at=AT,
                trust_policy=TEXT,
                boundary_arn=f"{ARN}:policy/boundary",
                attached_policy_arns=(f"{ARN}:policy/a", f"{ARN}:policy/z"),
                inline_policies={"inline": TEXT},
                instance_profile_arns=(f"{ARN}:instance-profile/p",),
                tags={"owner": "payments"},
            ),
            PrincipalActivityRecord(f"{ARN}:role/deploy", AT, "eu-west-2"),
        ]

    def test_keeps_a_trust_policy_to_the_letter(self, iam):
        text = '{"Statement":\t[{"Sid":"a+b %2F ü"}]}'
        [principal, _] = self.collect(
            iam, RoleDetailList=[role(AssumeRolePolicyDocument=quote(text))]
        )
        assert principal.trust_policy == text

    def test_knows_a_role_that_was_never_used(self, iam):
        [_, activity] = self.collect(iam, RoleDetailList=[role(RoleLastUsed={})])
        assert activity.last_used_at is None

    def test_yields_users_with_groups_and_boundary_and_groups(self, iam):
        user = {
            "Path": "/people/",
            "UserName": "anna",
            "UserId": "AIDA" + "A" * 17,
            "Arn": f"{ARN}:user/people/anna",
            "CreateDate": AT,
            "GroupList": ["writers", "admins"],
            "AttachedManagedPolicies": [],
            "PermissionsBoundary": {"PermissionsBoundaryArn": f"{ARN}:policy/boundary"},
        }
        group = {
            "Path": "/",
            "GroupName": "admins",
            "GroupId": "AGPA" + "A" * 17,
            "Arn": f"{ARN}:group/admins",
            "CreateDate": AT,
            "GroupPolicyList": [{"PolicyName": "all", "PolicyDocument": quote(TEXT)}],
            "AttachedManagedPolicies": attached("arn:aws:iam::aws:policy/AdministratorAccess"),
        }
        found = self.collect(iam, UserDetailList=[user], GroupDetailList=[group])
        assert [(each.kind, each.name) for each in found] == [("user", "anna"), ("group", "admins")]
        assert found[0].groups == ("admins", "writers")
        assert found[0].boundary_arn == f"{ARN}:policy/boundary"
        assert found[1].inline_policies == {"all": TEXT}

    def test_yields_managed_policies_in_their_default_version(self, iam):
        aws_own = managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess")
        [own, other] = self.collect(iam, Policies=[managed_policy(), aws_own])
        assert own == IamPolicyRecord(
            arn=f"{ARN}:policy/own",
            name="own",
            path="/",
            unique_id="ANPA" + "A" * 17,
            aws_managed=False,
            default_version_id="v2",
            content=TEXT,
        )
        assert other.aws_managed

    def test_reads_all_pages(self, iam):
        iam.answers(
            "get_account_authorization_details",
            details(RoleDetailList=[role("a")], IsTruncated=True, Marker="next"),
            MaxItems=1000,
        )
        iam.answers(
            "get_account_authorization_details",
            details(RoleDetailList=[role("b")]),
            MaxItems=1000,
            Marker="next",
        )
        found = collect_authorization_details(iam.client)
        assert [each.name for each in found if isinstance(each, PrincipalRecord)] == ["a", "b"]

    def test_raises_when_denied(self, iam):
        iam.refuses("get_account_authorization_details", "AccessDenied")
        with pytest.raises(AwsReadDenied, match="iam:GetAccountAuthorizationDetails"):
            list(collect_authorization_details(iam.client))

    def test_raises_when_the_second_page_is_throttled(self, iam):
        iam.answers("get_account_authorization_details", details(IsTruncated=True, Marker="next"))
        iam.throttles("get_account_authorization_details", 8, "Throttling")
        with pytest.raises(AwsThrottled):
            list(collect_authorization_details(iam.client))

    @pytest.mark.parametrize(
        "field", ["RoleName", "Arn", "AssumeRolePolicyDocument", "AttachedManagedPolicies"]
    )
    def test_names_the_field_that_is_missing(self, iam, field):
        given = {name: value for name, value in role().items() if name != field}
        with pytest.raises(AwsMalformed, match=rf"RoleDetailList\[\]\.{field} is missing"):
            self.collect(iam, RoleDetailList=[given])

    def test_raises_when_a_policy_has_no_default_version(self, iam):
        with pytest.raises(AwsMalformed, match="0 default versions"):
            self.collect(iam, Policies=[managed_policy(PolicyVersionList=[])])


class TestCollectAccountSettings:
    def test_yields_the_summary(self, iam):
        iam.answers("get_account_summary", {"SummaryMap": {"Users": 2, "AccountMFAEnabled": 1}})
        assert list(collect_account_summary(iam.client)) == [
            AccountSettingRecord("account_summary", {"Users": 2, "AccountMFAEnabled": 1})
        ]

    def test_yields_the_password_policy(self, iam):
        policy = {"MinimumPasswordLength": 14, "ExpirePasswords": False}
        iam.answers("get_account_password_policy", {"PasswordPolicy": policy})
        assert list(collect_password_policy(iam.client)) == [
            AccountSettingRecord("password_policy", policy)
        ]

    def test_yields_that_there_is_no_password_policy(self, iam):
        iam.refuses("get_account_password_policy", "NoSuchEntity")
        assert list(collect_password_policy(iam.client)) == [
            AccountSettingRecord("password_policy", None)
        ]

    def test_does_not_take_a_denial_for_no_password_policy(self, iam):
        iam.refuses("get_account_password_policy", "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect_password_policy(iam.client))

    def test_yields_aliases_of_all_pages(self, iam):
        iam.answers(
            "list_account_aliases",
            {"AccountAliases": ["payments"], "IsTruncated": True, "Marker": "a"},
        )
        iam.answers("list_account_aliases", {"AccountAliases": ["former"]}, Marker="a")
        assert list(collect_account_aliases(iam.client)) == [
            AccountSettingRecord("account_aliases", ["former", "payments"])
        ]

    @pytest.mark.parametrize(
        ("collect", "operation"),
        [
            (collect_account_summary, "get_account_summary"),
            (collect_password_policy, "get_account_password_policy"),
            (collect_account_aliases, "list_account_aliases"),
        ],
    )
    def test_raises_when_throttled_or_denied(self, iam, collect, operation):
        iam.throttles(operation, 8, "Throttling")
        with pytest.raises(AwsThrottled):
            list(collect(iam.client))
        iam.refuses(operation, "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect(iam.client))


COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
ROOT_USER = (
    f"<root_account>,{ARN}:root,2024-01-01T00:00:00+00:00,not_supported,no_information,"
    "not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,"
    "false,N/A"
)
ANNA = (
    f"anna,{ARN}:user/anna,2024-01-01T00:00:00+00:00,true,2026-10-01T08:00:00+00:00,"
    "2026-05-01T08:00:00+00:00,N/A,false,true,2025-01-01T00:00:00+00:00,"
    "2026-11-01T07:00:00+00:00,eu-west-2,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)


class TestCollectCredentialReport:
    def report(self, *rows):
        return {"Content": "\n".join([COLUMNS, *rows]).encode(), "ReportFormat": "text/csv"}

    def test_yields_credentials_and_use_apart(self, iam):
        iam.answers("get_credential_report", self.report(ANNA))
        assert list(collect_credential_report(iam.client)) == [
            UserCredentialRecord(
                arn=f"{ARN}:user/anna",
                user_name="anna",
                password_enabled=True,
                password_last_changed_at=datetime(2026, 5, 1, 8, 0, tzinfo=UTC),
                mfa_active=False,
                access_key_1_active=True,
                access_key_1_rotated_at=datetime(2025, 1, 1, tzinfo=UTC),
                access_key_2_active=False,
                access_key_2_rotated_at=None,
            ),
            PrincipalActivityRecord(
                arn=f"{ARN}:user/anna",
                last_used_at=datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
                last_used_region="eu-west-2",
                password_last_used_at=datetime(2026, 10, 1, 8, 0, tzinfo=UTC),
                access_key_1_last_used_at=datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
                access_key_1_last_used_service="s3",
            ),
        ]

    def test_has_no_value_where_aws_has_none_for_the_root_user(self, iam):
        iam.answers("get_credential_report", self.report(ROOT_USER))
        [credential, use] = collect_credential_report(iam.client)
        assert isinstance(credential, UserCredentialRecord)
        assert isinstance(use, PrincipalActivityRecord)
        assert credential.user_name == "<root_account>"
        assert credential.password_enabled is None
        assert credential.mfa_active is True
        assert use.last_used_at is None

    def test_asks_once_where_there_is_a_report(self, iam):
        iam.answers("get_credential_report", self.report(ANNA))
        list(collect_credential_report(iam.client))
        assert iam.log.calls == {"iam:GetCredentialReport": 1}

    @pytest.mark.parametrize("code", ["ReportNotPresent", "ReportExpired"])
    def test_has_one_made_where_there_is_none_and_waits_for_it(self, iam, code):
        iam.refuses("get_credential_report", code)
        iam.answers("generate_credential_report", {"State": "STARTED"})
        iam.refuses("get_credential_report", "ReportInProgress")
        iam.answers("get_credential_report", self.report(ANNA))
        assert len(list(collect_credential_report(iam.client))) == 2
        assert iam.waits == [0.5, 1.0]

    def test_raises_when_the_report_does_not_come(self, iam):
        iam.refuses("get_credential_report", "ReportNotPresent")
        iam.answers("generate_credential_report", {"State": "STARTED"})
        for _ in range(7):
            iam.refuses("get_credential_report", "ReportInProgress")
        with pytest.raises(AwsTimedOut, match="credential report"):
            list(collect_credential_report(iam.client))

    def test_raises_when_denied_or_throttled(self, iam):
        iam.refuses("get_credential_report", "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect_credential_report(iam.client))
        iam.refuses("get_credential_report", "ReportNotPresent")
        iam.throttles("generate_credential_report", 8, "Throttling")
        with pytest.raises(AwsThrottled):
            list(collect_credential_report(iam.client))

    @pytest.mark.parametrize(
        ("wrong", "right", "told"),
        [
            ("perhaps", "true", "password_enabled of anna is 'perhaps'"),
            ("yesterday", "2026-10-01T08:00:00+00:00", "password_last_used of anna is 'yesterday'"),
        ],
    )
    def test_names_the_value_it_does_not_understand(self, iam, wrong, right, told):
        iam.answers("get_credential_report", self.report(ANNA.replace(right, wrong, 1)))
        with pytest.raises(AwsMalformed, match=told):
            list(collect_credential_report(iam.client))

    def test_names_the_column_that_is_missing(self, iam):
        report = self.report(ANNA)
        report["Content"] = report["Content"].replace(b"mfa_active", b"mfa")
        iam.answers("get_credential_report", report)
        with pytest.raises(AwsMalformed, match="mfa_active of anna is missing"):
            list(collect_credential_report(iam.client))


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

    def test_leaves_out_a_provider_that_was_deleted_meanwhile(self, iam):
        iam.answers("list_saml_providers", {"SAMLProviderList": [{"Arn": self.SAML}]})
        iam.refuses("get_saml_provider", "NoSuchEntity")
        assert list(collect_saml_providers(iam.client)) == []

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


def test_policy_texts_are_not_parsed_by_the_client(iam):
    iam.answers("get_account_authorization_details", details(RoleDetailList=[role()]))
    answer = iam.client.call("get_account_authorization_details")
    assert answer["RoleDetailList"][0]["AssumeRolePolicyDocument"] == quote(TEXT)
    assert json.loads(TEXT)
