"""IAM Identity Center of the organization: its instances, permission sets, who has them where."""

from collections.abc import Iterator
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Earlier, Scope, Slice, alone
from inventory.collectors.listed import read_listed
from inventory.records import (
    IdentityCenterPrincipalRecord,
    OrganizationSettingRecord,
    PermissionSetAssignmentRecord,
    PermissionSetRecord,
)

# As in inventory.models.OrganizationSetting.
SETTING: Final = "identity_center_instances"
# As in inventory.models.DirectoryKind.
USER: Final = "user"
GROUP: Final = "group"

_INSTANCES: Final = "identity_center.instances"
_SETS: Final = "identity_center.permission_sets"
_ASSIGNMENTS: Final = "identity_center.assignments"
_PAGE: Final = 100

Instance = dict[str, Any]


def collect_instances(sso: AwsClient) -> Iterator[OrganizationSettingRecord]:
    """Yield the instances of Identity Center that the management account sees, in every region.

    An instance that a member account made for its own applications is not among them; it has no
    permission sets.
    AWS: sso-admin:ListInstances.
    """
    listed = sso.paginate(
        "list_instances", "Instances", MaxResults=_PAGE, RegionScope="ALL_REGIONS"
    )
    instances = [
        {
            "arn": each["InstanceArn"],
            "identity_store_id": each["IdentityStoreId"],
            "owner_account_id": each["OwnerAccountId"],
            "region": each.get("PrimaryRegion") or sso.region,
            "status": each["Status"],
        }
        for each in listed
    ]
    instances.sort(key=lambda each: each["arn"])
    yield OrganizationSettingRecord(sso.account_id, SETTING, instances)


def collect_permission_sets(sso: AwsClient, earlier: Earlier) -> Iterator[PermissionSetRecord]:
    """Yield each permission set with its policies and boundary: one call, and five for each.

    AWS: sso-admin:ListPermissionSets, DescribePermissionSet, GetInlinePolicyForPermissionSet,
    ListManagedPoliciesInPermissionSet, ListCustomerManagedPolicyReferencesInPermissionSet,
    GetPermissionsBoundaryForPermissionSet.
    :raises AwsInconsistent: a permission set is listed and not found.
    :raises AwsReadFailed: it is not known which instances there are.
    """
    for instance in _instances(earlier):
        there = sso.in_region(instance["region"])
        yield from read_listed(
            lambda there=there, instance=instance: _listed_sets(there, instance),  # type: ignore[misc]
            lambda arn, there=there, instance=instance: [  # type: ignore[misc]
                _permission_set(there, instance, arn)
            ],
            id_of=str,
        )


def _listed_sets(sso: AwsClient, instance: Instance) -> Iterator[str]:
    for page in sso.pages("list_permission_sets", InstanceArn=instance["arn"], MaxResults=_PAGE):
        yield from page["PermissionSets"]


def _permission_set(sso: AwsClient, instance: Instance, arn: str) -> PermissionSetRecord:
    of_set = {"InstanceArn": instance["arn"], "PermissionSetArn": arn}
    described = sso.call("describe_permission_set", **of_set)["PermissionSet"]
    inline = sso.call("get_inline_policy_for_permission_set", **of_set).get("InlinePolicy")
    managed = sso.paginate(
        "list_managed_policies_in_permission_set", "AttachedManagedPolicies", **of_set
    )
    customers = sso.paginate(
        "list_customer_managed_policy_references_in_permission_set",
        "CustomerManagedPolicyReferences",
        **of_set,
    )
    return PermissionSetRecord(
        account_id=instance["owner_account_id"],
        arn=arn,
        instance_arn=instance["arn"],
        name=described["Name"],
        description=described.get("Description", ""),
        session_duration=described.get("SessionDuration", ""),
        # AWS leaves out one that is not there, or says that it is empty.
        inline_policy=inline or None,
        managed_policy_arns=tuple(sorted(each["Arn"] for each in managed)),
        customer_policies=tuple(sorted(_with_path(each) for each in customers)),
        boundary=_boundary(sso, of_set),
    )


def _boundary(sso: AwsClient, of_set: dict[str, str]) -> str:
    try:
        answer = sso.call("get_permissions_boundary_for_permission_set", **of_set)
    except AwsNotFound:
        # Of the boundary or of the set: DescribePermissionSet found the set just before.
        return ""
    boundary = answer.get("PermissionsBoundary") or {}
    reference = boundary.get("CustomerManagedPolicyReference")
    return _with_path(reference) if reference else str(boundary.get("ManagedPolicyArn", ""))


def _with_path(reference: AwsAnswer) -> str:
    return f"{reference.get('Path', '/')}{reference['Name']}"


def collect_assignments(
    sso: AwsClient, earlier: Earlier
) -> Iterator[PermissionSetAssignmentRecord]:
    """Yield who may sign in to which account with which permission set.

    A call for each permission set, and one for each account where it is provisioned.
    AWS: sso-admin:ListAccountsForProvisionedPermissionSet, ListAccountAssignments.
    :raises AwsInconsistent: a permission set is listed and not found.
    :raises AwsReadFailed: it is not known which instances or permission sets there are.
    """
    instances = {instance["arn"]: instance for instance in _instances(earlier)}
    if not instances:
        return

    def read(permission_set: PermissionSetRecord) -> list[PermissionSetAssignmentRecord]:
        there = sso.in_region(instances[permission_set.instance_arn]["region"])
        return list(_assignments(there, permission_set))

    yield from read_listed(
        lambda: [
            each
            for each in earlier.read_by(_SETS, PermissionSetRecord)
            if each.instance_arn in instances
        ],
        read,
        id_of=lambda each: each.arn,
    )


def _assignments(
    sso: AwsClient, permission_set: PermissionSetRecord
) -> Iterator[PermissionSetAssignmentRecord]:
    of_set = {"InstanceArn": permission_set.instance_arn, "PermissionSetArn": permission_set.arn}
    pages = sso.pages("list_accounts_for_provisioned_permission_set", MaxResults=_PAGE, **of_set)
    for account_id in [each for page in pages for each in page["AccountIds"]]:
        for assignment in sso.paginate(
            "list_account_assignments",
            "AccountAssignments",
            AccountId=account_id,
            MaxResults=_PAGE,
            **of_set,
        ):
            yield PermissionSetAssignmentRecord(
                account_id=account_id,
                permission_set_arn=permission_set.arn,
                principal_kind=assignment["PrincipalType"].lower(),
                principal_id=assignment["PrincipalId"],
            )


def collect_principals(
    identitystore: AwsClient, earlier: Earlier
) -> Iterator[IdentityCenterPrincipalRecord]:
    """Yield every group, with the members of those that have an assignment, and users with one.

    A call a hundred groups, one for each group with an assignment and one for each such user. A
    user who was deleted and whose assignment was left is not yielded.
    AWS: identitystore:ListGroups, ListGroupMemberships, DescribeUser.
    :raises AwsReadFailed: it is not known which instances or assignments there are.
    """
    instances = _instances(earlier)
    if not instances:
        return
    assigned: dict[str, set[str]] = {USER: set(), GROUP: set()}
    for each in earlier.read_by(_ASSIGNMENTS, PermissionSetAssignmentRecord):
        assigned[each.principal_kind].add(each.principal_id)
    for instance in instances:
        there = identitystore.in_region(instance["region"])
        yield from _groups(there, instance, assigned[GROUP])
        yield from _users(there, instance, sorted(assigned[USER]))


def _groups(
    identitystore: AwsClient, instance: Instance, assigned: set[str]
) -> Iterator[IdentityCenterPrincipalRecord]:
    store = {"IdentityStoreId": instance["identity_store_id"]}

    def read(group: AwsAnswer) -> list[IdentityCenterPrincipalRecord]:
        members = None
        if group["GroupId"] in assigned:
            memberships = identitystore.paginate(
                "list_group_memberships", "GroupMemberships", GroupId=group["GroupId"], **store
            )
            # Users are the only kind of member that AWS has.
            members = tuple(sorted(str(each["MemberId"]["UserId"]) for each in memberships))
        record = IdentityCenterPrincipalRecord(
            account_id=instance["owner_account_id"],
            identity_store_id=instance["identity_store_id"],
            kind=GROUP,
            principal_id=group["GroupId"],
            name=group.get("DisplayName", ""),
            description=group.get("Description", ""),
            members=members,
            external_issuers=_issuers(group),
        )
        return [record]

    yield from read_listed(
        lambda: identitystore.paginate("list_groups", "Groups", MaxResults=_PAGE, **store),
        read,
        id_of=lambda group: str(group["GroupId"]),
    )


def _users(
    identitystore: AwsClient, instance: Instance, assigned: list[str]
) -> Iterator[IdentityCenterPrincipalRecord]:
    store_id = instance["identity_store_id"]
    for user_id in assigned:
        try:
            user = identitystore.call("describe_user", IdentityStoreId=store_id, UserId=user_id)
        except AwsNotFound:
            continue
        yield IdentityCenterPrincipalRecord(
            account_id=instance["owner_account_id"],
            identity_store_id=store_id,
            kind=USER,
            principal_id=user_id,
            name=user.get("UserName", ""),
            description=user.get("DisplayName", ""),
            external_issuers=_issuers(user),
        )


def _issuers(principal: AwsAnswer) -> tuple[str, ...]:
    return tuple(sorted({str(each["Issuer"]) for each in principal.get("ExternalIds") or []}))


def _instances(earlier: Earlier) -> list[Instance]:
    return [
        instance
        for each in earlier.read_by(_INSTANCES, OrganizationSettingRecord)
        for instance in each.value
    ]


_OF_SET: Final = {"InstanceArn": "{instance_arn}", "PermissionSetArn": "{set_arn}"}
_OF_STORE: Final = {"IdentityStoreId": "{instance_store}"}
_REGION: Final = "{instance_region}"
# Nobody has it: the answer to a call that is allowed is that there is none.
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


def _of_set(name: str, purpose: str) -> Action:
    """Return an action that is tried on a permission set of the organization."""
    return Action(name, purpose, given=_OF_SET, region=_REGION)


COLLECTORS = (
    Collector(
        name=_INSTANCES,
        label="Identity Center instances",
        scope=Scope.ORGANIZATION,
        service="sso-admin",
        actions=(
            Action(
                "sso:ListInstances",
                "the organization's instance of Identity Center and its region",
                given={"MaxResults": 1, "RegionScope": "ALL_REGIONS"},
                finds={
                    "instance_arn": ("Instances", 0, "InstanceArn"),
                    "instance_region": ("Instances", 0, "PrimaryRegion"),
                    "instance_store": ("Instances", 0, "IdentityStoreId"),
                },
            ),
        ),
        read=alone(collect_instances),
        covers=(Slice(OrganizationSettingRecord, {"name": SETTING}),),
    ),
    Collector(
        name=_SETS,
        label="Permission sets",
        scope=Scope.ORGANIZATION,
        service="sso-admin",
        actions=(
            Action(
                "sso:ListPermissionSets",
                "permission sets",
                given={"InstanceArn": "{instance_arn}"},
                finds={"set_arn": ("PermissionSets", 0)},
                region=_REGION,
            ),
            _of_set("sso:DescribePermissionSet", "each permission set's name and duration"),
            _of_set("sso:GetInlinePolicyForPermissionSet", "each permission set's inline policy"),
            _of_set(
                "sso:ListManagedPoliciesInPermissionSet", "AWS's policies in each permission set"
            ),
            _of_set(
                "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
                "the accounts' own policies that each permission set names",
            ),
            _of_set("sso:GetPermissionsBoundaryForPermissionSet", "each permission set's boundary"),
        ),
        read=collect_permission_sets,
        covers=(Slice(PermissionSetRecord),),
        after=(_INSTANCES,),
        paced=True,
    ),
    Collector(
        name=_ASSIGNMENTS,
        label="Assignments of permission sets",
        scope=Scope.ORGANIZATION,
        service="sso-admin",
        actions=(
            _of_set(
                "sso:ListAccountsForProvisionedPermissionSet", "where each permission set is used"
            ),
            Action(
                "sso:ListAccountAssignments",
                "who may sign in to which account with which permission set",
                given={**_OF_SET, "AccountId": "{account_id}"},
                region=_REGION,
            ),
        ),
        read=collect_assignments,
        covers=(Slice(PermissionSetAssignmentRecord),),
        after=(_INSTANCES, _SETS),
        paced=True,
    ),
    Collector(
        name="identity_center.principals",
        label="Identity Center groups and assigned users",
        scope=Scope.ORGANIZATION,
        service="identitystore",
        actions=(
            Action("identitystore:ListGroups", "groups", given=_OF_STORE, region=_REGION),
            Action(
                "identitystore:ListGroupMemberships",
                "who is in the groups that have an assignment",
                given={**_OF_STORE, "GroupId": _NOBODY},
                region=_REGION,
            ),
            Action(
                "identitystore:DescribeUser",
                "the names of users who have an assignment themselves",
                given={**_OF_STORE, "UserId": _NOBODY},
                region=_REGION,
            ),
        ),
        read=collect_principals,
        covers=(Slice(IdentityCenterPrincipalRecord),),
        after=(_INSTANCES, _ASSIGNMENTS),
        paced=True,
    ),
)
