"""What a call is about: the resource and the service's own condition keys its policies ask for."""

from collections.abc import Callable

from moto.iam.models import IAMBackend

from demo.simulator.callers import iam_of
from demo.simulator.calls import Call, Caller
from demo.simulator.organizations.descriptions import entity_arn
from demo.simulator.organizations.state import Organization

_ORGANIZATION_MEMBERS = (
    *("PolicyId", "TargetId", "AccountId", "OrganizationalUnitId", "ResourceId", "ParentId"),
    *("ChildId", "RootId"),
)


def resource_of(call: Call, caller: Caller, organization: Organization) -> str:
    """Return the ARN a call names, `*` where it names none (as lists and account-wide reads)."""
    given = call.parameters
    if call.service == "organizations":
        for member in _ORGANIZATION_MEMBERS:
            entity_id = given.get(member)
            if isinstance(entity_id, str) and _known(organization, entity_id):
                return entity_arn(organization, entity_id)
    if call.service == "iam":
        backend = iam_of(caller.account_id)
        for member, arn_of in _IAM_MEMBERS.items():
            if isinstance(given.get(member), str):
                return arn_of(backend, given[member], given.get("Path", "/"))
    return "*"


def service_context(call: Call, organization: Organization) -> dict[str, str | list[str]]:
    """Return the condition keys of the service itself, named in lower case."""
    given = call.parameters
    context: dict[str, str | list[str]] = {}
    if call.service == "organizations":
        policy = organization.policies.get(str(given.get("PolicyId")))
        kind = policy.policy_type if policy else given.get("Type") or given.get("PolicyType")
        if kind or call.operation.startswith("ListPolicies"):
            context["organizations:policytype"] = str(kind or given.get("Filter"))
        if given.get("ServicePrincipal"):
            context["organizations:serviceprincipal"] = str(given["ServicePrincipal"])
    if call.service == "iam":
        if given.get("PermissionsBoundary"):
            context["iam:permissionsboundary"] = str(given["PermissionsBoundary"])
        if given.get("PolicyArn"):
            context["iam:policyarn"] = str(given["PolicyArn"])
    for tag in given.get("Tags") or []:
        if isinstance(tag, dict) and "Key" in tag:
            context[f"aws:requesttag/{tag['Key'].lower()}"] = str(tag.get("Value", ""))
    return context


def _known(organization: Organization, entity_id: str) -> bool:
    return any(
        entity_id in index
        for index in (organization.units, organization.accounts, organization.policies)
    )


def _role(backend: IAMBackend, name: str, path: str) -> str:
    for role in backend.roles.values():
        if role.name == name:
            return role.arn
    return f"arn:aws:iam::{backend.account_id}:role{path}{name}"


def _user(backend: IAMBackend, name: str, path: str) -> str:
    if name in backend.users:
        return backend.users[name].arn
    return f"arn:aws:iam::{backend.account_id}:user{path}{name}"


def _group(backend: IAMBackend, name: str, path: str) -> str:
    if name in backend.groups:
        return backend.groups[name].arn
    return f"arn:aws:iam::{backend.account_id}:group{path}{name}"


def _as_given(_backend: IAMBackend, arn: str, _path: str) -> str:
    return arn


# The first member that a call has names its resource: AttachRolePolicy is about the role.
_IAM_MEMBERS: dict[str, Callable[[IAMBackend, str, str], str]] = {
    "RoleName": _role,
    "UserName": _user,
    "GroupName": _group,
    "PolicyArn": _as_given,
    "OpenIDConnectProviderArn": _as_given,
    "SAMLProviderArn": _as_given,
}
