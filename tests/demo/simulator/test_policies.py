"""Policies and attachments, refused as the Organizations API reference says."""

import json

import pytest

pytestmark = pytest.mark.simulator

ROOT = "r-tiny"
APP = "333333333333"
DENY = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}


def document(*statements, **members):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | members)


class TestDocuments:
    @pytest.mark.parametrize(
        "content",
        [
            "{",
            "[]",
            '{"Version":"2012-10-17"}',
            document(DENY, Version="2020-01-01"),
            document(DENY | {"Effect": "deny"}),
            document(DENY | {"Principal": "*"}),
            document({"Effect": "Deny", "Resource": "*"}),
            document(DENY | {"NotAction": "s3:*"}),
            document(DENY | {"Action": "s3"}),
            document(DENY | {"Resource": "bucket"}),
            document(DENY | {"Condition": {"StringEqual": {"aws:RequestedRegion": "x"}}}),
            document(DENY | {"Sid": "A"}, DENY | {"Sid": "A"}),
            '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow",'
            '"Action":"*","Resource":"*"}]}',
        ],
    )
    def test_refuses_a_malformed_service_control_policy(self, organizations, refused, content):
        code, _ = refused(
            organizations.create_policy,
            Name="x",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content=content,
        )
        assert code == "MalformedPolicyDocumentException"

    @pytest.mark.parametrize(
        "statement",
        [
            DENY,
            DENY | {"Principal": "*", "Effect": "Allow"},
            DENY | {"Principal": {"AWS": "*"}},
            DENY | {"Principal": "*", "Action": "*"},
        ],
    )
    def test_refuses_a_malformed_resource_control_policy(self, organizations, refused, statement):
        code, _ = refused(
            organizations.create_policy,
            Name="x",
            Description="",
            Type="RESOURCE_CONTROL_POLICY",
            Content=document(statement),
        )
        assert code == "MalformedPolicyDocumentException"

    def test_takes_the_full_language_in_service_control_policies(self, make_policy):
        assert make_policy(
            "full",
            content=document(
                {
                    "Effect": "Allow",
                    "NotAction": ["iam:*User", "s3:Get*Acl"],
                    "NotResource": "arn:aws:s3:::x/*",
                    "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "a*"}},
                }
            ),
        ).startswith("p-")

    def test_counts_every_character_whitespace_too(self, organizations, refused, make_policy):
        text = document(DENY)
        make_policy("longest", content=text + " " * (10_240 - len(text)))
        assert refused(
            organizations.create_policy,
            Name="longer",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content=text + " " * (10_241 - len(text)),
        ) == ("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")

    def test_refuses_a_management_policy_of_another_type(self, organizations, refused):
        code, _ = refused(
            organizations.create_policy,
            Name="x",
            Description="",
            Type="BACKUP_POLICY",
            Content='{"tags":{}}',
        )
        assert code == "MalformedPolicyDocumentException"

    @pytest.mark.parametrize(
        "kind",
        [
            *("TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY", "CHATBOT_POLICY"),
            *("DECLARATIVE_POLICY_EC2", "SECURITYHUB_POLICY", "SECURITYHUB_CSPM_POLICY"),
            *("INSPECTOR_POLICY", "UPGRADE_ROLLOUT_POLICY", "BEDROCK_POLICY", "S3_POLICY"),
            *("NETWORK_SECURITY_DIRECTOR_POLICY", "GUARDDUTY_POLICY"),
        ],
    )
    def test_knows_every_management_policy_type(self, organizations, kind):
        tops = {
            "TAG_POLICY": "tags",
            "BACKUP_POLICY": "plans",
            "AISERVICES_OPT_OUT_POLICY": "services",
            "CHATBOT_POLICY": "chatbots",
            "DECLARATIVE_POLICY_EC2": "ec2_attributes",
            "SECURITYHUB_POLICY": "securityhub",
            "INSPECTOR_POLICY": "inspector",
            "UPGRADE_ROLLOUT_POLICY": "upgrade_rollout",
            "BEDROCK_POLICY": "bedrock",
            "S3_POLICY": "s3_attributes",
        }
        content = json.dumps({tops.get(kind, "settings"): {"x": {"@@assign": "1"}}})
        made = organizations.create_policy(Name="x", Description="", Type=kind, Content=content)[
            "Policy"
        ]["PolicySummary"]
        if kind != "TAG_POLICY":
            organizations.enable_policy_type(RootId=ROOT, PolicyType=kind)
        organizations.attach_policy(PolicyId=made["Id"], TargetId=APP)
        assert organizations.list_policies_for_target(TargetId=APP, Filter=kind)["Policies"] == [
            made
        ]

    def test_refuses_an_unknown_type(self, organizations, refused):
        assert refused(organizations.list_policies, Filter="NO_POLICY") == (
            "InvalidInputException",
            "INVALID_ENUM_POLICY_TYPE",
        )


class TestNames:
    def test_refuses_a_second_policy_of_one_name(self, organizations, refused, make_policy):
        make_policy("one")
        other = make_policy("other")
        code, _ = refused(
            organizations.create_policy,
            Name="one",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content=document(DENY),
        )
        assert code == "DuplicatePolicyException"
        code, _ = refused(organizations.update_policy, PolicyId=other, Name="one")
        assert code == "DuplicatePolicyException"


class TestAttachments:
    def test_refuses_to_attach_twice(self, organizations, refused, make_policy):
        policy = make_policy("one")
        organizations.attach_policy(PolicyId=policy, TargetId=APP)
        code, _ = refused(organizations.attach_policy, PolicyId=policy, TargetId=APP)
        assert code == "DuplicatePolicyAttachmentException"

    def test_refuses_the_eleventh_service_control_policy(self, organizations, refused, make_policy):
        for number in range(9):
            organizations.attach_policy(PolicyId=make_policy(f"p{number}"), TargetId=APP)
        assert refused(organizations.attach_policy, PolicyId=make_policy("p9"), TargetId=APP) == (
            "ConstraintViolationException",
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        )

    def test_keeps_the_last_service_control_policy(self, organizations, refused, make_policy):
        assert refused(organizations.detach_policy, PolicyId="p-FullAWSAccess", TargetId=APP) == (
            "ConstraintViolationException",
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        )
        organizations.attach_policy(PolicyId=make_policy("one"), TargetId=APP)
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=APP)
        left = organizations.list_policies_for_target(TargetId=APP, Filter="SERVICE_CONTROL_POLICY")
        assert [policy["Name"] for policy in left["Policies"]] == ["one"]

    def test_never_detaches_the_default_resource_control_policy(self, organizations, refused):
        assert refused(
            organizations.detach_policy, PolicyId="p-RCPFullAWSAccess", TargetId=APP
        ) == ("InvalidInputException", "NON_DETACHABLE_POLICY")

    def test_refuses_to_detach_what_is_not_attached(self, organizations, refused, make_policy):
        code, _ = refused(organizations.detach_policy, PolicyId=make_policy("one"), TargetId=APP)
        assert code == "PolicyNotAttachedException"

    def test_refuses_unknown_policies_and_targets(self, organizations, refused, make_policy):
        code, _ = refused(organizations.attach_policy, PolicyId="p-00000000", TargetId=APP)
        assert code == "PolicyNotFoundException"
        code, _ = refused(
            organizations.attach_policy, PolicyId=make_policy("one"), TargetId="999999999999"
        )
        assert code == "TargetNotFoundException"
        assert refused(organizations.attach_policy, PolicyId="p-00000000", TargetId="nonsense") == (
            "InvalidInputException",
            "INVALID_PATTERN_TARGET_ID",
        )

    def test_refuses_a_type_that_is_not_enabled(self, organizations, refused, make_policy):
        policy = make_policy("b", kind="BACKUP_POLICY", content='{"plans":{"x":{}}}')
        code, _ = refused(organizations.attach_policy, PolicyId=policy, TargetId=APP)
        assert code == "PolicyTypeNotEnabledException"

    def test_pages_the_targets_of_a_policy(self, organizations):
        for number in range(20):
            organizations.create_organizational_unit(ParentId=ROOT, Name=f"U{number}")
        first = organizations.list_targets_for_policy(PolicyId="p-FullAWSAccess")
        assert len(first["Targets"]) == 20
        assert "NextToken" in first


class TestManagedByAws:
    def test_refuses_to_change_full_access(self, organizations, refused):
        for operation in (organizations.update_policy, organizations.delete_policy):
            assert refused(operation, PolicyId="p-FullAWSAccess") == (
                "InvalidInputException",
                "IMMUTABLE_POLICY",
            )

    def test_refuses_to_delete_a_policy_in_use(self, organizations, refused, make_policy):
        policy = make_policy("one")
        organizations.attach_policy(PolicyId=policy, TargetId=ROOT)
        code, _ = refused(organizations.delete_policy, PolicyId=policy)
        assert code == "PolicyInUseException"
        organizations.detach_policy(PolicyId=policy, TargetId=ROOT)
        organizations.delete_policy(PolicyId=policy)
        code, _ = refused(organizations.describe_policy, PolicyId=policy)
        assert code == "PolicyNotFoundException"


class TestTypes:
    def test_disabling_a_type_detaches_all_and_enabling_attaches_full_access(
        self, organizations, refused
    ):
        of_type = {"RootId": ROOT, "PolicyType": "SERVICE_CONTROL_POLICY"}
        code, _ = refused(organizations.enable_policy_type, **of_type)
        assert code == "PolicyTypeAlreadyEnabledException"
        organizations.disable_policy_type(**of_type)
        listed = {"TargetId": ROOT, "Filter": "SERVICE_CONTROL_POLICY"}
        assert organizations.list_policies_for_target(**listed)["Policies"] == []
        code, _ = refused(organizations.disable_policy_type, **of_type)
        assert code == "PolicyTypeNotEnabledException"
        organizations.enable_policy_type(**of_type)
        names = [
            each["Name"] for each in organizations.list_policies_for_target(**listed)["Policies"]
        ]
        assert names == ["FullAWSAccess"]


class TestEffectivePolicies:
    def test_merges_down_the_tree(self, organizations):
        def tags_of(target_id):
            found = organizations.describe_effective_policy(
                PolicyType="TAG_POLICY", TargetId=target_id
            )["EffectivePolicy"]
            return json.loads(found["PolicyContent"])["tags"]["cost"]

        assert tags_of("444444444444") == {"tag_key": "Cost", "tag_value": ["1", "2"]}
        assert tags_of(APP) == {"tag_key": "Cost", "tag_value": ["1", "2", "3"]}

    def test_keeps_children_from_what_a_parent_forbids(self, organizations, make_policy):
        locked = {
            "services": {
                "@@operators_allowed_for_child_policies": ["@@none"],
                "default": {"opt_out_policy": {"@@assign": "optOut"}},
            }
        }
        loose = {"services": {"default": {"opt_out_policy": {"@@assign": "optIn"}}}}
        kind = "AISERVICES_OPT_OUT_POLICY"
        organizations.enable_policy_type(RootId=ROOT, PolicyType=kind)
        for content, target_id in ((locked, ROOT), (loose, APP)):
            policy = make_policy(target_id, kind=kind, content=json.dumps(content))
            organizations.attach_policy(PolicyId=policy, TargetId=target_id)
        found = organizations.describe_effective_policy(PolicyType=kind, TargetId=APP)
        assert json.loads(found["EffectivePolicy"]["PolicyContent"]) == {
            "services": {"default": {"opt_out_policy": "optOut"}}
        }

    def test_says_when_there_is_none(self, organizations, refused):
        code, _ = refused(
            organizations.describe_effective_policy, PolicyType="S3_POLICY", TargetId=APP
        )
        assert code == "EffectivePolicyNotFoundException"
        assert refused(
            organizations.describe_effective_policy,
            PolicyType="SERVICE_CONTROL_POLICY",
            TargetId=APP,
        ) == ("InvalidInputException", "INVALID_ENUM")
