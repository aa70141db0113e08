"""What a kind of trust finding is, and one thing found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from policies.trust import TrustSeverity
from policies.trust.edges import Remedy

if TYPE_CHECKING:
    from governance.posture.trust.findings.facts import TrustFacts


@dataclass(frozen=True, slots=True)
class FoundTrust:
    """One thing that is wrong.

    `subject_arn`: the role, user, resource, provider or policy that it is about. `account_id`: the
    account that it is in. `message`: a sentence. `edge_key`: of the edge that it is about. `about`:
    tells apart findings of one kind about one subject and edge. `severity`: where it is not its
    kind's.
    """

    subject_arn: str
    account_id: str
    message: str
    edge_key: str = ""
    about: str = ""
    statement: int | None = None
    severity: TrustSeverity | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedy: Remedy = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrustFindingKind:
    """A question that is asked of all trust of an organization, and what answers it.

    `label`: as screens call such a finding. `check`: yields what it finds; what is not known is
    no finding, and never a reason to call something fine.
    """

    code: str
    label: str
    question: str
    severity: TrustSeverity
    check: Callable[[TrustFacts], Iterable[FoundTrust]]

    def __str__(self) -> str:
        """Return the code."""
        return self.code


def finding_key(code: str, account_id: str, subject_arn: str, edge_key: str, about: str) -> str:
    """Return the SHA-256 that names a finding over its versions."""
    named = "\n".join((code, account_id, subject_arn, edge_key, about))
    return hashlib.sha256(named.encode()).hexdigest()
