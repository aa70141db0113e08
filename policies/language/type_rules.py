"""What each type of policy requires and forbids in a statement.

Source: Organizations user guide, "SCP syntax" and "RCP syntax"; IAM user guide, the page of each
element and "Creating IAM policies"; VPC guide, "Control access to VPC endpoints".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from policies.language.document import Effect, PrincipalElement, Statement
from policies.language.findings import Findings
from policies.language.json_reader import shown
from policies.language.policy_types import PolicyType

_WITHOUT_PRINCIPAL: Final = frozenset(
    {
        PolicyType.SERVICE_CONTROL_POLICY,
        PolicyType.IDENTITY_POLICY,
        PolicyType.PERMISSION_BOUNDARY,
        PolicyType.SESSION_POLICY,
    }
)
_WITH_PRINCIPAL: Final = frozenset(
    {
        PolicyType.RESOURCE_CONTROL_POLICY,
        PolicyType.RESOURCE_POLICY,
        PolicyType.TRUST_POLICY,
        PolicyType.VPC_ENDPOINT_POLICY,
    }
)
_RESOURCE_REQUIRED: Final = _WITHOUT_PRINCIPAL | {
    PolicyType.RESOURCE_CONTROL_POLICY,
    PolicyType.VPC_ENDPOINT_POLICY,
}
# IAM checks the characters of a Sid; services with policies of their own are more generous.
_STRICT_SID: Final = frozenset(
    {PolicyType.IDENTITY_POLICY, PolicyType.PERMISSION_BOUNDARY, PolicyType.SESSION_POLICY}
)
_SID = re.compile(r"[A-Za-z0-9]*")
_ACTION = re.compile(r"\*|[A-Za-z0-9*?._-]+:[A-Za-z0-9*?._-]+")
_RESOURCE = re.compile(r"\*|arn:.*|[^:\s\[\]<>{}]*[*?].*|\$\{.*|arn\$.*", re.DOTALL)
_ANYBODY: Final = frozenset({(PrincipalElement("*", "*"),), (PrincipalElement("AWS", "*"),)})
_NAMES: Final = {
    PolicyType.SERVICE_CONTROL_POLICY: "A service control policy",
    PolicyType.RESOURCE_CONTROL_POLICY: "A resource control policy",
    PolicyType.IDENTITY_POLICY: "An identity policy",
    PolicyType.PERMISSION_BOUNDARY: "A permissions boundary",
    PolicyType.SESSION_POLICY: "A session policy",
    PolicyType.RESOURCE_POLICY: "A resource policy",
    PolicyType.TRUST_POLICY: "A trust policy",
    PolicyType.VPC_ENDPOINT_POLICY: "A VPC endpoint policy",
}


def check_statement(statement: Statement, policy_type: PolicyType, findings: Findings) -> None:
    """Note what `policy_type` forbids or misses in one statement."""
    _check_actions(statement, policy_type, findings)
    _check_resources(statement, policy_type, findings)
    _check_principals(statement, policy_type, findings)
    if policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
        _check_resource_control(statement, findings)
    if statement.sid is not None and not _SID.fullmatch(statement.sid):
        note = findings.error if policy_type in _STRICT_SID else findings.warning
        note(
            "sid_characters",
            f"A Sid consists of letters and digits; {shown(statement.sid)} has others.",
            (*statement.path, "Sid"),
        )


def check_unique_sids(
    statements: Iterable[Statement], policy_type: PolicyType, findings: Findings
) -> None:
    """Note every Sid that an earlier statement of the policy has already."""
    seen: set[str] = set()
    for statement in statements:
        if statement.sid and statement.sid in seen:
            note = findings.error if policy_type in _STRICT_SID else findings.warning
            message = f"The Sid {shown(statement.sid)} is used twice; give each its own."
            note("duplicate_sid", message, (*statement.path, "Sid"))
        seen.add(statement.sid or "")


def _check_actions(statement: Statement, policy_type: PolicyType, findings: Findings) -> None:
    if statement.actions is None and statement.not_actions is None:
        findings.unreadable("missing_action", "Add 'Action' or 'NotAction'.", statement.path)
    element = "Action" if statement.actions is not None else "NotAction"
    path = (*statement.path, element)
    for action in statement.actions or statement.not_actions or ():
        if _ACTION.fullmatch(action):
            service = action.partition(":")[0]
            if (
                action != "*"
                and policy_type is not PolicyType.SERVICE_CONTROL_POLICY
                and ("*" in service or "?" in service)
                and action != "*:*"
            ):
                findings.error(
                    "wildcard_in_service",
                    f"{shown(action)}: wildcards are allowed after the colon only.",
                    path,
                )
        elif action != action.strip() and _ACTION.fullmatch(action.strip()):
            findings.error(
                "surrounding_space", f"Remove the white space around {shown(action)}.", path
            )
        else:
            findings.error(
                "action_form",
                f"{shown(action)} is not an action; write it like 's3:GetObject', 's3:Get*', '*'.",
                path,
            )


def _check_resources(statement: Statement, policy_type: PolicyType, findings: Findings) -> None:
    element = "NotResource" if statement.resources is None else "Resource"
    given = statement.not_resources if statement.resources is None else statement.resources
    if given is None:
        if policy_type in _RESOURCE_REQUIRED:
            findings.error(
                "missing_resource",
                f"{_NAMES[policy_type]} needs 'Resource' or 'NotResource' in each statement.",
                statement.path,
            )
        return
    path = (*statement.path, element)
    if policy_type is PolicyType.TRUST_POLICY:
        findings.error(
            "forbidden_element",
            f"A trust policy has no '{element}': the role itself is the resource.",
            path,
        )
    for resource in given:
        if not _RESOURCE.fullmatch(resource):
            findings.error(
                "resource_form",
                f"{shown(resource)} is not an ARN and not '*'; if it is a placeholder, fill it in.",
                path,
            )


def _check_principals(statement: Statement, policy_type: PolicyType, findings: Findings) -> None:
    element = "NotPrincipal" if statement.principals is None else "Principal"
    given = statement.not_principals if statement.principals is None else statement.principals
    if given is None:
        if policy_type in _WITH_PRINCIPAL:
            findings.error(
                "missing_principal",
                f"{_NAMES[policy_type]} needs 'Principal' in each statement.",
                statement.path,
            )
    elif policy_type in _WITHOUT_PRINCIPAL:
        findings.error(
            "forbidden_element",
            f"{_NAMES[policy_type]} has no '{element}'; use a condition such as aws:PrincipalArn.",
            (*statement.path, element),
        )


def _check_resource_control(statement: Statement, findings: Findings) -> None:
    if _is_full_access(statement):
        return
    path = statement.path
    if statement.effect is Effect.ALLOW:
        findings.error(
            "forbidden_effect",
            "A resource control policy may only deny; RCPFullAWSAccess does the allowing.",
            (*path, "Effect"),
        )
    for element, present in (
        ("NotAction", statement.not_actions is not None),
        ("NotPrincipal", statement.not_principals is not None),
    ):
        if present:
            findings.error(
                "forbidden_element",
                f"A resource control policy has no '{element}'.",
                (*path, element),
            )
    if statement.principals is not None and statement.principals not in _ANYBODY:
        findings.error(
            "forbidden_principal",
            'The only Principal of a resource control policy is "*"; '
            "use a condition such as aws:PrincipalArn.",
            (*path, "Principal"),
        )
    if "*" in (statement.actions or ()):
        findings.error(
            "forbidden_action",
            "A resource control policy may not name '*' alone; name services, such as 's3:*'.",
            (*path, "Action"),
        )


def _is_full_access(statement: Statement) -> bool:
    return (
        statement.effect is Effect.ALLOW
        and statement.actions == ("*",)
        and statement.resources == ("*",)
        and statement.principals in _ANYBODY
        and not statement.conditions
    )
