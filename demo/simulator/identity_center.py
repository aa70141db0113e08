"""IAM Identity Center as the organization's management account and its delegate read it.

moto's has one account in it, no regions and no boundaries; here nothing is written, only read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.paging import page

Members = dict[str, Any]
_PRINCIPAL: Final = "sso.amazonaws.com"


@dataclass(slots=True)
class PermissionSet:
    """`boundary`: as sso-admin gives it; empty: none. `customer_policies`: Name and Path."""

    arn: str
    name: str
    description: str
    session_duration: str
    inline_policy: str = ""
    managed_policy_arns: list[str] = field(default_factory=list)
    customer_policies: list[Members] = field(default_factory=list)
    boundary: Members = field(default_factory=dict)


@dataclass(slots=True)
class Assignment:
    """`principal_type`: USER or GROUP."""

    account_id: str
    permission_set_arn: str
    principal_type: str
    principal_id: str


@dataclass(slots=True)
class IdentityCenter:
    """The organization's instance.

    `groups` and `users`: id → members of the answer. `memberships`: group → users.
    """

    instance_arn: str
    identity_store_id: str
    owner_account_id: str
    region: str
    permission_sets: dict[str, PermissionSet] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    groups: dict[str, Members] = field(default_factory=dict)
    users: dict[str, Members] = field(default_factory=dict)
    memberships: dict[str, list[str]] = field(default_factory=dict)


def answer_identity_center(
    call: Call, caller: Caller, center: IdentityCenter | None, *, administrators: frozenset[str]
) -> Members | None:
    """Return the answer to a read; None: it is none that this module knows.

    `administrators`: the management account and those that Identity Center is delegated to.
    :raises AwsError: what AWS refuses, and what is not there.
    """
    sees = center is not None and caller.account_id in administrators
    if call.name == "sso:ListInstances":
        everywhere = call.parameters.get("RegionScope") == "ALL_REGIONS"
        if center is None or not sees or not (everywhere or call.region == center.region):
            return {"Instances": []}
        return {"Instances": [_instance(center)]}
    found = _OPERATIONS.get(call.name)
    if found is None:
        return None
    if center is None or not sees:
        raise AwsError(
            "AccessDeniedException", "You do not have sufficient access to perform this action."
        )
    if call.region != center.region or call.parameters.get("InstanceArn") not in {
        None,
        center.instance_arn,
    }:
        raise _not_there("Instance")
    if call.parameters.get("IdentityStoreId") not in {None, center.identity_store_id}:
        raise _not_there("IdentityStore")
    return found(center, call.parameters)


def _instance(center: IdentityCenter) -> Members:
    return {
        "InstanceArn": center.instance_arn,
        "IdentityStoreId": center.identity_store_id,
        "OwnerAccountId": center.owner_account_id,
        "PrimaryRegion": center.region,
        "Status": "ACTIVE",
    }


def _not_there(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"{what} not found.")


def _set(center: IdentityCenter, given: Members) -> PermissionSet:
    found = center.permission_sets.get(str(given.get("PermissionSetArn")))
    if found is None:
        raise _not_there("PermissionSet")
    return found


def _list_permission_sets(center: IdentityCenter, given: Members) -> Members:
    return page("PermissionSets", list(center.permission_sets), given)


def _describe_permission_set(center: IdentityCenter, given: Members) -> Members:
    found = _set(center, given)
    return {
        "PermissionSet": {
            "Name": found.name,
            "PermissionSetArn": found.arn,
            "Description": found.description,
            "SessionDuration": found.session_duration,
        }
    }


def _inline_policy(center: IdentityCenter, given: Members) -> Members:
    return {"InlinePolicy": _set(center, given).inline_policy}


def _managed_policies(center: IdentityCenter, given: Members) -> Members:
    arns = _set(center, given).managed_policy_arns
    policies = [{"Name": arn.rpartition("/")[2], "Arn": arn} for arn in arns]
    return page("AttachedManagedPolicies", policies, given)


def _customer_policies(center: IdentityCenter, given: Members) -> Members:
    return page("CustomerManagedPolicyReferences", _set(center, given).customer_policies, given)


def _boundary(center: IdentityCenter, given: Members) -> Members:
    boundary = _set(center, given).boundary
    if not boundary:
        raise _not_there("PermissionsBoundary")
    return {"PermissionsBoundary": boundary}


def _provisioned_accounts(center: IdentityCenter, given: Members) -> Members:
    arn = _set(center, given).arn
    accounts = {each.account_id for each in center.assignments if each.permission_set_arn == arn}
    return page("AccountIds", sorted(accounts), given)


def _account_assignments(center: IdentityCenter, given: Members) -> Members:
    arn = _set(center, given).arn
    found = [
        {
            "AccountId": each.account_id,
            "PermissionSetArn": arn,
            "PrincipalType": each.principal_type,
            "PrincipalId": each.principal_id,
        }
        for each in center.assignments
        if each.permission_set_arn == arn and each.account_id == given.get("AccountId")
    ]
    return page("AccountAssignments", found, given)


def _list_groups(center: IdentityCenter, given: Members) -> Members:
    return page("Groups", list(center.groups.values()), given)


def _group_memberships(center: IdentityCenter, given: Members) -> Members:
    group_id = str(given.get("GroupId"))
    if group_id not in center.groups:
        raise _not_there("Group")
    store = center.identity_store_id
    members = [
        {"IdentityStoreId": store, "GroupId": group_id, "MemberId": {"UserId": user_id}}
        for user_id in center.memberships.get(group_id, [])
    ]
    return page("GroupMemberships", members, given)


def _describe_user(center: IdentityCenter, given: Members) -> Members:
    user = center.users.get(str(given.get("UserId")))
    if user is None:
        raise _not_there("User")
    return user


_OPERATIONS: Final[dict[str, Callable[[IdentityCenter, Members], Members]]] = {
    "sso:ListPermissionSets": _list_permission_sets,
    "sso:DescribePermissionSet": _describe_permission_set,
    "sso:GetInlinePolicyForPermissionSet": _inline_policy,
    "sso:ListManagedPoliciesInPermissionSet": _managed_policies,
    "sso:ListCustomerManagedPolicyReferencesInPermissionSet": _customer_policies,
    "sso:GetPermissionsBoundaryForPermissionSet": _boundary,
    "sso:ListAccountsForProvisionedPermissionSet": _provisioned_accounts,
    "sso:ListAccountAssignments": _account_assignments,
    "identitystore:ListGroups": _list_groups,
    "identitystore:ListGroupMemberships": _group_memberships,
    "identitystore:DescribeUser": _describe_user,
}


def administrators(management_account_id: str, delegated: dict[str, Any]) -> frozenset[str]:
    """Return who reads the organization's instance. `delegated`: account → services."""
    return frozenset(
        {management_account_id}
        | {account_id for account_id, services in delegated.items() if _PRINCIPAL in services}
    )
