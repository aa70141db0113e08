"""Whom a policy lets in, from where, under which guards: from its text to edges and findings."""

from policies.trust.edges import (
    EdgeBlock,
    GuardKind,
    PolicyCrossing,
    PolicyEdge,
    TrustGuard,
    TrustPrincipal,
    TrustPrincipalKind,
)
from policies.trust.findings import PolicyFinding, TrustSeverity
from policies.trust.question import TrustedResource, TrustOrganization, TrustQuestion

__all__ = [
    "EdgeBlock",
    "GuardKind",
    "PolicyCrossing",
    "PolicyEdge",
    "PolicyFinding",
    "TrustGuard",
    "TrustOrganization",
    "TrustPrincipal",
    "TrustPrincipalKind",
    "TrustQuestion",
    "TrustSeverity",
    "TrustedResource",
]
