"""`deny-with-not-principal`: a deny that is meant to exempt a principal denies it all the same.

Whether it does is the evaluator's word: AWS exempts a role's session only if the account, the role
and that session are listed.

Source: IAM user guide, "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.compiled import CompiledStatement
from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    Reach,
    parse_principal,
    principal_reach,
)
from policies.language.document import Effect, PrincipalElement
from policies.language.policy_types import PolicyType
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy


def check_deny_not_principal(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the denies whose NotPrincipal does not exempt those whom it lists."""
    for index, statement in enumerate(subject.question.policy.statements):
        if statement.effect is not Effect.DENY or statement.not_principals is None:
            continue
        compiled = subject.compiled(index)
        listed = statement.not_principals
        denied = [
            element.value
            for element in listed
            if _is_denied(element, listed, compiled, subject.question.policy_type)
        ]
        if denied:
            yield finding(
                "deny-with-not-principal",
                TrustSeverity.MEDIUM,
                index,
                f"NotPrincipal lists {', '.join(denied[:3])}, but the statement still denies it: "
                "AWS exempts a principal only if its account and each of its sessions are listed "
                "as well.",
                remedy(
                    'Write "Principal": "*" and exempt roles by aws:PrincipalArn, which matches '
                    "their sessions.",
                    condition={"ArnNotLike": {"aws:PrincipalArn": list(dict.fromkeys(denied))}},
                ),
            )


def _is_denied(
    element: PrincipalElement,
    listed: tuple[PrincipalElement, ...],
    compiled: CompiledStatement,
    policy_type: PolicyType,
) -> bool:
    """Whether the statement denies everybody who acts as a listed role or user."""
    if element.kind != "AWS":
        return False
    try:
        principal = parse_principal(element.value)
    except NotAPrincipal:
        return False
    if principal.kind is PrincipalKind.USER:
        return principal_reach(compiled, principal, policy_type)[0] is not Reach.NONE
    if principal.kind is not PrincipalKind.ROLE:
        return False
    for other in listed:
        try:
            session = parse_principal(other.value)
        except NotAPrincipal:
            continue
        if session.kind is PrincipalKind.SESSION and session.name == principal.name:
            reach, _ = principal_reach(compiled, session, policy_type)
            if reach is Reach.NONE:
                return False
    return True
