"""`unreadable-policy`: whom a policy lets in is not known, since it cannot be read.

Source: IAM user guide, "Grammar of the IAM JSON policy language"; "Condition operators".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from policies.language.document import Diagnostic
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy

UNREADABLE: Final = "unreadable-policy"
_UNCLEAR: Final = frozenset(
    {
        "action_form",
        "condition_key_form",
        "duplicate_key",
        "empty_list",
        "missing_principal",
        "no_statements",
        "unknown_element",
        "unknown_principal_kind",
        "unknown_version",
    }
)
"""Errors for which AWS refuses a policy and that leave open what its author means."""
_STATEMENT: Final = re.compile(r"Statement\[(\d+)\]")


def unreadable_policy(problem: str) -> PolicyFinding:
    """Return the finding for a text that is no policy. `problem`: what is wrong, one sentence."""
    return finding(
        UNREADABLE,
        TrustSeverity.HIGH,
        None,
        f"{problem} Who is trusted is not known.",
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
                f"AWS has no condition operator {unknown[0]}; whom the statement allows is not "
                "known.",
                remedy("Write a condition operator of AWS's."),
            )


def unclear_policy(errors: Iterable[Diagnostic]) -> Iterator[PolicyFinding]:
    """Yield what AWS would refuse in a policy that can be read, where its meaning is not sure.

    One finding for each statement, the first of its errors.
    """
    told: set[int | None] = set()
    for error in errors:
        match = _STATEMENT.match(error.path)
        index = int(match[1]) if match else None
        if error.code in _UNCLEAR and index not in told:
            told.add(index)
            yield finding(
                UNREADABLE,
                TrustSeverity.HIGH,
                index,
                f"AWS refuses the policy: {error.message} Whom it should allow is not known.",
                remedy("Correct the policy so that AWS and its reviewers read the same."),
            )
