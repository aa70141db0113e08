"""The organization's policies, by policy."""

import itertools

import pytest

from inventory.aws.errors import (
    AwsInconsistent,
    AwsMalformed,
    AwsReadDenied,
    AwsThrottled,
    AwsUnsupported,
)
from inventory.collectors.organization_policies import COLLECTORS, collect_policies
from inventory.collectors.organization_tags import collect_tags
from inventory.policy_types import POLICY_TYPES
from inventory.records import PolicyAttachmentRecord, PolicyRecord, TagsRecord

SCP = "SERVICE_CONTROL_POLICY"
TEXT = '{"Version": "2012-10-17",\n  "Statement": []}'


def summary(policy_id, **values):
    return {
        "Id": policy_id,
        "Arn": f"arn:{policy_id}",
        "Name": "deny-leaving",
        "Description": "Nobody leaves.",
        "Type": SCP,
        "AwsManaged": False,
    } | values


def answer_policy(aws, policy_id, *targets):
    aws.answers(
        "describe_policy",
        {"Policy": {"PolicySummary": summary(policy_id), "Content": TEXT}},
        PolicyId=policy_id,
    )
    aws.answers(
        "list_targets_for_policy",
        {"Targets": [{"TargetId": target, "Type": kind} for target, kind in targets]},
        PolicyId=policy_id,
    )


def collect(aws):
    return collect_policies(aws.client, policy_type=SCP)


class TestCollectPolicies:
    def test_yields_the_policy_to_the_letter_and_its_targets(self, organizations):
        organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]}, Filter=SCP)
        answer_policy(organizations, "p-aaaaaaaa", ("r-ab12", "ROOT"), ("222222222222", "ACCOUNT"))
        assert list(collect(organizations)) == [
            PolicyRecord(
                policy_id="p-aaaaaaaa",
                arn="arn:p-aaaaaaaa",
                name="deny-leaving",
                description="Nobody leaves.",
                type=SCP,
                aws_managed=False,
                content=TEXT,
            ),
            PolicyAttachmentRecord("p-aaaaaaaa", "r-ab12", "ROOT"),
            PolicyAttachmentRecord("p-aaaaaaaa", "222222222222", "ACCOUNT"),
        ]

    def test_reads_the_text_of_aws_own_policies_too(self, organizations):
        organizations.answers(
            "list_policies",
            {"Policies": [summary("p-FullAWSAccess", AwsManaged=True)]},
            Filter=SCP,
        )
        answer_policy(organizations, "p-FullAWSAccess")
        [record] = collect(organizations)
        assert isinstance(record, PolicyRecord)
        assert (record.aws_managed, record.content) == (True, TEXT)

    def test_reads_all_pages_of_policies_and_targets(self, organizations):
        organizations.answers(
            "list_policies",
            {"Policies": [summary("p-aaaaaaaa")], "NextToken": "a"},
            Filter=SCP,
        )
        organizations.answers(
            "describe_policy", {"Policy": {"Content": TEXT}}, PolicyId="p-aaaaaaaa"
        )
        organizations.answers(
            "list_targets_for_policy",
            {"Targets": [{"TargetId": "r-ab12", "Type": "ROOT"}], "NextToken": "b"},
            PolicyId="p-aaaaaaaa",
        )
        organizations.answers(
            "list_targets_for_policy",
            {"Targets": [{"TargetId": "222222222222", "Type": "ACCOUNT"}]},
            PolicyId="p-aaaaaaaa",
            NextToken="b",
        )
        organizations.answers("list_policies", {"Policies": []}, Filter=SCP, NextToken="a")
        assert len(list(collect(organizations))) == 3

    def test_leaves_out_a_policy_that_a_second_listing_lacks(self, organizations):
        organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]})
        organizations.refuses("describe_policy", "PolicyNotFoundException")
        organizations.answers("list_policies", {"Policies": []})
        assert list(collect(organizations)) == []

    def test_reads_a_policy_once_more_that_is_listed_again(self, organizations):
        organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]})
        organizations.answers("describe_policy", {"Policy": {"Content": TEXT}})
        organizations.refuses("list_targets_for_policy", "PolicyNotFoundException")
        organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]})
        answer_policy(organizations, "p-aaaaaaaa", ("r-ab12", "ROOT"))
        assert len(list(collect(organizations))) == 2

    def test_raises_after_all_others_when_a_policy_is_listed_and_not_found(self, organizations):
        listed = {"Policies": [summary("p-aaaaaaaa"), summary("p-bbbbbbbb")]}
        organizations.answers("list_policies", listed)
        organizations.refuses("describe_policy", "PolicyNotFoundException")
        answer_policy(organizations, "p-bbbbbbbb")
        organizations.answers("list_policies", listed)
        organizations.refuses("describe_policy", "PolicyNotFoundException")
        found = collect(organizations)
        assert [each.policy_id for each in itertools.islice(found, 1)] == ["p-bbbbbbbb"]
        with pytest.raises(AwsInconsistent, match="AWS lists p-aaaaaaaa and answers"):
            next(found)

    def test_never_takes_a_policy_of_aws_own_for_deleted(self, organizations):
        listed = {"Policies": [summary("p-FullAWSAccess", AwsManaged=True)]}
        organizations.answers("list_policies", listed)
        organizations.refuses("describe_policy", "PolicyNotFoundException")
        organizations.answers("list_policies", {"Policies": []})
        with pytest.raises(AwsInconsistent, match="p-FullAWSAccess"):
            list(collect(organizations))

    def test_raises_when_aws_does_not_know_the_type(self, organizations):
        organizations.refuses(
            "list_policies",
            "InvalidInputException",
            modeled_fields={"Reason": "INVALID_ENUM_POLICY_TYPE"},
        )
        with pytest.raises(AwsUnsupported):
            list(collect(organizations))

    @pytest.mark.parametrize("operation", ["list_policies", "describe_policy"])
    def test_raises_when_denied(self, organizations, operation):
        if operation == "describe_policy":
            organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]})
        organizations.refuses(operation)
        with pytest.raises(AwsReadDenied):
            list(collect(organizations))

    def test_raises_when_the_targets_are_throttled(self, organizations):
        organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]})
        organizations.answers("describe_policy", {"Policy": {"Content": TEXT}})
        organizations.throttles("list_targets_for_policy", 8)
        with pytest.raises(AwsThrottled, match="ListTargetsForPolicy"):
            list(collect(organizations))

    def test_names_the_field_that_is_missing(self, organizations):
        organizations.answers("list_policies", {"Policies": [summary("p-aaaaaaaa")]})
        organizations.answers("describe_policy", {"Policy": {}})
        with pytest.raises(AwsMalformed, match=r"Policy\.Content is missing"):
            list(collect(organizations))

    def test_is_one_collector_for_each_of_the_fifteen_types(self):
        assert [each.name for each in COLLECTORS] == [
            f"organizations.policies.{policy_type.name}" for policy_type in POLICY_TYPES
        ]
        assert len(COLLECTORS) == 15


class TestCollectTags:
    def resource(self, arn, **tags):
        return {
            "ResourceARN": arn,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }

    def test_yields_tags_by_the_id_at_the_end_of_the_arn(self, tagging):
        tagging.answers(
            "get_resources",
            {
                "ResourceTagMappingList": [
                    self.resource(
                        "arn:aws:organizations::111111111111:account/o-a/222222222222",
                        owner="payments",
                    )
                ],
                "PaginationToken": "a",
            },
        )
        tagging.answers(
            "get_resources",
            {
                "ResourceTagMappingList": [
                    self.resource("arn:aws:organizations::111111111111:ou/o-a/ou-ab12-aaaaaaaa")
                ],
                "PaginationToken": "",
            },
        )
        assert list(collect_tags(tagging.client)) == [
            TagsRecord("222222222222", {"owner": "payments"}),
            TagsRecord("ou-ab12-aaaaaaaa", {}),
        ]
        assert tagging.log.calls == {"tag:GetResources": 2}

    def test_raises_when_denied(self, tagging):
        tagging.refuses("get_resources")
        with pytest.raises(AwsReadDenied, match="tag:GetResources"):
            list(collect_tags(tagging.client))

    def test_raises_when_throttled(self, tagging):
        tagging.throttles("get_resources", 8, "ThrottledException")
        with pytest.raises(AwsThrottled):
            list(collect_tags(tagging.client))

    def test_names_the_field_that_is_missing(self, tagging):
        tagging.answers("get_resources", {"ResourceTagMappingList": [{"ResourceARN": "arn:a/b"}]})
        with pytest.raises(AwsMalformed, match=r"ResourceTagMappingList\[\]\.Tags is missing"):
            list(collect_tags(tagging.client))
