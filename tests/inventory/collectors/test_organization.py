"""The organization, what it delegates and trusts, its resource policy."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsInconsistent, AwsMalformed, AwsReadDenied, AwsThrottled
from inventory.collectors.organization import (
    collect_delegated_administrators,
    collect_organization,
    collect_resource_policy,
    collect_trusted_services,
)
from inventory.records import (
    DelegatedAdministratorRecord,
    OrganizationRecord,
    OrganizationResourcePolicyRecord,
    TrustedServiceRecord,
)

SINCE = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
ORGANIZATION = {
    "Id": "o-exampleorg1",
    "Arn": "arn:aws:organizations::111111111111:organization/o-exampleorg1",
    "FeatureSet": "ALL",
    "MasterAccountId": "111111111111",
    "MasterAccountArn": "arn:aws:organizations::111111111111:account/o-exampleorg1/111111111111",
    "MasterAccountEmail": "management@example.org",
}


class TestCollectOrganization:
    def test_yields_the_organization(self, organizations):
        organizations.answers("describe_organization", {"Organization": ORGANIZATION})
        [record] = collect_organization(organizations.client)
        assert record == OrganizationRecord(*ORGANIZATION.values())

    def test_raises_when_denied(self, organizations):
        organizations.refuses("describe_organization")
        with pytest.raises(AwsReadDenied, match="organizations:DescribeOrganization"):
            list(collect_organization(organizations.client))

    def test_says_so_when_the_account_is_in_no_organization(self, organizations):
        organizations.refuses("describe_organization", "AWSOrganizationsNotInUseException")
        with pytest.raises(Exception, match="account 222222222222 is in no organization"):
            list(collect_organization(organizations.client))

    def test_names_the_field_that_is_missing(self, organizations):
        given = {name: value for name, value in ORGANIZATION.items() if name != "FeatureSet"}
        organizations.answers("describe_organization", {"Organization": given})
        with pytest.raises(AwsMalformed, match=r"Organization\.FeatureSet is missing"):
            list(collect_organization(organizations.client))


class TestCollectDelegatedAdministrators:
    def test_yields_each_service_of_each_account_over_pages(self, organizations):
        organizations.answers(
            "list_delegated_administrators",
            {"DelegatedAdministrators": [{"Id": "222222222222"}], "NextToken": "a"},
        )
        organizations.answers(
            "list_delegated_services_for_account",
            {
                "DelegatedServices": [
                    {"ServicePrincipal": "config.amazonaws.com", "DelegationEnabledDate": SINCE},
                    {"ServicePrincipal": "guardduty.amazonaws.com"},
                ]
            },
            AccountId="222222222222",
        )
        organizations.answers(
            "list_delegated_administrators", {"DelegatedAdministrators": []}, NextToken="a"
        )
        assert list(collect_delegated_administrators(organizations.client)) == [
            DelegatedAdministratorRecord("222222222222", "config.amazonaws.com", SINCE),
            DelegatedAdministratorRecord("222222222222", "guardduty.amazonaws.com", None),
        ]

    def test_raises_when_an_administrator_is_listed_again_and_not_found(self, organizations):
        for _ in range(2):
            organizations.answers(
                "list_delegated_administrators",
                {"DelegatedAdministrators": [{"Id": "222222222222"}]},
            )
            organizations.refuses(
                "list_delegated_services_for_account", "AccountNotRegisteredException"
            )
        with pytest.raises(AwsInconsistent, match="AWS lists 222222222222"):
            list(collect_delegated_administrators(organizations.client))

    def test_passes_over_an_account_that_was_deregistered_meanwhile(self, organizations):
        organizations.answers(
            "list_delegated_administrators", {"DelegatedAdministrators": [{"Id": "222222222222"}]}
        )
        organizations.refuses(
            "list_delegated_services_for_account", "AccountNotRegisteredException"
        )
        organizations.answers("list_delegated_administrators", {"DelegatedAdministrators": []})
        assert list(collect_delegated_administrators(organizations.client)) == []

    def test_raises_when_one_account_cannot_be_read(self, organizations):
        organizations.answers(
            "list_delegated_administrators", {"DelegatedAdministrators": [{"Id": "222222222222"}]}
        )
        organizations.refuses("list_delegated_services_for_account")
        with pytest.raises(AwsReadDenied, match="ListDelegatedServicesForAccount"):
            list(collect_delegated_administrators(organizations.client))


class TestCollectTrustedServices:
    def test_yields_each_service(self, organizations):
        organizations.answers(
            "list_aws_service_access_for_organization",
            {
                "EnabledServicePrincipals": [
                    {"ServicePrincipal": "sso.amazonaws.com", "DateEnabled": SINCE}
                ]
            },
        )
        assert list(collect_trusted_services(organizations.client)) == [
            TrustedServiceRecord("sso.amazonaws.com", SINCE)
        ]

    def test_raises_when_throttled_to_the_end(self, organizations):
        organizations.throttles("list_aws_service_access_for_organization", 8)
        with pytest.raises(AwsThrottled):
            list(collect_trusted_services(organizations.client))


class TestCollectResourcePolicy:
    def test_yields_the_policy_to_the_letter(self, organizations):
        text = '{ "Version":"2012-10-17",\n "Statement": [] }'
        organizations.answers(
            "describe_resource_policy",
            {
                "ResourcePolicy": {
                    "ResourcePolicySummary": {"Id": "rp-exampleid1", "Arn": "arn:aws:…:rp"},
                    "Content": text,
                }
            },
        )
        [record] = collect_resource_policy(organizations.client)
        assert record == OrganizationResourcePolicyRecord("rp-exampleid1", "arn:aws:…:rp", text)

    def test_yields_nothing_when_aws_says_twice_that_there_is_none(self, organizations):
        organizations.refuses("describe_resource_policy", "ResourcePolicyNotFoundException")
        organizations.refuses("describe_resource_policy", "ResourcePolicyNotFoundException")
        assert list(collect_resource_policy(organizations.client)) == []

    def test_yields_the_policy_that_the_second_answer_gives(self, organizations):
        organizations.refuses("describe_resource_policy", "ResourcePolicyNotFoundException")
        organizations.answers(
            "describe_resource_policy",
            {
                "ResourcePolicy": {
                    "ResourcePolicySummary": {"Id": "rp-exampleid1", "Arn": "arn:aws:…:rp"},
                    "Content": "{}",
                }
            },
        )
        assert len(list(collect_resource_policy(organizations.client))) == 1

    def test_raises_when_denied(self, organizations):
        organizations.refuses("describe_resource_policy")
        with pytest.raises(AwsReadDenied):
            list(collect_resource_policy(organizations.client))
