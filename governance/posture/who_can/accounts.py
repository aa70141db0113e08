"""Whether a principal's account can make a difference to what policies say of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from policies import CompiledCondition, CompiledStatement
from policies.evaluation.applicable import ApplicableStatements

_DIGIT: Final = re.compile(r"\d")
_ACCOUNT: Final = re.compile(r"\d{12}")
_ARN_KEY: Final = "aws:principalarn"
ACCOUNT_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "kms:calleraccount",
        "aws:resourceaccount",
        "s3:resourceaccount",
    }
)
"""Keys whose value is, or may be, the id of the caller's own account."""

ROOT_KEYS: Final = ACCOUNT_KEYS | {"aws:userid"}
"""The same for root users."""

PATH_KEYS: Final = frozenset({"aws:principalorgpaths", "aws:resourceorgpaths"})
"""Keys whose value tells where the caller's own account stands."""


@dataclass(frozen=True, slots=True)
class AccountMatters:
    """Which accounts differ from the others. `every`: each may differ from each."""

    named: frozenset[str]
    every: bool


def account_matters(applicable: ApplicableStatements, *, of_root: bool) -> AccountMatters:
    """Return which accounts conditions can tell from others; all else of them being alike.

    It may say that accounts differ which do not, never that they do not where they do.
    """
    watched = (ROOT_KEYS if of_root else ACCOUNT_KEYS) | {_ARN_KEY}
    named: set[str] = set()
    for statement in _statements(applicable):
        if statement.resource_variable_keys & watched:
            return AccountMatters(frozenset(), every=True)
        for condition in statement.conditions:
            distinguished = _distinguished(condition, watched)
            if distinguished is None:
                return AccountMatters(frozenset(), every=True)
            named |= distinguished
    return AccountMatters(frozenset(named), every=False)


def _statements(applicable: ApplicableStatements) -> Iterable[CompiledStatement]:
    for place in applicable.layers():
        yield from place.statements


def _distinguished(condition: CompiledCondition, watched: frozenset[str]) -> frozenset[str] | None:
    """Return the accounts that a condition names; None where any may differ from any."""
    if condition.variable_keys & watched:
        return None
    if condition.key not in watched:
        return frozenset()
    if condition.variable_keys:
        return None
    found: set[str] = set()
    for value in condition.values:
        account = _in_arn(value) if condition.key == _ARN_KEY else _alone(value)
        if account is None:
            return None
        if account:
            found.add(account)
    return frozenset(found)


def _alone(value: str) -> str | None:
    if _ACCOUNT.fullmatch(value):
        return value
    return None if _DIGIT.search(value) or "?" in value else ""


def _in_arn(value: str) -> str | None:
    """Return the account that a pattern of ARNs names, empty for any; None if it is in doubt.

    Accounts differ in digits alone, all have twelve, and no name holds a colon: so a pattern can
    tell accounts apart only by digits that may meet the account's part.
    """
    if not _DIGIT.search(value):
        return ""
    parts = value.split(":", 5)
    if len(parts) < 6 or _DIGIT.search("".join(parts[:4])):
        return None
    if parts[4] in {"", "*"}:
        return "" if not any("*" in part for part in parts[:4]) else None
    fixed = not any(sign in part for part in parts[:4] for sign in "*?")
    return parts[4] if fixed and _ACCOUNT.fullmatch(parts[4]) else None
