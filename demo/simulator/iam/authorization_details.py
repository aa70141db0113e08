"""iam:GetAccountAuthorizationDetails, whole and in pages as AWS gives it.

moto leaves out the names and ids of attached policies, users' boundaries and policies' tags, and
never truncates.
"""

import base64
import binascii
import functools
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from moto.iam.models import (
    AWSManagedPolicy,
    Group,
    IAMBackend,
    InstanceProfile,
    ManagedPolicy,
    Role,
    User,
)

from demo.simulator.errors import AwsError

Members = dict[str, Any]

_KINDS = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")
_LISTS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


def get_account_authorization_details(backend: IAMBackend, given: Members) -> Members:
    """Return one page: users, groups, roles, then policies; AWS managed ones only if in use.

    :raises AwsError: ValidationError for a filter, page size or marker that cannot be.
    """
    wanted = given.get("Filter") or _KINDS
    if unknown := set(wanted) - set(_KINDS):
        raise _invalid(f"Value '{sorted(unknown)}' at 'filter'")
    size = given.get("MaxItems") or 100
    if not 1 <= size <= 1000:
        raise _invalid(f"Value '{size}' at 'maxItems'")
    items = list(_items(backend, frozenset(wanted)))
    start = _offset(given.get("Marker"))
    result: Members = {name: [] for name in _LISTS.values()}
    boundaries = _boundary_uses(backend)
    for kind, item in items[start : start + size]:
        result[_LISTS[kind]].append(_detail(backend, item, boundaries))
    result["IsTruncated"] = start + size < len(items)
    if result["IsTruncated"]:
        result["Marker"] = base64.b64encode(str(start + size).encode()).decode()
    return result


def _items(
    backend: IAMBackend, wanted: frozenset[str]
) -> Iterable[tuple[str, User | Group | Role | ManagedPolicy]]:
    if "User" in wanted:
        yield from (("User", user) for user in list(backend.users.values()))
    if "Group" in wanted:
        yield from (("Group", group) for group in list(backend.groups.values()))
    if "Role" in wanted:
        yield from (("Role", role) for role in list(backend.roles.values()))
    boundaries = _boundary_uses(backend)
    for policy in list(backend.managed_policies.values()):
        if not isinstance(policy, AWSManagedPolicy):
            if "LocalManagedPolicy" in wanted:
                yield "LocalManagedPolicy", policy
        elif "AWSManagedPolicy" in wanted and (
            policy.attachment_count or boundaries.get(policy.arn)
        ):
            yield "AWSManagedPolicy", policy


def _boundary_uses(backend: IAMBackend) -> Counter[str]:
    holders = [*backend.users.values(), *backend.roles.values()]
    arns = (getattr(holder, "permissions_boundary_arn", None) for holder in holders)
    return Counter(arn for arn in arns if arn)


def _detail(
    backend: IAMBackend, item: User | Group | Role | ManagedPolicy, boundaries: Counter[str]
) -> Members:
    if isinstance(item, User):
        return _user(backend, item)
    if isinstance(item, Group):
        return _group(item)
    if isinstance(item, Role):
        return _role(backend, item)
    return _policy(item, boundaries[item.arn])


def _user(backend: IAMBackend, user: User) -> Members:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": _utc(user.create_date),
        "UserPolicyList": _inline(user.policies),
        "GroupList": [
            group.name
            for group in backend.groups.values()
            if any(member.name == user.name for member in group.users)
        ],
        "AttachedManagedPolicies": _attached(user.managed_policies.values()),
        "PermissionsBoundary": _boundary(user),
        "Tags": user.tags or [],
    }


def _group(group: Group) -> Members:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": _utc(group.create_date),
        "GroupPolicyList": _inline(group.policies),
        "AttachedManagedPolicies": _attached(group.managed_policies.values()),
    }


def _role(backend: IAMBackend, role: Role) -> Members:
    last_used: Members = {}
    if role.last_used is not None:
        last_used = {
            "LastUsedDate": _utc(role.last_used),
            "Region": role.last_used_region or "us-east-1",
        }
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": _utc(role.create_date),
        "AssumeRolePolicyDocument": _encoded(role.assume_role_policy_document),
        "InstanceProfileList": [
            _instance_profile(profile)
            for profile in backend.instance_profiles.values()
            if any(each.name == role.name for each in profile.roles)
        ],
        "RolePolicyList": _inline(role.policies),
        "AttachedManagedPolicies": _attached(role.managed_policies.values()),
        "PermissionsBoundary": _boundary(role),
        "Tags": role.tags or [],
        "RoleLastUsed": last_used,
    }


def _instance_profile(profile: InstanceProfile) -> Members:
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": _utc(profile.create_date),
        "Roles": [
            {
                "Path": role.path,
                "RoleName": role.name,
                "RoleId": role.id,
                "Arn": role.arn,
                "CreateDate": _utc(role.create_date),
                "AssumeRolePolicyDocument": _encoded(role.assume_role_policy_document),
            }
            for role in profile.roles
        ],
    }


def _policy(policy: ManagedPolicy, boundary_uses: int) -> Members:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": boundary_uses,
        "IsAttachable": True,
        "Description": policy.description or None,
        "CreateDate": _utc(policy.create_date),
        "UpdateDate": _utc(policy.update_date),
        "PolicyVersionList": [
            {
                "Document": _encoded(version.document),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.is_default,
                "CreateDate": _utc(version.create_date),
            }
            for version in policy.versions
        ],
    }


def _inline(policies: dict[str, str]) -> list[Members]:
    return [
        {"PolicyName": name, "PolicyDocument": _encoded(document)}
        for name, document in policies.items()
    ]


def _attached(policies: Iterable[ManagedPolicy]) -> list[Members]:
    return [{"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in policies]


def _boundary(holder: User | Role) -> Members | None:
    arn = getattr(holder, "permissions_boundary_arn", None)
    if not arn:
        return None
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


@functools.lru_cache(maxsize=16384)
def _encoded(document: str) -> str:
    """Return a document URL-encoded as RFC 3986 has it, which is how IAM hands documents out."""
    return quote(document, safe="")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _offset(marker: str | None) -> int:
    if not marker:
        return 0
    try:
        return int(base64.b64decode(marker, validate=True))
    except (ValueError, binascii.Error) as error:
        raise _invalid(f"Invalid Marker '{marker}'") from error


def _invalid(detail: str) -> AwsError:
    return AwsError("ValidationError", f"1 validation error detected: {detail} is not valid")
