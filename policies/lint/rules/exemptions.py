"""Exemptions by a principal's name that people could give themselves.

A deny that exempts `arn:aws:iam::*:role/Admin` guards nothing against whoever may create a role of
that name. Roles below `aws-reserved/` and `aws-service-role/` only AWS creates.

Source: IAM user guide, "aws:PrincipalArn"; Organizations user guide, "SCP examples".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledCondition, CompiledStatement
from policies.coverage import resource_covers
from policies.language.conditions import ARN_OPERATORS, STRING_OPERATORS
from policies.language.document import Condition, Effect
from policies.language.json_reader import shown
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject

_KEY: Final = "aws:principalarn"
_GUARDRAILS: Final = frozenset(
    {PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY}
)
_ROLE = re.compile(r"(?P<account>.*?):(?P<kind>role|user)/(?P<name>.+)", re.DOTALL)
_ONLY_AWS: Final = ("aws-reserved/", "aws-service-role/")
_CREATORS: Final = {
    "role": ("iam:CreateRole", "iam:UpdateAssumeRolePolicy"),
    "user": ("iam:CreateUser", "iam:CreateAccessKey"),
}


def check_exemptions(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the exempt names that no statement keeps people from taking."""
    if subject.policy_type not in _GUARDRAILS:
        return
    for index, statement, compiled in subject.statements():
        if compiled.effect is not Effect.DENY:
            continue
        for condition in statement.conditions:
            if not _exempts(condition):
                continue
            for value in dict.fromkeys(condition.values):
                yield from _exempt_name(subject, index, condition, value)


def _exempts(condition: Condition) -> bool:
    return (
        condition.key.lower() == _KEY
        and condition.negated
        and condition.operator in ARN_OPERATORS | STRING_OPERATORS
    )


def _exempt_name(
    subject: LintSubject, index: int, condition: Condition, value: str
) -> Iterator[LintFinding]:
    match = _ROLE.fullmatch(value)
    if match is None:
        if value.strip("*") == "":
            yield subject.warning(
                "exemption_spares_everybody",
                f"{shown(value)} exempts every principal, so the deny never applies.",
                condition.path,
                index,
            )
        return
    name = match["name"]
    if name.startswith(_ONLY_AWS):
        return
    creators = _CREATORS[match["kind"]]
    open_to = [action for action in creators if not _guarded(subject, action, match["kind"], name)]
    if not open_to:
        return
    if name.strip("*") == "":
        message = f"{shown(value)} exempts every {match['kind']}; name the intended ones."
    else:
        how = (
            "any account may create it"
            if "*" in match["account"].rpartition(":")[2]
            else "the account may create it"
        )
        message = (
            f"The exemption of {shown(value)} matches on its name, and {how}: deny "
            f"{' and '.join(open_to)} "
            f"on arn:aws:iam::*:{match['kind']}/{name} to all but those who manage it."
        )
    yield subject.warning("exemption_by_creatable_name", message, condition.path, index)


def _guarded(subject: LintSubject, action: str, kind: str, name: str) -> bool:
    """Whether some statement denies an action on the name to everybody but exempt principals."""
    bit = subject.catalogue.bits(action)
    arn = f"arn:aws:iam::*:{kind}/{name}"
    return any(
        statement.effect is Effect.DENY
        and bit & ~statement.action_bits == 0
        and _covers_arn(statement, arn)
        and all(map(_is_exemption, statement.conditions))
        for statement in (*subject.compiled, *subject.companions)
    )


def _covers_arn(statement: CompiledStatement, arn: str) -> bool:
    if statement.resources is None:
        return True
    if statement.not_resource:
        return False
    return any(
        resource_covers(resource.replace(":iam:*:", ":iam::"), arn)
        for resource in statement.resources
    )


def _is_exemption(condition: CompiledCondition) -> bool:
    return condition.key == _KEY and condition.negated
