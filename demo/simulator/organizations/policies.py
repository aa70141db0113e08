"""Policies and their attachments, with the order in which AWS refuses."""

from demo.simulator.errors import AwsError, constraint, invalid_input
from demo.simulator.organizations import descriptions as describe
from demo.simulator.organizations.documents import check_policy
from demo.simulator.organizations.limits import DEFAULT_POLICIES, POLICY_QUOTAS
from demo.simulator.organizations.request import Members, Operation, Request
from demo.simulator.organizations.state import Policy
from demo.simulator.organizations.tags import checked_tags


def list_policies(request: Request) -> Members:
    every = request.organization.policies.values()
    return _policies(
        request, [each for each in every if each.policy_type == request.given["Filter"]]
    )


def list_policies_for_target(request: Request) -> Members:
    organization, target_id = request.organization, request.given["TargetId"]
    describe.check_target(organization, target_id)
    return _policies(request, organization.attached(target_id, request.given["Filter"]))


def _policies(request: Request, policies: list[Policy]) -> Members:
    return describe.page(
        request.operation,
        request.given,
        "Policies",
        policies,
        lambda each: describe.summarize_policy(request.organization, each),
    )


def list_targets_for_policy(request: Request) -> Members:
    organization = request.organization
    policy = describe.find_policy(organization, request.given["PolicyId"])
    return describe.page(
        request.operation,
        request.given,
        "Targets",
        list(organization.targets.get(policy.policy_id, ())),
        lambda each: describe.summarize_target(organization, each),
    )


def describe_policy(request: Request) -> Members:
    policy = describe.find_policy(request.organization, request.given["PolicyId"])
    return {"Policy": describe.describe_policy(request.organization, policy)}


def create_policy(request: Request) -> Members:
    organization, given = request.organization, request.given
    policy_type = given["Type"]
    if organization.feature_set != "ALL":
        raise AwsError(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled.",
        )
    of_type = [each for each in organization.policies.values() if each.policy_type == policy_type]
    if len(of_type) >= POLICY_QUOTAS[policy_type].policies:
        raise constraint(
            "POLICY_NUMBER_LIMIT_EXCEEDED",
            "You attempted to exceed the number of policies that you can have.",
        )
    tags = checked_tags(given.get("Tags", []), {})
    check_policy(policy_type, given["Content"])
    _check_name(request, policy_type, given["Name"])
    policy = Policy(
        organization.new_id("p-", 8, policy_type, given["Name"]),
        given["Name"],
        policy_type,
        given["Description"],
        given["Content"],
        tags=tags,
    )
    organization.policies[policy.policy_id] = policy
    return {"Policy": describe.describe_policy(organization, policy)}


def update_policy(request: Request) -> Members:
    given = request.given
    policy = _find_customer_policy(request)
    name = given.get("Name", policy.name)
    if name != policy.name:
        _check_name(request, policy.policy_type, name)
    if "Content" in given:
        check_policy(policy.policy_type, given["Content"])
    policy.name = name
    policy.description = given.get("Description", policy.description)
    policy.content = given.get("Content", policy.content)
    return {"Policy": describe.describe_policy(request.organization, policy)}


def delete_policy(request: Request) -> Members:
    policy = _find_customer_policy(request)
    if request.organization.targets.get(policy.policy_id):
        raise AwsError(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, "
            "OUs, and accounts before performing this operation.",
        )
    del request.organization.policies[policy.policy_id]
    return {}


def attach_policy(request: Request) -> Members:
    organization, target_id = request.organization, request.given["TargetId"]
    policy = describe.find_policy(organization, request.given["PolicyId"])
    describe.check_target(organization, target_id)
    _check_enabled(request, policy.policy_type)
    attached = organization.attached(target_id, policy.policy_type)
    if policy in attached:
        raise AwsError(
            "DuplicatePolicyAttachmentException",
            "The selected policy is already attached to the specified target.",
        )
    if len(attached) >= POLICY_QUOTAS[policy.policy_type].per_target:
        raise constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You attempted to exceed the number of policies of a certain type that can be "
            "attached to an entity at one time.",
        )
    organization.attach(policy.policy_id, target_id)
    return {}


def detach_policy(request: Request) -> Members:
    organization, target_id = request.organization, request.given["TargetId"]
    policy = describe.find_policy(organization, request.given["PolicyId"])
    describe.check_target(organization, target_id)
    attached = organization.attached(target_id, policy.policy_type)
    if policy not in attached:
        raise AwsError(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        )
    if policy.policy_id == DEFAULT_POLICIES["RESOURCE_CONTROL_POLICY"]:
        raise invalid_input("NON_DETACHABLE_POLICY", "You can't detach this AWS resource.")
    if policy.policy_type == "SERVICE_CONTROL_POLICY" and len(attached) == 1:
        raise constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You attempted to detach a policy from an entity that would cause the entity to have "
            "fewer than the minimum number of policies of a certain type required.",
        )
    organization.detach(policy.policy_id, target_id)
    return {}


def enable_policy_type(request: Request) -> Members:
    organization, policy_type = request.organization, request.given["PolicyType"]
    _check_root(request)
    if policy_type in organization.enabled_types:
        raise AwsError(
            "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled in the specified root.",
        )
    organization.enable_type(policy_type)
    return {"Root": describe.describe_root(organization)}


def disable_policy_type(request: Request) -> Members:
    organization, policy_type = request.organization, request.given["PolicyType"]
    _check_root(request)
    _check_enabled(request, policy_type)
    organization.disable_type(policy_type)
    return {"Root": describe.describe_root(organization)}


def _check_root(request: Request) -> None:
    if request.given["RootId"] != request.organization.root_id:
        raise AwsError("RootNotFoundException", "You specified a root that doesn't exist.")


def _check_enabled(request: Request, policy_type: str) -> None:
    if policy_type not in request.organization.enabled_types:
        raise AwsError(
            "PolicyTypeNotEnabledException",
            "The specified policy type isn't currently enabled in this root.",
        )


def _check_name(request: Request, policy_type: str, name: str) -> None:
    for policy in request.organization.policies.values():
        if policy.name == name and policy.policy_type == policy_type:
            raise AwsError(
                "DuplicatePolicyException", "A policy with the same name already exists."
            )


def _find_customer_policy(request: Request) -> Policy:
    policy = describe.find_policy(request.organization, request.given["PolicyId"])
    if policy.aws_managed:
        raise invalid_input(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        )
    return policy


OPERATIONS: dict[str, Operation] = {
    "ListPolicies": list_policies,
    "ListPoliciesForTarget": list_policies_for_target,
    "ListTargetsForPolicy": list_targets_for_policy,
    "DescribePolicy": describe_policy,
    "CreatePolicy": create_policy,
    "UpdatePolicy": update_policy,
    "DeletePolicy": delete_policy,
    "AttachPolicy": attach_policy,
    "DetachPolicy": detach_policy,
    "EnablePolicyType": enable_policy_type,
    "DisablePolicyType": disable_policy_type,
}
