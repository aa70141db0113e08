"""What AWS accepts as a policy document, by policy type."""

import json
import re
from typing import Any, Final

from demo.simulator.errors import AwsError, constraint
from demo.simulator.organizations.limits import POLICY_QUOTAS

CONDITION_OPERATORS: Final = frozenset(
    f"{kind}{name}{suffix}".lower()
    for name in (
        *(f"String{way}" for way in ("Equals", "NotEquals", "EqualsIgnoreCase")),
        *("StringNotEqualsIgnoreCase", "StringLike", "StringNotLike", "Bool", "BinaryEquals"),
        *(f"Numeric{way}" for way in ("Equals", "NotEquals", "LessThan", "LessThanEquals")),
        *("NumericGreaterThan", "NumericGreaterThanEquals", "IpAddress", "NotIpAddress"),
        *(f"Date{way}" for way in ("Equals", "NotEquals", "LessThan", "LessThanEquals")),
        *("DateGreaterThan", "DateGreaterThanEquals"),
        *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
    )
    for kind in ("", "ForAllValues:", "ForAnyValue:")
    for suffix in ("", "IfExists")
) | {"null"}

_INHERITANCE_OPERATORS: Final = frozenset(
    {"@@assign", "@@append", "@@remove", "@@operators_allowed_for_child_policies"}
    | {"@@enforced_for"}
)
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_SCP_MEMBERS: Final = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_RCP_MEMBERS: Final = frozenset(
    {"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}
)


def check_policy(policy_type: str, content: str) -> None:
    """Check a document as CreatePolicy and UpdatePolicy do.

    :raises AwsError: MalformedPolicyDocumentException or POLICY_CONTENT_LIMIT_EXCEEDED.
    """
    quota = POLICY_QUOTAS[policy_type]
    if len(content) > quota.characters:
        raise constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            "You attempted to create a policy document that's larger than the maximum size.",
        )
    document = _parse(content)
    if policy_type in {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}:
        _check_authorization(document, rcp=policy_type == "RESOURCE_CONTROL_POLICY")
    else:
        _check_management(document, quota.top_key)


def malformed(detail: str) -> AwsError:
    return AwsError(
        "MalformedPolicyDocumentException",
        "The provided policy document does not meet the requirements of the specified policy "
        f"type: {detail}",
    )


def _parse(content: str) -> dict[str, Any]:
    try:
        document = json.loads(content, object_pairs_hook=_unique_members)
    except ValueError as error:
        raise malformed(str(error)) from error
    if not isinstance(document, dict) or not document:
        raise malformed("the document is no JSON object")
    return document


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return members


def _check_authorization(document: dict[str, Any], *, rcp: bool) -> None:
    if unknown := set(document) - {"Version", "Id", "Statement"}:
        raise malformed(f"unknown element {sorted(unknown)[0]}")
    if document.get("Version", "2012-10-17") not in {"2012-10-17", "2008-10-17"}:
        raise malformed("unknown Version")
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise malformed("Statement is missing")
    sids = [each.get("Sid") for each in statements if isinstance(each, dict) and each.get("Sid")]
    if len(set(sids)) != len(sids):
        raise malformed("a Sid occurs twice")
    for statement in statements:
        _check_statement(statement, rcp=rcp)


def _check_statement(statement: Any, *, rcp: bool) -> None:
    if not isinstance(statement, dict):
        raise malformed("a statement is no JSON object")
    if unknown := set(statement) - (_RCP_MEMBERS if rcp else _SCP_MEMBERS):
        raise malformed(f"the element {sorted(unknown)[0]} is not supported")
    effects = {"Deny"} if rcp else {"Allow", "Deny"}
    if statement.get("Effect") not in effects:
        raise malformed(f"Effect must be {' or '.join(sorted(effects))}")
    if rcp and statement.get("Principal") != "*":
        raise malformed('Principal must be "*"')
    _check_one_of(statement, "Action", "NotAction")
    _check_one_of(statement, "Resource", "NotResource")
    for action in _texts(statement.get("Action", statement.get("NotAction"))):
        if not _ACTION.fullmatch(action) or (rcp and action == "*"):
            raise malformed(f"the action {action} is not supported")
    for resource in _texts(statement.get("Resource", statement.get("NotResource"))):
        if resource != "*" and not resource.startswith("arn:"):
            raise malformed(f"the resource {resource} is no ARN")
    _check_condition(statement.get("Condition", {}))


def _check_one_of(statement: dict[str, Any], name: str, other: str) -> None:
    if (name in statement) == (other in statement):
        raise malformed(f"a statement needs either {name} or {other}")


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) for each in values):
        raise malformed("actions and resources are text")
    return values


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, dict):
        raise malformed("Condition is no JSON object")
    for operator, keys in condition.items():
        if operator.lower() not in CONDITION_OPERATORS:
            raise malformed(f"unknown condition operator {operator}")
        if not isinstance(keys, dict) or not keys:
            raise malformed(f"{operator} has no keys")


def _check_management(document: dict[str, Any], top_key: str) -> None:
    if top_key and set(document) != {top_key}:
        raise malformed(f"the document starts with the key {top_key}")
    _check_operators(document)


def _check_operators(value: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if key.startswith("@@") and key not in _INHERITANCE_OPERATORS:
                raise malformed(f"unknown operator {key}")
            _check_operators(item)
