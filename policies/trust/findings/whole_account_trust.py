"""`whole-account-trust`: every principal of another account may assume a role.

The account's administrators decide which; the role's owner does not. An external ID, an
organization or a named principal is a limit of its own; the management account is left out,
since AWS itself makes roles that trust it.

Source: IAM user guide, "AWS JSON policy elements: Principal", "AWS account principals".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.trust.edges import GuardKind, PolicyCrossing, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, names_of, remedy
from policies.trust.guards import GuardReading

# A source of the account's own calls is the instance or the function that has the credentials.
_ENOUGH = frozenset({GuardKind.EXTERNAL_ID, GuardKind.TAG, GuardKind.MFA, GuardKind.SOURCE_ARN})
_ALL_OF_A_KIND = re.compile(r"\*|root|(?:\*|role|user|assumed-role|federated-user)/?[*/]+")
_PRINCIPALS = frozenset({"aws:principalarn", "aws:userid", "aws:username"})


def _names_principals(reading: GuardReading) -> bool:
    """Whether a guard that holds names principals of the account, not all of it."""
    guard = reading.guard
    if not guard.holds or guard.key.lower() not in _PRINCIPALS:
        return False
    parts = [value.split(":", 5) for value in guard.values if value.count(":") >= 5]
    return not any(_ALL_OF_A_KIND.fullmatch(part[5]) for part in parts)


def check_whole_account(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that let a whole other account assume a role without a limit."""
    if not subject.is_trust_policy:
        return
    organization = subject.question.organization
    management = organization.management_account_id if organization else None
    for index, edges in subject.open_edges(TrustPrincipalKind.ACCOUNT):
        whole = [
            edge
            for edge in edges
            if edge.crossing in (PolicyCrossing.EXTERNAL, PolicyCrossing.ORGANIZATION)
            and edge.principal.account_id != management
            and subject.lets_assume(edge)
            and not subject.holding(edge, _ENOUGH)
            and not any(map(_names_principals, subject.readings(edge)))
            and not any(all(map(_names_principals, one)) for one in subject.by_denies(edge))
        ]
        if not whole:
            continue
        outside = any(edge.crossing is PolicyCrossing.EXTERNAL for edge in whole)
        account = whole[0].principal.account_id
        yield finding(
            "whole-account-trust",
            TrustSeverity.MEDIUM if outside else TrustSeverity.LOW,
            index,
            f"Every role and user of {names_of(whole)} may assume this role, if its own account "
            "allows it.",
            remedy(
                "Name the role that uses it.",
                condition={
                    "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/ROLE_NAME"}
                },
            ),
        )
