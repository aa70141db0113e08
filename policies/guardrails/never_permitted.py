"""What AWS itself never permits, as a level that denies it: no guardrail fails by it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Final

from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.aws_rules import AwsRule, RuleKind, aws_rules
from policies.evaluation.principal import PrincipalKind
from policies.full_access import full_access
from policies.language.document import VERSION_WITH_VARIABLES, PolicyDocument
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType

_TYPES: Final = {
    PrincipalKind.ROOT_USER: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
}


def rules_level(compiler: Compiler, bits: int) -> PolicyLevel | None:
    """Return a level that denies what AWS never permits of some actions; None if that is nothing.

    Source: see `policies.evaluation.aws_rules`.
    """
    denies = [one for one in _denies(compiler) if one.action_bits & bits]
    if not denies:
        return None
    allow = compiler.document(full_access(PolicyType.SERVICE_CONTROL_POLICY))[0]
    return compiler.level_of((allow, *denies))


def _denies(compiler: Compiler) -> tuple[CompiledStatement, ...]:
    return compiler.document(_document())


@lru_cache(maxsize=1)
def _document() -> PolicyDocument:
    rules = [rule for rule in aws_rules() if rule.kind is RuleKind.NEVER_PERMITTED]
    policy = {"Version": VERSION_WITH_VARIABLES, "Statement": [_statement(rule) for rule in rules]}
    document = parse_policy(json.dumps(policy), PolicyType.IDENTITY_POLICY).document
    if document is None:
        raise AssertionError("the rules of AWS make a policy")
    return document


def _statement(rule: AwsRule) -> dict[str, object]:
    if rule.callers is None:
        who: dict[str, object] = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    else:
        types = {_TYPES[kind] for kind in rule.callers if kind in _TYPES}
        who = {"StringEquals": {"aws:PrincipalType": sorted(types)}}
    what = {key: list(patterns) for key, patterns in rule.context_patterns.items()}
    return {
        "Effect": "Deny",
        "Action": list(rule.actions),
        "Resource": list(rule.resource_patterns),
        "Condition": {**who, **({"ForAnyValue:StringLike": what} if what else {})},
    }
