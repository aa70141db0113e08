"""The organization's things in AWS's members: ARNs, summaries, pages."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from demo.simulator.errors import AwsError, invalid_input
from demo.simulator.organizations.limits import PAGE_SIZE
from demo.simulator.organizations.state import Account, Organization, Policy, Unit

Members = dict[str, Any]
Item = TypeVar("Item")


def page(
    operation: str,
    parameters: Members,
    key: str,
    items: Sequence[Item],
    describe: Callable[[Item], Members],
) -> Members:
    """Return one page of at most 20 `items` under `key`, with NextToken while there are more.

    Only the items of the page are described: of 10,000 accounts a page is as quick as of 60.

    :raises AwsError: InvalidInputException INVALID_NEXT_TOKEN for a token of another call.
    """
    size = parameters.get("MaxResults") or PAGE_SIZE
    start = 0
    if token := parameters.get("NextToken"):
        start = _token_offset(operation, token)
    result: Members = {key: [describe(item) for item in items[start : start + size]]}
    if start + size < len(items):
        text = json.dumps([operation, start + size])
        result["NextToken"] = base64.urlsafe_b64encode(text.encode()).decode()
    return result


def _token_offset(operation: str, token: str) -> int:
    try:
        of_operation, offset = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error) as error:
        raise invalid_input("INVALID_NEXT_TOKEN") from error
    if of_operation != operation or not isinstance(offset, int):
        raise invalid_input("INVALID_NEXT_TOKEN")
    return offset


def arn(organization: Organization, kind: str, *names: str) -> str:
    path = "/".join((kind, organization.organization_id, *names))
    return f"arn:aws:organizations::{organization.management_account_id}:{path}"


def organization_arn(organization: Organization) -> str:
    return arn(organization, "organization")


def unit_arn(organization: Organization, unit: Unit) -> str:
    return arn(organization, "ou" if unit.parent_id else "root", unit.unit_id)


def account_arn(organization: Organization, account_id: str) -> str:
    return arn(organization, "account", account_id)


def policy_arn(organization: Organization, policy: Policy) -> str:
    kind = policy.policy_type.lower()
    if policy.aws_managed:
        return f"arn:aws:organizations::aws:policy/{kind}/{policy.policy_id}"
    return arn(organization, "policy", kind, policy.policy_id)


def entity_arn(organization: Organization, entity_id: str) -> str:
    """Return the ARN of a root, OU, account or policy by its id."""
    if entity_id in organization.units:
        return unit_arn(organization, organization.units[entity_id])
    if entity_id in organization.policies:
        return policy_arn(organization, organization.policies[entity_id])
    return account_arn(organization, entity_id)


def describe_organization(organization: Organization) -> Members:
    management = organization.accounts[organization.management_account_id]
    return {
        "Id": organization.organization_id,
        "Arn": organization_arn(organization),
        "FeatureSet": organization.feature_set,
        "MasterAccountArn": account_arn(organization, management.account_id),
        "MasterAccountId": management.account_id,
        "MasterAccountEmail": management.email,
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }


def describe_root(organization: Organization) -> Members:
    root = organization.units[organization.root_id]
    return {
        "Id": root.unit_id,
        "Arn": unit_arn(organization, root),
        "Name": root.name,
        "PolicyTypes": [
            {"Type": policy_type, "Status": "ENABLED"} for policy_type in organization.enabled_types
        ],
    }


def describe_unit(organization: Organization, unit: Unit) -> Members:
    return {
        "Id": unit.unit_id,
        "Arn": unit_arn(organization, unit),
        "Name": unit.name,
        "Path": organization.path(unit.unit_id),
    }


def describe_account(organization: Organization, account: Account) -> Members:
    # Status has no word for a closed account; AWS shows those as suspended.
    status = account.state
    if status == "CLOSED":
        status = "SUSPENDED"
    elif status == "PENDING_ACTIVATION":
        status = "ACTIVE"
    return {
        "Id": account.account_id,
        "Arn": account_arn(organization, account.account_id),
        "Email": account.email,
        "Name": account.name,
        "Status": status,
        "State": account.state,
        "Paths": [organization.path(account.account_id)],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined_at,
    }


def summarize_policy(organization: Organization, policy: Policy) -> Members:
    return {
        "Id": policy.policy_id,
        "Arn": policy_arn(organization, policy),
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.policy_type,
        "AwsManaged": policy.aws_managed,
    }


def describe_policy(organization: Organization, policy: Policy) -> Members:
    return {"PolicySummary": summarize_policy(organization, policy), "Content": policy.content}


def summarize_target(organization: Organization, target_id: str) -> Members:
    if unit := organization.units.get(target_id):
        kind = "ORGANIZATIONAL_UNIT" if unit.parent_id else "ROOT"
        return {
            "TargetId": target_id,
            "Arn": unit_arn(organization, unit),
            "Name": unit.name,
            "Type": kind,
        }
    return {
        "TargetId": target_id,
        "Arn": account_arn(organization, target_id),
        "Name": organization.accounts[target_id].name,
        "Type": "ACCOUNT",
    }


def tag_list(tags: dict[str, str]) -> list[Members]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def find_unit(organization: Organization, unit_id: str) -> Unit:
    unit = organization.units.get(unit_id)
    if unit is None or not unit.parent_id:
        raise AwsError(
            "OrganizationalUnitNotFoundException",
            "You specified an organizational unit that doesn't exist.",
        )
    return unit


def find_parent(organization: Organization, parent_id: str) -> Unit:
    if parent_id not in organization.units:
        raise AwsError("ParentNotFoundException", "You specified parent that doesn't exist.")
    return organization.units[parent_id]


def find_account(organization: Organization, account_id: str) -> Account:
    if account_id not in organization.accounts:
        raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
    return organization.accounts[account_id]


def find_policy(organization: Organization, policy_id: str) -> Policy:
    if policy_id not in organization.policies:
        raise AwsError("PolicyNotFoundException", "You specified a policy that doesn't exist.")
    return organization.policies[policy_id]


def check_target(organization: Organization, target_id: str) -> None:
    if target_id not in organization.units and target_id not in organization.accounts:
        raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")
