"""The organization itself, what it delegates and trusts, and its resource policy."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.collectors.listed import read_listed
from inventory.records import (
    DelegatedAdministratorRecord,
    OrganizationRecord,
    OrganizationResourcePolicyRecord,
    TrustedServiceRecord,
)


def collect_organization(organizations: AwsClient) -> Iterator[OrganizationRecord]:
    """Yield the organization.

    AWS: organizations:DescribeOrganization.
    """
    organization = organizations.call("describe_organization")["Organization"]
    yield OrganizationRecord(
        organization_id=organization["Id"],
        arn=organization["Arn"],
        feature_set=organization["FeatureSet"],
        management_account_id=organization["MasterAccountId"],
        management_account_arn=organization["MasterAccountArn"],
        management_account_email=organization["MasterAccountEmail"],
    )


def collect_delegated_administrators(
    organizations: AwsClient,
) -> Iterator[DelegatedAdministratorRecord]:
    """Yield each service that an account administers for the organization.

    AWS: organizations:ListDelegatedAdministrators, ListDelegatedServicesForAccount.
    :raises AwsInconsistent: an account is listed as an administrator and not found as one.
    """
    yield from read_listed(
        lambda: organizations.paginate("list_delegated_administrators", "DelegatedAdministrators"),
        lambda account: _delegated_services(organizations, account["Id"]),
        id_of=lambda account: str(account["Id"]),
    )


def _delegated_services(
    organizations: AwsClient, account_id: str
) -> list[DelegatedAdministratorRecord]:
    services = organizations.paginate(
        "list_delegated_services_for_account", "DelegatedServices", AccountId=account_id
    )
    return [
        DelegatedAdministratorRecord(
            account_id=account_id,
            service_principal=service["ServicePrincipal"],
            delegated_at=service.get("DelegationEnabledDate"),
        )
        for service in services
    ]


def collect_trusted_services(organizations: AwsClient) -> Iterator[TrustedServiceRecord]:
    """Yield each service that is trusted in the organization.

    AWS: organizations:ListAWSServiceAccessForOrganization.
    """
    for service in organizations.paginate(
        "list_aws_service_access_for_organization", "EnabledServicePrincipals"
    ):
        yield TrustedServiceRecord(
            service_principal=service["ServicePrincipal"], enabled_at=service.get("DateEnabled")
        )


def collect_resource_policy(
    organizations: AwsClient,
) -> Iterator[OrganizationResourcePolicyRecord]:
    """Yield the organization's resource policy; nothing if AWS says twice that there is none.

    AWS: organizations:DescribeResourcePolicy.
    """
    try:
        policy = organizations.call("describe_resource_policy")["ResourcePolicy"]
    except AwsNotFound:
        try:
            policy = organizations.call("describe_resource_policy")["ResourcePolicy"]
        except AwsNotFound:
            return
    summary = policy["ResourcePolicySummary"]
    yield OrganizationResourcePolicyRecord(
        policy_id=summary["Id"], arn=summary["Arn"], content=policy["Content"]
    )


COLLECTORS = (
    Collector(
        name="organizations.organization",
        label="Organization",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action(
                "organizations:DescribeOrganization",
                "the organization's id, feature set and management account",
            ),
        ),
        read=alone(collect_organization),
        covers=(Slice(OrganizationRecord),),
        essential=True,
        paced=True,
    ),
    Collector(
        name="organizations.delegated_administrators",
        label="Delegated administrators",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action(
                "organizations:ListDelegatedAdministrators",
                "delegated administrators",
                given={"MaxResults": 1},
            ),
            Action(
                "organizations:ListDelegatedServicesForAccount",
                "the services they administer",
                given={"AccountId": "{account_id}"},
            ),
        ),
        read=alone(collect_delegated_administrators),
        covers=(Slice(DelegatedAdministratorRecord),),
        paced=True,
    ),
    Collector(
        name="organizations.trusted_services",
        label="Trusted services",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action(
                "organizations:ListAWSServiceAccessForOrganization",
                "trusted services",
                given={"MaxResults": 1},
            ),
        ),
        read=alone(collect_trusted_services),
        covers=(Slice(TrustedServiceRecord),),
        paced=True,
    ),
    Collector(
        name="organizations.resource_policy",
        label="Resource policy of the organization",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action("organizations:DescribeResourcePolicy", "the organization's resource policy"),
        ),
        read=alone(collect_resource_policy),
        covers=(Slice(OrganizationResourcePolicyRecord),),
        paced=True,
    ),
)
