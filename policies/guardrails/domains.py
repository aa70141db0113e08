"""What keys can hold in requests that a guardrail is about.

Source: IAM user guide, "AWS global condition context keys" (availability of each key).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from policies.comparison.callers import (
    CALLER_ACCOUNT,
    IS_SERVICE,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    PRINCIPAL_TYPE,
    PRINCIPAL_TYPES,
    RESOURCE_ACCOUNT,
    RESOURCE_ORGANIZATION,
    SERVICE_NAME,
    SERVICE_NAMES,
)
from policies.comparison.domains import (
    PRINCIPAL_KINDS,
    REGIONS,
    Domain,
    Domains,
    principal_arn_domain,
    principal_globs,
)
from policies.guardrails.account_classes import RESOURCE_PATHS, S3_RESOURCE_ACCOUNT
from policies.language.patterns import Glob, Wild


class GuardedCallers(StrEnum):
    """Whose requests are asked about, and on whose resources."""

    OWN = "the account's principals on its resources"
    OWN_ELSEWHERE = "the account's principals on resources of other accounts"
    OUTSIDERS = "others on the account's resources"


@dataclass(frozen=True, slots=True)
class GuardedAccount:
    """What is known of an account that is asked about.

    `place`: what is above it, `r-…/ou-…/`; None if it is not known.
    """

    account_id: str
    organization_id: str | None
    place: str | None

    @property
    def path(self) -> Domain | None:
        """What aws:PrincipalOrgPaths has, `o-…/r-…/ou-…/`; None if the place is not known."""
        if self.place is None:
            return None
        if self.organization_id is None:
            return _path_in_some_organization(self.place)
        return just(f"{self.organization_id}/{self.place}")


@dataclass(frozen=True, slots=True)
class GuardedDomains(Domains):
    """The domains of requests by some callers, where one account is asked about."""

    callers: GuardedCallers = GuardedCallers.OWN
    facts: GuardedAccount | None = None
    partition: str = "aws"

    def of_key(self, key: str, *, value_type: str = "") -> Domain:
        """Return the domain of a condition key (lower case)."""
        found = None
        if self.facts is not None:
            if self.callers is not GuardedCallers.OUTSIDERS:
                found = _of_principal(key, self.facts, self.partition)
            if found is None and self.callers is GuardedCallers.OWN_ELSEWHERE:
                found = _of_other_resource(key, self.facts)
            elif found is None:
                found = _of_own_resource(key, self.facts)
        if found is None and value_type == "Bool":
            return _BOOLEAN if key not in _ALWAYS_SENT else _SOME_BOOLEAN
        if found is None and value_type in ("Numeric", "Date"):
            return _NUMBERS if key not in _ALWAYS_SENT else _SOME_NUMBER
        if found is None and key == _REQUESTED_REGION:
            return _REGION
        return found or Domains.of_key(self, key, value_type=value_type)


def _of_principal(key: str, facts: GuardedAccount, partition: str) -> Domain | None:
    """Return the domain of a key that tells of an account's own principal."""
    if key == PRINCIPAL_ARN:
        return _principals(facts.account_id, partition)
    if key in (PRINCIPAL_ACCOUNT, CALLER_ACCOUNT):
        return just(facts.account_id)
    if key == IS_SERVICE:
        return just("false")
    if key in (SERVICE_NAME, SERVICE_NAMES):
        return _NEVER_THERE
    if key == PRINCIPAL_TYPE:
        return _TYPES
    if key == PRINCIPAL_ORGANIZATION and facts.organization_id is not None:
        return just(facts.organization_id)
    if key == PRINCIPAL_PATHS:
        return facts.path
    return None


def _of_own_resource(key: str, facts: GuardedAccount) -> Domain | None:
    if key in (RESOURCE_ACCOUNT, S3_RESOURCE_ACCOUNT):
        return just(facts.account_id)
    if key == RESOURCE_ORGANIZATION and facts.organization_id is not None:
        return just(facts.organization_id)
    if key == RESOURCE_PATHS:
        return facts.path
    return None


def _of_other_resource(key: str, facts: GuardedAccount) -> Domain | None:
    if key in (RESOURCE_ACCOUNT, S3_RESOURCE_ACCOUNT):
        return other_accounts(facts.account_id)
    return None


@lru_cache(maxsize=4096)
def _principals(account_id: str, partition: str) -> Domain:
    """Return what aws:PrincipalArn is for an account's principals in one partition."""
    general = principal_arn_domain(account_id)
    return replace(
        general,
        globs=tuple(
            glob
            for kind in PRINCIPAL_KINDS
            for glob in principal_globs(kind, (f"arn:{partition}",), account_id)
        ),
        seeds=tuple(seed.replace("arn:aws:", f"arn:{partition}:", 1) for seed in general.seeds),
    )


@lru_cache(maxsize=4096)
def just(text: str) -> Domain:
    """Return the domain of a key that always holds one text."""
    return Domain(globs=(Glob((text,)),), seeds=(text,), may_be_absent=False)


@lru_cache(maxsize=4096)
def _path_in_some_organization(place: str) -> Domain:
    return Domain(
        globs=(Glob(("o-", Wild.PART, f"/{place}")),),
        barred=(Glob((Wild.ANY, "/", Wild.ANY, f"/{place}")),),
        seeds=(f"o-exampleorgid/{place}",),
        may_be_absent=False,
    )


@lru_cache(maxsize=4096)
def other_accounts(account_id: str) -> Domain:
    """Return the ids of all accounts but one."""
    return Domain(
        globs=(Glob((Wild.ONE_IN_PART,) * 12),),
        barred=(Glob((account_id,)),),
        seeds=tuple(one for one in OTHER_ACCOUNTS if one != account_id),
        may_be_absent=False,
    )


OTHER_ACCOUNTS: Final = ("444455556666", "999988887777")
"""Accounts that stand for any other one."""
_TYPES: Final = Domain(
    globs=tuple(Glob((name,)) for name in PRINCIPAL_TYPES.values()),
    seeds=tuple(PRINCIPAL_TYPES.values()),
    may_be_absent=False,
)
_BOOLEAN: Final = Domain(globs=(Glob(("true",)), Glob(("false",))), seeds=("true", "false"))
_SOME_BOOLEAN: Final = Domain(
    globs=(Glob(("true",)), Glob(("false",))), seeds=("true", "false"), may_be_absent=False
)
_NUMBERS: Final = Domain(is_typed=True)
_SOME_NUMBER: Final = replace(_NUMBERS, may_be_absent=False)
_REQUESTED_REGION: Final = "aws:requestedregion"
_REGION: Final = Domain(seeds=REGIONS, may_be_absent=False)
_ALWAYS_SENT: Final = frozenset(
    {IS_SERVICE, "aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:viaawsservice"}
)
"""Keys with typed values that AWS documents as always included in the request context."""
_NEVER_THERE: Final = Domain(globs=(Glob(("-",)),), barred=(Glob((Wild.ANY,)),))
