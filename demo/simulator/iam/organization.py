"""What IAM answers about the whole organization, and about access between accounts.

moto has none of it.
"""

from typing import Any

from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.state import Organization

_SERVICE = "iam.amazonaws.com"


def answer_for_organization(
    call: Call, caller: Caller, organization: Organization
) -> dict[str, Any] | None:
    """Return the answer; None: it is another operation.

    :raises AwsError: what IAM refuses.
    """
    match call.operation:
        case "ListOrganizationsFeatures":
            return _features(caller, organization)
        case "GetOutboundWebIdentityFederationInfo":
            return _outbound_federation(caller, organization)
        case "ListDelegationRequests":
            # Nobody asks for access to simulated accounts.
            return {"DelegationRequests": [], "isTruncated": False}
    return None


def _features(caller: Caller, organization: Organization) -> dict[str, Any]:
    delegated = organization.delegated.get(caller.account_id, {})
    if caller.account_id != organization.management_account_id and _SERVICE not in delegated:
        raise AwsError(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The request was rejected because the account making the request is not the management "
            "account or delegated administrator account for centralized root access.",
        )
    if _SERVICE not in organization.trusted_services:
        raise AwsError(
            "ServiceAccessNotEnabledException",
            "The request was rejected because trusted access is not enabled for IAM.",
        )
    return {
        "OrganizationId": organization.organization_id,
        "EnabledFeatures": organization.root_access_features,
    }


def _outbound_federation(caller: Caller, organization: Organization) -> dict[str, Any]:
    issuer = organization.token_issuers.get(caller.account_id)
    if issuer is None:
        raise AwsError(
            "FeatureDisabled",
            "Outbound Web Identity Federation is not enabled for this account.",
            status=404,
        )
    return {"IssuerIdentifier": issuer, "JwtVendingEnabled": True}
