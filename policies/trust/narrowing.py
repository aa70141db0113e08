"""Whom a statement that names everybody comes to, by the conditions that each caller must meet.

Only conditions that need their key narrow: positive ones without IfExists, and ForAllValues and
IfExists where a Null condition asks that the key is there. What such a value stands for is read
here; whether somebody meets all of them together is for the engine to say.

Source: IAM user guide, "AWS global condition context keys"; S3 user guide, "The meaning of
'public'".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from policies.comparison.callers import (
    CALLER_ACCOUNT,
    IS_SERVICE,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    SERVICE_NAME,
    SERVICE_NAMES,
    SOURCE_KEYS,
)
from policies.language.conditions import ARN_OPERATORS, STRING_OPERATORS
from policies.language.document import Condition, Operator, SetOperator, Statement
from policies.trust.edges import TrustPrincipal, TrustPrincipalKind
from policies.trust.principals import ANY_SERVICE, EVERYONE, arn_principal

SOURCE_OWNER: Final = "aws:sourceowner"
ACCOUNT_KEYS: Final = (PRINCIPAL_ACCOUNT, CALLER_ACCOUNT, SOURCE_OWNER)
"""Keys that hold the caller's account. AWS:SourceOwner is SNS's and SES's own, in old policies."""

_ACCOUNT = re.compile(r"\d{12}")
_ARN_ACCOUNT = re.compile(r":(\d{12}):")
"""The account in an ARN of a principal or a pattern of them, of which no other part can be one."""
_ORGANIZATION = re.compile(r"o-[a-z0-9]{1,32}")
_TRUE: Final = frozenset({"true"})


def required_conditions(statement: Statement) -> dict[str, list[Condition]]:
    """Return the conditions that hold only where their key is there and has a listed value.

    By the key in lower case. Conditions with policy variables are left out.
    """
    there = {
        condition.key.lower()
        for condition in statement.conditions
        if condition.operator is Operator.NULL
        and not condition.if_exists
        and all(value.lower() == "false" for value in condition.values)
    }
    found: dict[str, list[Condition]] = {}
    for condition in statement.conditions:
        key = condition.key.lower()
        if condition.negated or condition.operator in (None, Operator.NULL):
            continue
        weak = condition.if_exists or condition.set_operator is SetOperator.FOR_ALL_VALUES
        if (weak and key not in there) or any("${" in value for value in condition.values):
            continue
        found.setdefault(key, []).append(condition)
    return found


def narrowed(statement: Statement, *, by_services: bool = True) -> tuple[TrustPrincipal, ...]:
    """Return whom a statement for everybody comes to; everyone where nothing narrows it.

    Nobody where the values that are read here exclude each other. `by_services`: whether AWS
    services are among those whom the statement names.
    """
    required = required_conditions(statement)
    if by_services:
        services = _services(required)
        if services is not None:
            return services
    accounts = _accounts(required)
    arns = _texts(required, (PRINCIPAL_ARN,))
    if arns is not None:
        principals = _of_arns(arns, accounts)
        if principals is not None:
            return principals
    if accounts is not None:
        return tuple(
            TrustPrincipal(TrustPrincipalKind.ACCOUNT, account, account) for account in accounts
        )
    return _of_organization(required)


def _services(required: Mapping[str, Sequence[Condition]]) -> tuple[TrustPrincipal, ...] | None:
    """Return the services that alone can meet the conditions; None where others can."""
    names = _texts(required, (SERVICE_NAME,)) or _texts(required, (SERVICE_NAMES,))
    if names is not None:
        if any(_is_wild(name) for name in names):
            return (ANY_SERVICE,)
        return tuple(TrustPrincipal(TrustPrincipalKind.SERVICE, name) for name in names)
    if SOURCE_KEYS & required.keys():
        return (ANY_SERVICE,)
    for condition in required.get(IS_SERVICE, ()):
        if frozenset(value.lower() for value in condition.values) == _TRUE:
            return (ANY_SERVICE,)
    return None


def _texts(
    required: Mapping[str, Sequence[Condition]], keys: Iterable[str]
) -> tuple[str, ...] | None:
    """Return the shortest of the lists of values that conditions on some keys give."""
    lists = [
        condition.values
        for key in keys
        for condition in required.get(key, ())
        if (condition.operator in STRING_OPERATORS or condition.operator in ARN_OPERATORS)
        and not _allows_wild_all(condition)
    ]
    return min(lists, key=len) if lists else None


def _allows_wild_all(condition: Condition) -> bool:
    takes = _takes_wildcards(condition)
    return takes and any(not value.strip("*") for value in condition.values)


def _takes_wildcards(condition: Condition) -> bool:
    return condition.operator is Operator.STRING_LIKE or condition.operator in ARN_OPERATORS


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


def _accounts(required: Mapping[str, Sequence[Condition]]) -> tuple[str, ...] | None:
    """Return the accounts that the caller may be of; None where any."""
    found: list[str] | None = None
    for key in ACCOUNT_KEYS:
        for condition in required.get(key, ()):
            if condition.operator not in STRING_OPERATORS:
                continue
            wild = _takes_wildcards(condition) and any(map(_is_wild, condition.values))
            if wild:
                continue
            named = [value for value in condition.values if _ACCOUNT.fullmatch(value)]
            found = named if found is None else [one for one in found if one in named]
    return None if found is None else tuple(dict.fromkeys(found))


def _of_arns(
    arns: Sequence[str], accounts: Sequence[str] | None
) -> tuple[TrustPrincipal, ...] | None:
    """Return the principals of a list of ARNs; None where one may be of any account."""
    found: dict[TrustPrincipal, None] = {}
    for arn in arns:
        match = _ARN_ACCOUNT.search(arn)
        account = match[1] if match else None
        if account is None and _is_wild(arn):
            return None
        if account is not None and accounts is not None and account not in accounts:
            continue
        principal = None if _is_wild(arn) else arn_principal(arn)
        if principal is None and account is not None:
            principal = TrustPrincipal(TrustPrincipalKind.ACCOUNT, account, account)
        if principal is not None:
            found[principal] = None
    return tuple(found)


def _of_organization(required: Mapping[str, Sequence[Condition]]) -> tuple[TrustPrincipal, ...]:
    paths = _organization_texts(required.get(PRINCIPAL_PATHS, ()))
    ids = _organization_texts(required.get(PRINCIPAL_ORGANIZATION, ()))
    if paths is not None:
        found: dict[TrustPrincipal, None] = {}
        for path in paths:
            principal = _of_path(path)
            if ids is None or principal.id.partition("/")[0] in ids:
                found[principal] = None
        return tuple(found)
    if ids is not None:
        return tuple(TrustPrincipal(TrustPrincipalKind.ORGANIZATION, one) for one in ids)
    return (EVERYONE,)


def _organization_texts(conditions: Iterable[Condition]) -> tuple[str, ...] | None:
    """Return the values that name organizations in full; None where nothing narrows to some."""
    found: list[str] | None = None
    for condition in conditions:
        if condition.operator not in STRING_OPERATORS:
            continue
        if _takes_wildcards(condition):
            if any(_is_wild(value.partition("/")[0]) for value in condition.values):
                continue
            named = list(condition.values)
        else:
            named = [value for value in condition.values if not _is_wild(value)]
        if condition.operator is Operator.STRING_EQUALS_IGNORE_CASE:
            named = [value.lower() for value in named]
        named = [value for value in named if _ORGANIZATION.fullmatch(value.partition("/")[0])]
        found = named if found is None else _either(found, named)
    return None if found is None else tuple(dict.fromkeys(found))


def _either(first: list[str], second: list[str]) -> list[str]:
    shared = [one for one in first if one in second]
    return shared or min(first, second, key=len)


def _of_path(path: str) -> TrustPrincipal:
    """Return the OU below which a pattern of paths lies; the organization if that is its root."""
    fixed = path[: _first_wild(path)]
    parts = fixed.rpartition("/")[0].split("/")
    is_root = len(parts) == 2 and fixed.endswith("/") and fixed != path
    if len(parts) < 2 or not parts[1] or is_root:
        return TrustPrincipal(TrustPrincipalKind.ORGANIZATION, path.partition("/")[0])
    return TrustPrincipal(TrustPrincipalKind.ORGANIZATIONAL_UNIT, "/".join(parts) + "/")


def _first_wild(text: str) -> int:
    return next((at for at, char in enumerate(text) if char in "*?"), len(text))


__all__ = ["ACCOUNT_KEYS", "EVERYONE", "SOURCE_OWNER", "narrowed", "required_conditions"]
