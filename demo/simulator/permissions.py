"""What a caller may do: identity policies, boundary, session policies, SCPs level by level."""

from collections.abc import Iterator
from datetime import datetime

from moto.iam.models import Group, Role, User

from demo.simulator.authorization import Decision, Question, decide
from demo.simulator.callers import iam_of, role_named
from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.descriptions import policy_arn
from demo.simulator.organizations.operations import (
    BY_RESOURCE_POLICY,
    FOR_ANY_ACCOUNT,
    FOR_DELEGATED_ADMINISTRATORS,
)
from demo.simulator.organizations.state import Organization

# Where the prefix of an action is not the name that signs the call.
_ACTION_PREFIXES = {"tagging": "tag", "monitoring": "cloudwatch", "email": "ses"}


# Where IAM names the action of an operation otherwise (service authorization reference).
_ACTIONS = {
    "apigateway:GetRestApis": "apigateway:GET",
    "s3express:ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
}


def action_of(call: Call) -> str:
    if call.name in _ACTIONS:
        return _ACTIONS[call.name]
    return f"{_ACTION_PREFIXES.get(call.service, call.service)}:{call.operation}"


def context_of(
    organization: Organization, caller: Caller, *, region: str, now: datetime
) -> dict[str, str | list[str]]:
    """Return the global condition keys of a call, named in lower case."""
    context: dict[str, str | list[str]] = {
        "aws:principalarn": caller.principal_arn,
        "aws:principalaccount": caller.account_id,
        "aws:principaltype": caller.kind,
        "aws:userid": caller.user_id,
        "aws:requestedregion": region,
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "aws:principalisawsservice": "false",
        "aws:sourceip": "203.0.113.10",
        "aws:currenttime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(now.timestamp())),
    }
    if caller.account_id in organization.accounts:
        context["aws:principalorgid"] = organization.organization_id
        parent_id = organization.accounts[caller.account_id].parent_id
        context["aws:principalorgpaths"] = [organization.path(parent_id)]
    if caller.kind == "User":
        context["aws:username"] = caller.name
    if caller.source_identity:
        context["aws:sourceidentity"] = caller.source_identity
    for key, value in _principal_tags(caller).items():
        context[f"aws:principaltag/{key.lower()}"] = value
    return context


def _principal_tags(caller: Caller) -> dict[str, str]:
    principal = _principal(caller)
    tags = principal.tags if principal is not None else None
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def _principal(caller: Caller) -> Role | User | None:
    if caller.kind == "User":
        return iam_of(caller.account_id).users.get(caller.name)
    return role_named(caller.account_id, caller.name)


def check_allowed(organization: Organization, caller: Caller, question: Question) -> None:
    """Refuse a call that the caller's own side does not allow.

    :raises AwsError: AccessDenied, naming the kind of policy as AWS's messages do.
    """
    if question.action == "sts:GetCallerIdentity":
        return
    identity = decide(_identity_documents(caller), question)
    if identity == "deny":
        raise _denied(caller, question, "with an explicit deny in an identity-based policy")
    check_service_control(organization, caller, question)
    if (boundary := _boundary_document(caller)) is not None:
        _check_narrowing([boundary], "a permissions boundary", caller, question)
    if identity != "allow":
        raise _denied(
            caller,
            question,
            f"because no identity-based policy allows the {question.action} action",
        )
    if caller.session_policies:
        _check_narrowing(list(caller.session_policies), "a session policy", caller, question)


def _check_narrowing(documents: list[str], kind: str, caller: Caller, question: Question) -> None:
    decision: Decision = decide(documents, question)
    if decision == "deny":
        raise _denied(caller, question, f"with an explicit deny in {kind}")
    if decision == "none":
        kind = kind.removeprefix("a ")
        raise _denied(caller, question, f"because no {kind} allows the {question.action} action")


def check_service_control(organization: Organization, caller: Caller, question: Question) -> None:
    """Refuse a call that the SCPs of the caller's account do not allow.

    :raises AwsError: access denied, naming the policy that denies it.
    """
    service_linked = ":role/aws-service-role/" in caller.principal_arn
    if (
        caller.account_id == organization.management_account_id
        or caller.account_id not in organization.accounts
        or service_linked
        or "SERVICE_CONTROL_POLICY" not in organization.enabled_types
    ):
        return
    for level_id in organization.ancestors(caller.account_id):
        policies = organization.attached(level_id, "SERVICE_CONTROL_POLICY")
        for policy in policies:
            if decide([policy.content], question) == "deny":
                arn = policy_arn(organization, policy)
                raise _denied(
                    caller,
                    question,
                    f"with an explicit deny in a service control policy: {arn}",
                )
        if decide([policy.content for policy in policies], question) != "allow":
            raise _denied(
                caller,
                question,
                f"because no service control policy allows the {question.action} action",
            )


def _identity_documents(caller: Caller) -> Iterator[str]:
    principal = _principal(caller)
    if principal is None:
        return
    holders: list[Role | User | Group] = [principal]
    if isinstance(principal, User):
        holders += [
            group
            for group in iam_of(caller.account_id).groups.values()
            if any(user.name == principal.name for user in group.users)
        ]
    for holder in holders:
        yield from holder.policies.values()
        for policy in holder.managed_policies.values():
            yield from (each.document for each in policy.versions if each.is_default)


def _boundary_document(caller: Caller) -> str | None:
    principal = _principal(caller)
    arn = getattr(principal, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = iam_of(caller.account_id).managed_policies.get(arn)
    if policy is None:
        return '{"Statement":[]}'
    return next(each.document for each in policy.versions if each.is_default)


def _denied(caller: Caller, question: Question, why: str) -> AwsError:
    service = question.action.partition(":")[0]
    message = (
        f"User: {caller.arn} is not authorized to perform: {question.action} on resource: "
        f"{question.resource} {why}"
    )
    code = "AccessDenied" if service in {"iam", "s3", "sts"} else "AccessDeniedException"
    status = 400 if service in {"organizations", "tag"} else 403
    return AwsError(code, message, status=status)


def check_organizations_account(
    organization: Organization, caller: Caller, operation: str, question: Question
) -> None:
    """Refuse an account that may not call this Organizations operation at all.

    :raises AwsError: AccessDeniedException for a member account without delegation,
        AWSOrganizationsNotInUseException for an account outside of the organization.
    """
    if caller.account_id not in organization.accounts:
        raise AwsError(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        )
    if caller.account_id == organization.management_account_id or operation in FOR_ANY_ACCOUNT:
        return
    names = (
        caller.account_id,
        f"arn:aws:iam::{caller.account_id}:root",
        caller.principal_arn,
        caller.arn,
    )
    by_policy = "none"
    if operation in BY_RESOURCE_POLICY and organization.resource_policy:
        delegated = Question(question.action, question.resource, question.context, names)
        by_policy = decide([organization.resource_policy], delegated)
    reads = (
        operation in FOR_DELEGATED_ADMINISTRATORS and caller.account_id in organization.delegated
    )
    if by_policy == "deny" or not (reads or by_policy == "allow"):
        raise AwsError(
            "AccessDeniedException", "You don't have permissions to access this resource."
        )
