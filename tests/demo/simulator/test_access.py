"""Who may call what: keys, AssumeRole, permissions, member accounts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from demo.simulator.credentials import AUDIT_ROLE, EXTERNAL_ID, ORGANIZATION_READER_ROLE

pytestmark = pytest.mark.simulator

APP = "333333333333"


def role_arn(name, account_id=APP):
    return f"arn:aws:iam::{account_id}:role/{name}"


class TestKeys:
    def test_refuses_an_unknown_key_in_each_protocols_words(self, aws, refused):
        code, _ = refused(aws.client("iam", key="AKIANOBODYKNOWSTHIS1").list_users)
        assert code == "InvalidClientTokenId"
        code, _ = refused(aws.client("organizations", key="AKIANOBODYKNOWSTHIS1").list_roots)
        assert code == "UnrecognizedClientException"

    def test_takes_a_key_made_by_iam_until_it_is_deleted(self, aws, refused):
        iam = aws.client("iam")
        key = iam.create_access_key(UserName="anna")["AccessKey"]["AccessKeyId"]
        assert aws.client("sts", key=key).get_caller_identity()["Arn"] == (
            "arn:aws:iam::111111111111:user/anna"
        )
        iam.delete_access_key(UserName="anna", AccessKeyId=key)
        code, _ = refused(aws.client("sts", key=key).get_caller_identity)
        assert code == "InvalidClientTokenId"


class TestAssumeRole:
    def test_is_told_of_as_the_roles_last_use_once_in_four_hours(self, aws):
        earlier = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)

        def last_used():
            iam = aws.assume("iam", APP, AUDIT_ROLE)
            roles = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
            (used,) = (each["RoleLastUsed"] for each in roles if each["RoleName"] == AUDIT_ROLE)
            return used["LastUsedDate"]

        given = {"role": AUDIT_ROLE, "at": earlier.isoformat()}
        path = f"/accounts/{APP}/role-last-used"
        aws.control("POST", path, given)
        assert last_used() > earlier
        aws.control("POST", path, given)
        assert last_used() == earlier

    def test_opens_a_session_in_the_roles_account(self, aws):
        identity = aws.assume("sts", APP, AUDIT_ROLE).get_caller_identity()
        assert identity["Account"] == APP
        assert identity["Arn"] == f"arn:aws:sts::{APP}:assumed-role/{AUDIT_ROLE}/test"

    @pytest.mark.parametrize(
        ("role", "external_id"),
        [
            ("Missing", EXTERNAL_ID),
            (AUDIT_ROLE, "wrong"),
            ("Bounded", EXTERNAL_ID),
        ],
    )
    def test_refuses_missing_roles_wrong_external_ids_and_strangers_alike(
        self, aws, refused, role, external_id
    ):
        code, _ = refused(
            aws.worker("sts").assume_role,
            RoleArn=role_arn(role),
            RoleSessionName="test",
            ExternalId=external_id,
        )
        assert code == "AccessDenied"

    def test_refuses_without_the_external_id(self, aws, refused):
        code, _ = refused(
            aws.worker("sts").assume_role, RoleArn=role_arn(AUDIT_ROLE), RoleSessionName="test"
        )
        assert code == "AccessDenied"

    def test_refuses_a_suspended_account(self, aws, refused):
        code, _ = refused(
            aws.worker("sts").assume_role,
            RoleArn=role_arn(AUDIT_ROLE, "555555555555"),
            RoleSessionName="test",
            ExternalId=EXTERNAL_ID,
        )
        assert code == "AccessDenied"

    def test_needs_the_callers_own_permission_across_accounts(self, aws, refused):
        management = aws.client("iam")
        key = management.create_access_key(UserName="anna")["AccessKey"]["AccessKeyId"]
        code, _ = refused(
            aws.client("sts", key=key).assume_role,
            RoleArn=role_arn("Admin"),
            RoleSessionName="test",
        )
        assert code == "AccessDenied"

    def test_sets_a_source_identity_only_where_the_trust_allows_it(self, aws, refused):
        aws.assume("sts", APP, AUDIT_ROLE, SourceIdentity="anna")
        code, _ = refused(
            aws.worker("sts").assume_role,
            RoleArn=role_arn("Narrow"),
            RoleSessionName="test",
            SourceIdentity="anna",
        )
        assert code == "AccessDenied"

    @pytest.mark.parametrize("seconds", [7200, 50_000])
    def test_refuses_durations_the_role_does_not_have(self, aws, refused, seconds):
        code, _ = refused(
            aws.worker("sts").assume_role,
            RoleArn=role_arn("Narrow"),
            RoleSessionName="test",
            DurationSeconds=seconds,
        )
        assert code == "ValidationError"


class TestPermissions:
    def test_refuses_a_role_without_the_action_and_says_why(self, aws):
        iam = aws.assume("iam", APP, "Narrow")
        assert iam.list_account_aliases()["AccountAliases"] == ["app"]
        with pytest.raises(iam.exceptions.ClientError) as caught:
            iam.get_account_authorization_details()
        error = caught.value.response["Error"]
        assert error["Code"] == "AccessDenied"
        assert "because no identity-based policy allows the iam:GetAccount" in error["Message"]

    def test_narrows_a_session_by_its_policy(self, aws, refused):
        only = {"Effect": "Allow", "Action": "iam:ListAccountAliases", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [only]})
        iam = aws.assume("iam", APP, AUDIT_ROLE, Policy=policy)
        iam.list_account_aliases()
        code, _ = refused(iam.get_account_summary)
        assert code == "AccessDenied"

    def test_binds_members_but_not_management_by_service_control_policies(self, aws, refused):
        organizations = aws.client("organizations")
        loose = next(
            policy["Id"]
            for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
            if policy["Name"] == "loose"
        )
        member = aws.assume("iam", APP, AUDIT_ROLE)
        member.get_account_summary()
        organizations.attach_policy(PolicyId=loose, TargetId="r-tiny")
        with pytest.raises(member.exceptions.ClientError, match="service control policy: arn:aws"):
            member.get_account_summary()
        aws.client("iam").get_account_summary()

    def test_blocks_everything_below_a_level_without_an_allow(self, aws, make_policy):
        organizations = aws.client("organizations")
        member = aws.assume("iam", APP, AUDIT_ROLE)
        organizations.attach_policy(PolicyId=make_policy("x"), TargetId=APP)
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=APP)
        with pytest.raises(member.exceptions.ClientError, match="no service control policy allows"):
            member.get_account_summary()

    def test_matches_the_resource_a_call_names(self, aws, refused, make_policy):
        statement = {
            "Effect": "Deny",
            "Action": "iam:DeleteRole",
            "Resource": "arn:aws:iam::*:role/kept/*",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        aws.client("organizations").attach_policy(
            PolicyId=make_policy("keep", content=document), TargetId=APP
        )
        admin = aws.assume("iam", APP, "Admin")
        trust = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
            }
        )
        for name, path in (("one", "/kept/"), ("two", "/other/")):
            admin.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)
        assert refused(admin.delete_role, RoleName="one")[0] == "AccessDenied"
        admin.delete_role(RoleName="two")


class TestMemberAccounts:
    def test_reads_the_organization_through_the_readers_role(self, aws, refused):
        reader = aws.assume("organizations", "111111111111", ORGANIZATION_READER_ROLE)
        assert len(reader.list_accounts()["Accounts"]) == 6
        code, _ = refused(reader.detach_policy, PolicyId="p-FullAWSAccess", TargetId=APP)
        assert code == "AccessDeniedException"

    def test_refuses_a_member_everything_but_what_any_account_may_call(self, aws, refused):
        member = aws.assume("organizations", APP, "Admin")
        assert member.describe_organization()["Organization"]["Id"] == "o-tiny000001"
        kind = {"PolicyType": "TAG_POLICY"}
        member.describe_effective_policy(**kind)
        code, _ = refused(member.describe_effective_policy, TargetId="222222222222", **kind)
        assert code == "AccessDeniedException"
        for call in (member.list_roots, member.list_accounts):
            code, _ = refused(call)
            assert code == "AccessDeniedException"

    def test_lets_a_delegated_administrator_read_but_not_write(self, aws, refused):
        delegated = aws.worker("organizations")
        assert len(delegated.list_accounts()["Accounts"]) == 6
        code, _ = refused(delegated.attach_policy, PolicyId="p-FullAWSAccess", TargetId=APP)
        assert code == "AccessDeniedException"

    def test_lets_a_member_do_what_the_resource_policy_allows(self, aws, refused):
        writer = aws.client("organizations", key="AKIAPOLICYWRITER0001")
        writer.list_policies(Filter="SERVICE_CONTROL_POLICY")
        made = {"Description": "", "Content": '{"plans":{"x":{}}}'}
        writer.create_policy(Name="mine", Type="BACKUP_POLICY", **made)
        code, _ = refused(writer.create_policy, Name="not mine", Type="S3_POLICY", **made)
        assert code == "AccessDeniedException"
        code, _ = refused(writer.list_accounts)
        assert code == "AccessDeniedException"
        aws.client("organizations").delete_resource_policy()
        code, _ = refused(writer.list_policies, Filter="SERVICE_CONTROL_POLICY")
        assert code == "AccessDeniedException"


class TestDelegation:
    def test_registers_only_active_members_for_services_with_access(self, aws, refused):
        organizations = aws.client("organizations")
        register = organizations.register_delegated_administrator
        sso = "sso.amazonaws.com"
        assert refused(register, AccountId="111111111111", ServicePrincipal=sso) == (
            "ConstraintViolationException",
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
        )
        assert refused(register, AccountId="555555555555", ServicePrincipal=sso) == (
            "ConstraintViolationException",
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
        )
        assert refused(register, AccountId=APP, ServicePrincipal="x.amazonaws.com") == (
            "ConstraintViolationException",
            "SERVICE_ACCESS_NOT_ENABLED",
        )
        register(AccountId=APP, ServicePrincipal=sso)
        code, _ = refused(register, AccountId=APP, ServicePrincipal=sso)
        assert code == "AccountAlreadyRegisteredException"
        found = organizations.list_delegated_services_for_account(AccountId=APP)
        assert [each["ServicePrincipal"] for each in found["DelegatedServices"]] == [sso]

    def test_says_who_is_not_registered_and_when_there_is_no_policy(self, aws, refused):
        organizations = aws.client("organizations")
        code, _ = refused(organizations.list_delegated_services_for_account, AccountId=APP)
        assert code == "AccountNotRegisteredException"
        organizations.delete_resource_policy()
        code, _ = refused(organizations.describe_resource_policy)
        assert code == "ResourcePolicyNotFoundException"
        assert refused(organizations.put_resource_policy, Content="{") == (
            "InvalidInputException",
            "INVALID_RESOURCE_POLICY_JSON",
        )
