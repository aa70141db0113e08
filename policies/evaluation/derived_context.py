"""Context keys that a request determines by itself, and that callers need not give.

A key that the caller gives, or declares unknown, is never replaced. Derived are: aws:PrincipalArn,
aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService, aws:PrincipalServiceName,
aws:PrincipalOrgID, aws:PrincipalOrgPaths, aws:username (of IAM users), aws:userid (of root users
and anonymous callers; other ids cannot be known from an ARN), aws:ResourceAccount,
aws:ResourceOrgID, aws:ResourceOrgPaths, kms:CallerAccount and s3:ResourceAccount.

Source: IAM user guide, "AWS global condition context keys"; KMS and S3 developer guides for theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from policies.evaluation.principal import PrincipalKind, RequestPrincipal
from policies.evaluation.request import OrganizationIds
from policies.language.conditions.values import ContextValue

_TYPES: Final = {
    PrincipalKind.ROOT_USER: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


def derived_context(
    principal: RequestPrincipal,
    resource_account_id: str | None,
    organization: OrganizationIds | None,
    principal_path: Sequence[str] | None,
    resource_path: Sequence[str] | None,
) -> dict[str, ContextValue]:
    """Return the keys that follow from who calls, whose the resource is, and the organization.

    `principal_path` and `resource_path`: the target ids from the root down to the account for
    which policies were given, None if the account is in no organization.
    """
    values: dict[str, ContextValue] = {
        "aws:principalisawsservice": (
            "true" if principal.kind is PrincipalKind.SERVICE else "false"
        )
    }
    kind = _TYPES.get(principal.kind)
    if kind is not None:
        values["aws:principaltype"] = kind
    if principal.kind is PrincipalKind.SERVICE:
        values["aws:principalservicename"] = principal.text
    if principal.kind is PrincipalKind.USER:
        values["aws:username"] = principal.name
    if principal.kind is PrincipalKind.ANONYMOUS:
        values["aws:userid"] = "anonymous"
    if principal.kind is PrincipalKind.ROOT_USER and principal.account_id:
        values["aws:userid"] = principal.account_id
    if principal.account_id is not None:
        values["aws:principalarn"] = principal.role_arn or principal.text
        values["aws:principalaccount"] = principal.account_id
        values["kms:calleraccount"] = principal.account_id
    if resource_account_id is not None:
        values["aws:resourceaccount"] = resource_account_id
        values["s3:resourceaccount"] = resource_account_id
    if organization is not None and organization.organization_id is not None:
        same = principal.account_id is not None and principal.account_id == resource_account_id
        here = principal_path if principal_path is not None or not same else resource_path
        there = resource_path if resource_path is not None or not same else principal_path
        values.update(_of_organization("principal", organization, principal.account_id, here))
        values.update(_of_organization("resource", organization, resource_account_id, there))
    return values


def _of_organization(
    whose: str, organization: OrganizationIds, account_id: str | None, path: Sequence[str] | None
) -> dict[str, ContextValue]:
    managed = account_id is not None and account_id == organization.management_account_id
    if account_id is None or organization.organization_id is None or (path is None and not managed):
        return {}
    values: dict[str, ContextValue] = {f"aws:{whose}orgid": organization.organization_id}
    parents = [target for target in path or () if target != account_id]
    if parents and all(target.startswith(("r-", "ou-")) for target in parents):
        joined = "/".join((organization.organization_id, *parents))
        values[f"aws:{whose}orgpaths"] = (joined + "/",)
    return values
