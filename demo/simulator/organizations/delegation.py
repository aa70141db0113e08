"""Delegated administrators, trusted services and the organization's resource policy."""

import json

from demo.simulator.errors import AwsError, constraint, invalid_input
from demo.simulator.organizations import descriptions as describe
from demo.simulator.organizations.request import Members, Operation, Request


def list_delegated_administrators(request: Request) -> Members:
    organization = request.organization
    service = request.given.get("ServicePrincipal")

    def described(account_id: str) -> Members:
        account = describe.describe_account(organization, organization.accounts[account_id])
        del account["Paths"]
        since = min(organization.delegated[account_id].values())
        return account | {"DelegationEnabledDate": since}

    found = [
        account_id
        for account_id, services in organization.delegated.items()
        if not service or service in services
    ]
    return describe.page(
        request.operation, request.given, "DelegatedAdministrators", found, described
    )


def list_delegated_services(request: Request) -> Members:
    organization = request.organization
    account = describe.find_account(organization, request.given["AccountId"])
    if account.account_id not in organization.delegated:
        raise _not_registered()
    return describe.page(
        request.operation,
        request.given,
        "DelegatedServices",
        list(organization.delegated[account.account_id].items()),
        lambda each: {"ServicePrincipal": each[0], "DelegationEnabledDate": each[1]},
    )


def register_delegated_administrator(request: Request) -> Members:
    organization, service = request.organization, request.given["ServicePrincipal"]
    account = describe.find_account(organization, request.given["AccountId"])
    if account.account_id == organization.management_account_id:
        raise constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You attempted to register the management account as a delegated administrator.",
        )
    if account.state != "ACTIVE":
        raise constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        )
    if service not in organization.trusted_services:
        raise constraint(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You attempted to register a delegated administrator before you enabled service "
            "access.",
        )
    services = organization.delegated.setdefault(account.account_id, {})
    if service in services:
        raise AwsError(
            "AccountAlreadyRegisteredException",
            "The specified account is already a delegated administrator for this AWS service.",
        )
    services[service] = request.at
    return {}


def deregister_delegated_administrator(request: Request) -> Members:
    organization = request.organization
    account = describe.find_account(organization, request.given["AccountId"])
    services = organization.delegated.get(account.account_id, {})
    if request.given["ServicePrincipal"] not in services:
        raise _not_registered()
    del services[request.given["ServicePrincipal"]]
    if not services:
        del organization.delegated[account.account_id]
    return {}


def _not_registered() -> AwsError:
    return AwsError(
        "AccountNotRegisteredException",
        "The specified account is not a delegated administrator for this AWS service.",
    )


def list_service_access(request: Request) -> Members:
    return describe.page(
        request.operation,
        request.given,
        "EnabledServicePrincipals",
        list(request.organization.trusted_services.items()),
        lambda each: {"ServicePrincipal": each[0], "DateEnabled": each[1]},
    )


def enable_service_access(request: Request) -> Members:
    service = request.given["ServicePrincipal"]
    if not service.endswith(".amazonaws.com"):
        raise invalid_input(
            "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."
        )
    request.organization.trusted_services.setdefault(service, request.at)
    return {}


def disable_service_access(request: Request) -> Members:
    request.organization.trusted_services.pop(request.given["ServicePrincipal"], None)
    return {}


def describe_resource_policy(request: Request) -> Members:
    if not request.organization.resource_policy:
        raise AwsError(
            "ResourcePolicyNotFoundException",
            "We can't find a resource policy request with the parameter that you specified.",
        )
    return {"ResourcePolicy": _resource_policy(request)}


def put_resource_policy(request: Request) -> Members:
    try:
        document = json.loads(request.given["Content"])
        statements = document["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise invalid_input(
            "INVALID_RESOURCE_POLICY_JSON", "You provided an invalid resource policy."
        ) from error
    for statement in [statements] if isinstance(statements, dict) else statements:
        if not isinstance(statement, dict) or not statement.get("Principal"):
            raise invalid_input("INVALID_PRINCIPAL", "You specified an invalid principal.")
        actions = statement.get("Action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            if not action.lower().startswith("organizations:"):
                raise invalid_input(
                    "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
                    "You specified an action that isn't supported in a resource policy.",
                )
    request.organization.resource_policy = request.given["Content"]
    return {"ResourcePolicy": _resource_policy(request)}


def delete_resource_policy(request: Request) -> Members:
    describe_resource_policy(request)
    request.organization.resource_policy = ""
    return {}


def _resource_policy(request: Request) -> Members:
    organization = request.organization
    policy_id = f"rp-{organization.organization_id.removeprefix('o-')[:8]}"
    return {
        "ResourcePolicySummary": {
            "Id": policy_id,
            "Arn": describe.arn(organization, "resourcepolicy", policy_id),
        },
        "Content": organization.resource_policy,
    }


def list_inbound_transfers(request: Request) -> Members:
    return _transfers(request, "Target")


def list_outbound_transfers(request: Request) -> Members:
    return _transfers(request, "Source")


def _transfers(request: Request, ours: str) -> Members:
    """Return the transfers in which the management account is on the side `ours`."""
    management = request.organization.management_account_id
    found = [
        each
        for each in request.organization.responsibility_transfers
        if each[ours]["ManagementAccountId"] == management
    ]
    return describe.page(
        request.operation, request.given, "ResponsibilityTransfers", found, lambda each: each
    )


OPERATIONS: dict[str, Operation] = {
    "ListInboundResponsibilityTransfers": list_inbound_transfers,
    "ListOutboundResponsibilityTransfers": list_outbound_transfers,
    "ListDelegatedAdministrators": list_delegated_administrators,
    "ListDelegatedServicesForAccount": list_delegated_services,
    "RegisterDelegatedAdministrator": register_delegated_administrator,
    "DeregisterDelegatedAdministrator": deregister_delegated_administrator,
    "ListAWSServiceAccessForOrganization": list_service_access,
    "EnableAWSServiceAccess": enable_service_access,
    "DisableAWSServiceAccess": disable_service_access,
    "DescribeResourcePolicy": describe_resource_policy,
    "PutResourcePolicy": put_resource_policy,
    "DeleteResourcePolicy": delete_resource_policy,
}
