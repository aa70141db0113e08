"""Who there is in an account, and their policies, to the letter."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from inventory.aws.errors import AwsMalformed, AwsReadDenied, AwsThrottled
from inventory.collectors.iam_authorization import collect_authorization_details
from inventory.records import IamPolicyRecord, PrincipalActivityRecord, PrincipalRecord

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


def test_policy_texts_are_not_parsed_by_the_client(iam):
    iam.answers("get_account_authorization_details", details(RoleDetailList=[role()]))
    answer = iam.client.call("get_account_authorization_details")
    assert answer["RoleDetailList"][0]["AssumeRolePolicyDocument"] == quote(TEXT)
    assert json.loads(TEXT)
