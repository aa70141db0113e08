"""What is wrong with a policy that lets somebody in."""

from policies.trust.findings.finding import PolicyFinding, TrustSeverity

__all__ = ["PolicyFinding", "TrustSeverity"]
