"""`unreadable-policy`: whom a policy lets in is not known, since it cannot be read.

Source: IAM user guide, "Grammar of the IAM JSON policy language"; "Condition operators".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy

UNREADABLE: Final = "unreadable-policy"


def unreadable_policy(problem: str) -> PolicyFinding:
    """Return the finding for a text that is no policy. `problem`: what is wrong, one sentence."""
    return finding(
        UNREADABLE,
        TrustSeverity.HIGH,
        None,
        f"{problem} Whom it lets in is not known.",
        remedy("Correct the policy so that AWS and its reviewers read the same."),
    )


def check_unreadable(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements with a condition operator that AWS does not have."""
    for index, statement in enumerate(subject.question.policy.statements):
        unknown = [c.written_operator for c in statement.conditions if c.operator is None]
        if unknown:
            yield finding(
                UNREADABLE,
                TrustSeverity.HIGH,
                index,
                f"AWS has no condition operator {unknown[0]}; whom the statement lets in is not "
                "known.",
                remedy("Write a condition operator of AWS's."),
            )
