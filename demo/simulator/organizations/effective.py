"""Effective management policies: how @@assign, @@append and @@remove add up down the tree.

User guide: "Understanding management policy inheritance" and "Inheritance operators".
"""

import json
from typing import Any

from demo.simulator.errors import AwsError
from demo.simulator.organizations import descriptions as describe
from demo.simulator.organizations.request import Members, Operation, Request
from demo.simulator.organizations.state import Organization

_CHILD_CONTROL = "@@operators_allowed_for_child_policies"
_VALUE_OPERATORS = ("@@assign", "@@append", "@@remove", "@@enforced_for")
_ALL = frozenset(_VALUE_OPERATORS)


class _Node:
    """One key of the merged tree: its value, its children and what deeper policies may do."""

    def __init__(self) -> None:
        self.value: Any = None
        self.children: dict[str, _Node] = {}
        self.allowed = _ALL

    def child(self, name: str) -> "_Node":
        # Keys of management policies ignore case; the first spelling stays.
        for present, node in self.children.items():
            if present.lower() == name.lower():
                return node
        node = self.children[name] = _Node()
        node.allowed = self.allowed
        return node

    def plain(self) -> Any:
        if self.value is not None:
            return self.value
        found = {name: node.plain() for name, node in self.children.items()}
        # A list that is left empty is no setting any more.
        return {name: value for name, value in found.items() if value not in (None, {}, [])}


def effective_policy(organization: Organization, target_id: str, policy_type: str) -> Members:
    """Return the merged document, `{}` when nothing of this type applies."""
    tree = _Node()
    for level_id in organization.ancestors(target_id):
        restrictions: list[tuple[_Node, frozenset[str]]] = []
        # Of policies on one level the one that was attached first assigns a value.
        assigned: list[_Node] = []
        for policy in organization.attached(level_id, policy_type):
            before = tuple(assigned)
            _merge(tree, json.loads(policy.content), restrictions, before, assigned)
        # A child control binds the levels below, not the policies of its own level.
        for node, allowed in restrictions:
            _restrict(node, allowed)
    merged: Members = tree.plain()
    return merged


def _merge(
    node: _Node,
    document: dict[str, Any],
    restrictions: list[tuple[_Node, frozenset[str]]],
    before: tuple[_Node, ...],
    assigned: list[_Node],
) -> None:
    for operator in _VALUE_OPERATORS:
        if operator in document and operator in node.allowed:
            if operator == "@@assign" and node in before:
                continue
            _apply(node, operator, document[operator])
            if operator == "@@assign":
                assigned.append(node)
    if _CHILD_CONTROL in document:
        allowed = set(document[_CHILD_CONTROL])
        names = _ALL if "@@all" in allowed else frozenset(allowed & _ALL)
        restrictions.append((node, names & node.allowed))
    for name, value in document.items():
        if name.startswith("@@"):
            continue
        if isinstance(value, dict):
            _merge(node.child(name), value, restrictions, before, assigned)
        elif "@@assign" in node.allowed:
            node.child(name).value = value


def _apply(node: _Node, operator: str, value: Any) -> None:
    if operator == "@@assign":
        node.value = value
        return
    if operator == "@@enforced_for":
        node.child("enforced_for").value = value
        return
    values = value if isinstance(value, list) else [value]
    present = node.value if isinstance(node.value, list) else []
    if operator == "@@append":
        node.value = present + [each for each in values if each not in present]
    else:
        node.value = [each for each in present if each not in values]


def _restrict(node: _Node, allowed: frozenset[str]) -> None:
    node.allowed &= allowed
    for child in node.children.values():
        _restrict(child, allowed)


def describe_effective_policy(request: Request) -> Members:
    organization, policy_type = request.organization, request.given["PolicyType"]
    target_id = request.given.get("TargetId") or request.caller.account_id
    reads_all = {organization.management_account_id, *organization.delegated}
    if target_id != request.caller.account_id and request.caller.account_id not in reads_all:
        raise AwsError(
            "AccessDeniedException", "You don't have permissions to access this resource."
        )
    if target_id not in organization.accounts:
        describe.check_target(organization, target_id)
    document = effective_policy(organization, target_id, policy_type)
    if not document:
        raise AwsError(
            "EffectivePolicyNotFoundException",
            "If you ran this action on the management account, this policy type is not enabled. "
            "If you ran the action on a member account, the account doesn't have an effective "
            "policy of this type.",
        )
    return {
        "EffectivePolicy": {
            "PolicyContent": json.dumps(document, separators=(",", ":")),
            "LastUpdatedTimestamp": request.at,
            "TargetId": target_id,
            "PolicyType": policy_type,
        }
    }


def list_accounts_with_invalid_effective_policy(request: Request) -> Members:
    return {"Accounts": [], "PolicyType": request.given["PolicyType"]}


OPERATIONS: dict[str, Operation] = {
    "DescribeEffectivePolicy": describe_effective_policy,
    "ListAccountsWithInvalidEffectivePolicy": list_accounts_with_invalid_effective_policy,
}
