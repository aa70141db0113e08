"""All checks of trust; a new one is one module, one line here and its cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from policies.trust.edges import PolicyEdge
from policies.trust.findings.allow_with_not_principal import check_not_principal
from policies.trust.findings.cognito import check_cognito
from policies.trust.findings.confused_deputy import check_confused_deputy
from policies.trust.findings.deleted_principal import check_deleted
from policies.trust.findings.deny_with_not_principal import check_deny_not_principal
from policies.trust.findings.external_without_external_id import check_external_id
from policies.trust.findings.federation_audience import check_federation_audience
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.guard_does_not_guard import check_guards
from policies.trust.findings.guessable_external_id import check_guessable_external_id
from policies.trust.findings.oidc_reassignable import check_oidc_reassignable
from policies.trust.findings.oidc_tenants import check_oidc_tenants
from policies.trust.findings.organization_wide_trust import check_organization_wide
from policies.trust.findings.public import check_public
from policies.trust.findings.subject import Check, TrustSubject
from policies.trust.findings.unreadable_policy import check_unreadable
from policies.trust.findings.whole_account_trust import check_whole_account
from policies.trust.findings.wildcard_principal_weak_condition import check_weak_condition
from policies.trust.question import TrustQuestion

CHECKS: Final[tuple[Check, ...]] = (
    check_unreadable,
    check_public,
    check_weak_condition,
    check_not_principal,
    check_deny_not_principal,
    check_external_id,
    check_guessable_external_id,
    check_whole_account,
    check_guards,
    check_confused_deputy,
    check_oidc_tenants,
    check_oidc_reassignable,
    check_cognito,
    check_federation_audience,
    check_organization_wide,
    check_deleted,
)

_ORDER: Final = {severity: place for place, severity in enumerate(TrustSeverity)}


def policy_findings(
    question: TrustQuestion, edges: Iterable[PolicyEdge]
) -> tuple[PolicyFinding, ...]:
    """Return what is wrong with a policy, the worst first, then in the order of its statements.

    `edges`: those that `trust_edges` gives for the question. An edge that is blocked gives no
    finding: nobody comes in by it.
    """
    subject = TrustSubject(question, tuple(edges))
    return in_order(finding for check in CHECKS for finding in check(subject))


def in_order(findings: Iterable[PolicyFinding]) -> tuple[PolicyFinding, ...]:
    """Return findings, the worst first, then in the order of the policy's statements."""
    return tuple(sorted(findings, key=_place))


def _place(finding: PolicyFinding) -> tuple[int, int, str]:
    statement = -1 if finding.statement is None else finding.statement
    return _ORDER[finding.severity], statement, finding.code
