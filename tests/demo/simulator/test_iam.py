"""What IAM answers: authorization details, the credential report and the small reads."""

import csv
import time

import pytest

from demo.simulator.credentials import AUDIT_ROLE

pytestmark = pytest.mark.simulator

APP = "333333333333"


@pytest.fixture
def iam(aws):
    return aws.assume("iam", APP, AUDIT_ROLE)


class TestAuthorizationDetails:
    def test_gives_everything_that_is_attached(self, iam):
        details = iam.get_account_authorization_details()
        (user,) = details["UserDetailList"]
        boundary = f"arn:aws:iam::{APP}:policy/platform/limits"
        assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
        assert user["GroupList"] == ["people"]
        assert user["Tags"] == [{"Key": "team", "Value": "a"}]
        (group,) = details["GroupDetailList"]
        assert group["AttachedManagedPolicies"] == [
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
        ]
        roles = {role["RoleName"]: role for role in details["RoleDetailList"]}
        bounded = roles["Bounded"]
        assert bounded["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
        assert bounded["RolePolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == (
            "s3:GetObject"
        )
        assert bounded["InstanceProfileList"][0]["InstanceProfileName"] == "Bounded"
        assert bounded["RoleLastUsed"]["Region"] == "eu-central-1"
        assert bounded["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
            "Service": "ec2.amazonaws.com"
        }

    def test_gives_only_the_aws_managed_policies_in_use(self, iam):
        policies = iam.get_account_authorization_details(
            Filter=["LocalManagedPolicy", "AWSManagedPolicy"]
        )["Policies"]
        assert {policy["PolicyName"] for policy in policies} == {
            *("limits", "ReadOnlyAccess", "SecurityAudit", "AdministratorAccess")
        }
        limits = next(policy for policy in policies if policy["PolicyName"] == "limits")
        assert limits["PermissionsBoundaryUsageCount"] == 2
        assert limits["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "*"

    def test_truncates_by_one_hundred_and_goes_on_at_the_marker(self, aws, iam):
        admin = aws.assume("iam", APP, "Admin")
        for number in range(100):
            admin.create_group(GroupName=f"group-{number}")
        first = iam.get_account_authorization_details()
        assert first["IsTruncated"]
        assert len(first["UserDetailList"]) + len(first["GroupDetailList"]) == 100
        rest = iam.get_account_authorization_details(Marker=first["Marker"])
        assert not rest["IsTruncated"]
        assert len(rest["GroupDetailList"]) == 2
        assert len(rest["RoleDetailList"]) == 4

    def test_refuses_a_marker_of_its_own_making_and_a_page_of_thousands(self, iam, refused):
        assert refused(iam.get_account_authorization_details, Marker="nonsense!") == (
            "ValidationError",
            None,
        )
        code, _ = refused(iam.get_account_authorization_details, MaxItems=2000)
        assert code == "ValidationError"

    def test_shows_a_boundary_and_an_aws_policy_set_later(self, aws, iam):
        admin = aws.assume("iam", APP, "Admin")
        admin.create_user(UserName="new")
        admin.attach_user_policy(
            UserName="new", PolicyArn="arn:aws:iam::aws:policy/job-function/Billing"
        )
        admin.put_user_permissions_boundary(
            UserName="new", PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess"
        )
        details = iam.get_account_authorization_details()
        user = next(each for each in details["UserDetailList"] if each["UserName"] == "new")
        assert user["AttachedManagedPolicies"][0]["PolicyName"] == "Billing"
        assert user["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("PowerUserAccess")
        assert {"Billing", "PowerUserAccess"} <= {
            policy["PolicyName"] for policy in details["Policies"]
        }


class TestCredentialReport:
    def test_is_absent_then_in_progress_then_there(self, iam, refused):
        code, _ = refused(iam.get_credential_report)
        assert code == "ReportNotPresent"
        assert iam.generate_credential_report()["State"] == "STARTED"
        code, _ = refused(iam.get_credential_report)
        assert code == "ReportInProgress"
        time.sleep(0.25)
        assert iam.generate_credential_report()["State"] == "COMPLETE"
        report = iam.get_credential_report()["Content"].decode()
        root, anna = csv.DictReader(report.splitlines())
        assert root["user"] == "<root_account>"
        assert root["mfa_active"] == "true"
        assert anna["password_enabled"] == "true"
        assert anna["access_key_1_active"] == "true"
        assert anna["access_key_1_last_used_service"] == "s3"
        assert anna["access_key_2_active"] == "false"


class TestSmallReads:
    def test_answers_the_rest_of_the_audit(self, aws, iam, refused):
        assert iam.get_account_summary()["SummaryMap"]["Roles"] == 4
        assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 12
        assert iam.list_account_aliases()["AccountAliases"] == ["app"]
        (saml,) = iam.list_saml_providers()["SAMLProviderList"]
        assert saml["Arn"] == f"arn:aws:iam::{APP}:saml-provider/sso"
        (oidc,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc["Arn"])
        assert found["ClientIDList"] == ["sts.amazonaws.com"]
        aws.assume("iam", APP, "Admin").delete_account_password_policy()
        code, _ = refused(iam.get_account_password_policy)
        assert code == "NoSuchEntity"


class TestWhatNobodyAnswers:
    def test_answers_in_awss_shape_never_in_html(self, aws, refused):
        admin = aws.assume("iam", APP, "Admin")
        code, _ = refused(admin.get_organizations_access_report, JobId="0" * 36)
        assert code == "InvalidAction"
        code, _ = refused(
            aws.client("organizations").describe_responsibility_transfer, Id="rt-00000000"
        )
        assert code == "UnknownOperationException"
        analyzer = aws.client("accessanalyzer")
        code, _ = refused(analyzer.list_archive_rules, analyzerName="organization")
        assert code == "UnknownOperationException"
        code, _ = refused(aws.client("controltower").list_control_operations)
        assert code == "UnknownOperationException"

    def test_lets_moto_answer_for_the_other_services_in_the_callers_account(self, aws):
        ssm = aws.assume("ssm", APP, "Admin")
        ssm.put_parameter(Name="mode", Value="on", Type="String")
        parameter = ssm.get_parameter(Name="mode")["Parameter"]
        assert parameter["ARN"] == f"arn:aws:ssm:us-east-1:{APP}:parameter/mode"
        s3 = aws.assume("s3", APP, "Admin")
        s3.create_bucket(Bucket="one")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["one"]

    def test_refuses_writes_to_services_whose_lists_it_answers_from_what_was_seeded(
        self, aws, refused
    ):
        code, _ = refused(aws.assume("sns", APP, "Admin").create_topic, Name="alarms")
        assert code == "InvalidAction"
