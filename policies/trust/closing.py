"""A control policy that closes a statement's edges, proven by asking for them again.

What a policy lets in by mistake can be closed around it, without touching it: a resource control
policy (RCP) on the resource's account denies whoever should not come, a service control policy
(SCP) on the callers' accounts keeps them from going there. One is offered only if no edge of the
statement is left that it is about, and every other edge of the policy is as open as before.

Source: Organizations user guide, "Service control policies" (they bind the callers of members) and
"Resource control policies" (syntax, services, what they do not bind); IAM user guide, "AWS global
condition context keys" (aws:PrincipalOrgID, aws:SourceOrgID).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from policies.compiled import default_compiler
from policies.evaluation.policy_set import TargetPolicies
from policies.language.document import PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.trust.actions import ROLE_ACTIONS, service_of
from policies.trust.edges import (
    PolicyCrossing,
    PolicyEdge,
    TrustPrincipal,
    TrustPrincipalKind,
)
from policies.trust.findings.finding import PolicyFinding
from policies.trust.findings.registry import policy_findings
from policies.trust.principals import SAML
from policies.trust.question import TrustQuestion
from policies.trust.reading import trust_edges

_WITHIN: Final = frozenset({PolicyCrossing.SAME_ACCOUNT, PolicyCrossing.ORGANIZATION})
_IS_SERVICE: Final = "aws:PrincipalIsAWSService"
_WITH_PARTS: Final = frozenset({"s3", "dynamodb"})
"""Services whose resources have parts that their policies name below the resource's own ARN."""

JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ClosingControl:
    """A control policy that closes edges. `text`: JSON, indented. `before`, `after`: the policy's
    edges. `account_ids`: what it is attached to."""

    text: str
    before: tuple[PolicyEdge, ...]
    after: tuple[PolicyEdge, ...]
    account_ids: tuple[str, ...]


def closing_control(
    question: TrustQuestion, statement: int, finding: PolicyFinding | None = None
) -> ClosingControl | None:
    """Return an RCP for the resource's account that closes a statement's edges from elsewhere.

    `finding`: what has to be gone with it; None: every edge of the statement that somebody can use
    has to be blocked. None: no RCP is proven to do so and to leave the other edges open, or RCPs do
    not bind the resource.
    """
    levels = question.resource_control_policies
    organization = question.organization
    if not levels or organization is None or organization.id is None:
        return None
    if question.resource.account_id == organization.management_account_id:
        return None
    before = trust_edges(question)
    wanted = tuple(one for one in before if one.statement == statement and not one.blocked_by)
    if not wanted or not is_bound_by_rcps(question.resource.arn):
        return None
    for condition, actions in product(
        _conditions(wanted, organization.id), _actions(question, wanted)
    ):
        text = _text(question, actions, condition)
        document = parse_policy(text, PolicyType.RESOURCE_CONTROL_POLICY).document
        if document is None:
            continue
        asked = replace(question, resource_control_policies=_with(levels, document))
        after = trust_edges(asked)
        if _closes(asked, after, statement, wanted, finding) and _spares(before, after, wanted):
            return ClosingControl(text, before, after, (question.resource.account_id,))
    return None


def closing_caller_control(
    question: TrustQuestion, statement: int, finding: PolicyFinding | None = None
) -> ClosingControl | None:
    """Return an SCP for the accounts that a statement lets in, which keeps their callers away.

    `finding`: as of `closing_control`. None: somebody else than members of the organization is let
    in, the management account is, or no SCP is proven to close it and to leave the rest open.
    """
    organization = question.organization
    before = trust_edges(question)
    wanted = tuple(one for one in before if one.statement == statement and not one.blocked_by)
    callers = caller_accounts(question, wanted)
    if organization is None or not callers or organization.management_account_id in callers:
        return None
    chains = question.service_control_policies
    if any(not chains.get(account_id) for account_id in callers):
        return None
    for condition, actions in product(_caller_conditions(wanted), _actions(question, wanted)):
        text = _caller_text(question, actions, condition)
        document = parse_policy(text, PolicyType.SERVICE_CONTROL_POLICY).document
        if document is None:
            continue
        more = {account_id: _with(chains[account_id], document) for account_id in callers}
        after = trust_edges(replace(question, service_control_policies={**chains, **more}))
        if _closes(question, after, statement, wanted, finding) and _spares(before, after, wanted):
            return ClosingControl(text, before, after, callers)
    return None


def caller_accounts(question: TrustQuestion, edges: Sequence[PolicyEdge]) -> tuple[str, ...]:
    """Return the accounts of the organization that edges come from; empty: others come, too."""
    crossings = {one.crossing for one in edges}
    accounts = {one.principal.account_id or "" for one in edges}
    if not edges or crossings != {PolicyCrossing.ORGANIZATION} or "" in accounts:
        return ()
    return tuple(sorted(accounts - {question.resource.account_id}))


def _caller_conditions(wanted: Sequence[PolicyEdge]) -> Iterator[JsonObject]:
    """Yield whom an SCP can deny: the roles and users alone, or everybody of their accounts."""
    named = (TrustPrincipalKind.ROLE, TrustPrincipalKind.USER)
    if all(one.principal.kind in named for one in wanted):
        arns = sorted({one.principal.id for one in wanted})
        yield {"ArnEquals": {"aws:PrincipalArn": list(arns)}}
    yield {}


def is_bound_by_rcps(arn: str) -> bool:
    """Whether RCPs can deny what is done with a resource; roles are bound by way of STS."""
    service = service_of(arn)
    return ("sts" if service == "iam" else service) in default_compiler().catalogue.rcp_services


def _actions(question: TrustQuestion, wanted: Sequence[PolicyEdge]) -> Iterator[list[str]]:
    """Yield what the RCP can deny: as little as the edges need, then all that lets somebody in."""
    if question.policy_type is not PolicyType.TRUST_POLICY:
        yield [f"{service_of(question.resource.arn)}:*"]
        return
    yield sorted({_role_action(one.principal) for one in wanted})
    yield list(ROLE_ACTIONS)


def _role_action(principal: TrustPrincipal) -> str:
    if principal.kind is not TrustPrincipalKind.FEDERATED:
        return "sts:AssumeRole"
    is_saml = principal.provider == SAML
    return "sts:AssumeRoleWithSAML" if is_saml else "sts:AssumeRoleWithWebIdentity"


def _conditions(wanted: Sequence[PolicyEdge], organization_id: str) -> Iterator[JsonObject]:
    """Yield whom an RCP can deny: outsiders, services for outsiders, single accounts within."""
    outsiders: JsonObject = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
        "BoolIfExists": {_IS_SERVICE: "false"},
    }
    foreign: JsonObject = {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": organization_id},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {_IS_SERVICE: "true"},
    }
    crossings = {one.crossing for one in wanted}
    if PolicyCrossing.SERVICE in crossings:
        yield foreign
    if crossings - _WITHIN - {PolicyCrossing.SERVICE}:
        yield outsiders
    accounts = sorted({one.principal.account_id or "" for one in wanted})
    if crossings <= _WITHIN and all(accounts):
        yield {"StringEquals": {"aws:PrincipalAccount": list(accounts)}}


def _text(question: TrustQuestion, actions: Sequence[str], condition: JsonObject) -> str:
    who: JsonObject = {"Principal": "*"}
    what: JsonObject = {"Action": list(actions), "Resource": _resources(question)}
    return _denying(who | what | {"Condition": condition})


def _caller_text(question: TrustQuestion, actions: Sequence[str], condition: JsonObject) -> str:
    what: JsonObject = {"Action": list(actions), "Resource": _resources(question)}
    return _denying(what | ({"Condition": condition} if condition else {}))


def _resources(question: TrustQuestion) -> list[JsonValue]:
    arn = question.resource.arn
    parts = [f"{arn}/*"] if service_of(arn) in _WITH_PARTS else []
    return [arn, *parts]


def _denying(rest: JsonObject) -> str:
    statement: JsonObject = {"Sid": "CloseTrust", "Effect": "Deny", **rest}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def _with(levels: Sequence[TargetPolicies], document: PolicyDocument) -> tuple[TargetPolicies, ...]:
    """Return levels with a policy more at the last one, the account's."""
    last = levels[-1]
    return (*levels[:-1], TargetPolicies(last.target_id, (*last.policies, document)))


def _closes(
    question: TrustQuestion,
    after: tuple[PolicyEdge, ...],
    statement: int,
    wanted: Sequence[PolicyEdge],
    finding: PolicyFinding | None,
) -> bool:
    if finding is None:
        left = {(one.statement, one.principal): one for one in after}
        return all(left[one.statement, one.principal].blocked_by for one in wanted)
    return not any(
        one.code == finding.code and one.statement == statement
        for one in policy_findings(question, after)
    )


def _spares(
    before: Sequence[PolicyEdge], after: Sequence[PolicyEdge], wanted: Sequence[PolicyEdge]
) -> bool:
    """Whether all other edges are as open as they were."""
    meant = {(one.statement, one.principal) for one in wanted}
    now = {(one.statement, one.principal): one for one in after}
    return all(
        (now[one.statement, one.principal].blocked_by is None) == (one.blocked_by is None)
        for one in before
        if (one.statement, one.principal) not in meant
    )
