"""`guessable-external-id`: an external ID that another customer of the same company can guess.

An external ID is no secret, but must be one that the company gives to nobody else.

Source: IAM user guide, "Access to AWS accounts owned by third parties" (When should I use an
external ID?).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.trust.edges import GuardKind, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import TrustSubject, finding, remedy
from policies.trust.guard_wording import GuardTrap
from policies.trust.guards import GuardReading

SHORTEST: Final = 8
"""An external ID of fewer characters can be tried out."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_WORD = re.compile(r"[A-Za-z]+([-_ ][A-Za-z]+)?[0-9]{0,4}")
_LONGEST_WORD: Final = 16


def check_guessable_external_id(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that ask for an external ID which is easy to guess."""
    for index, edges in subject.open_edges():
        reasons: dict[str, tuple[TrustSeverity, str]] = {}
        for edge in edges:
            if edge.principal.kind is TrustPrincipalKind.SERVICE:
                continue  # Firehose and others send the account's id, as AWS's policies ask.
            accounts = {subject.question.resource.account_id, edge.principal.account_id or ""}
            for reading in subject.readings(edge):
                if reading.guard.kind is GuardKind.EXTERNAL_ID:
                    reasons.update(_reasons(subject, reading, accounts))
        for value, (severity, reason) in reasons.items():
            yield finding(
                "guessable-external-id",
                severity,
                index,
                f"The external ID {value} {reason}.",
                remedy(
                    "Ask the other company for an external ID generated only for you, such as a "
                    "random UUID.",
                    condition={"StringEquals": {"sts:ExternalId": "RANDOM_UUID"}},
                ),
            )


def _reasons(
    subject: TrustSubject, reading: GuardReading, accounts: set[str]
) -> Iterator[tuple[str, tuple[TrustSeverity, str]]]:
    if reading.trap is GuardTrap.OPEN_ENDED:
        for value in reading.guard.values:
            if "*" in value or "?" in value:
                yield value, (TrustSeverity.HIGH, "is a pattern, so every ID of that form passes")
    if not reading.guard.holds:
        return
    role = subject.question.resource.arn.rpartition("/")[2].lower()
    for value in reading.names:
        reason = _reason(value, accounts, role)
        if reason is not None:
            yield value, (TrustSeverity.MEDIUM, reason)


def _reason(value: str, accounts: set[str], role: str) -> str | None:
    if value in accounts:
        return "is an account's id, which is not secret and no one customer's own"
    if _ACCOUNT.fullmatch(value):
        return "is an account's id, which anyone can know"
    if len(value) < SHORTEST:
        return f"has fewer than {SHORTEST} characters"
    if value.lower() == role:
        return "is the role's name"
    if value.isdecimal() or len(set(value)) <= 2:
        return "is a number that can be tried out"
    if len(value) <= _LONGEST_WORD and _WORD.fullmatch(value):
        return "is a word"
    return None
