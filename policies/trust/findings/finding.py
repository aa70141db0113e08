"""What a finding of trust is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from policies.trust.edges import Remedy


class TrustSeverity(StrEnum):
    """How much a finding matters, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One thing that is wrong. `statement`: its place in the policy; None: the policy as a whole.

    `remedy`: what to write instead.
    """

    code: str
    severity: TrustSeverity
    statement: int | None
    message: str
    remedy: Remedy = field(default_factory=dict)
