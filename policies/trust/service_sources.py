"""What an AWS service acts for, in classes whose keys agree with each other.

An ARN that holds an account's id is a resource of that account, so aws:SourceArn fixes
aws:SourceAccount; an account's organization fixes aws:SourceOrgID and aws:SourceOrgPaths. ARNs of
S3 buckets and of some others hold no account: they fix nothing.

Source: IAM user guide, "AWS global condition context keys" (aws:SourceArn, aws:SourceAccount,
aws:SourceOrgID, aws:SourceOrgPaths).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Final

from policies.comparison.callers import (
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    SOURCE_KEYS,
    SOURCE_ORGANIZATION,
    SOURCE_PATHS,
)
from policies.comparison.domains import Domain
from policies.compiled import CompiledStatement
from policies.language.patterns import Glob, Wild
from policies.trust.callers import CallerClass
from policies.trust.memberships import paths_below
from policies.trust.question import TrustOrganization
from policies.trust.request_values import (
    ACCOUNT_ID,
    ARN_HEAD,
    ARN_OF_ANY_ACCOUNT,
    ARN_WITHOUT_ACCOUNT,
)

_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_SOURCE_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):.*", re.DOTALL)
_OTHER_ORGANIZATIONS: Final = Glob(("o-", Wild.PART, Wild.ONE_IN_PART))


def account_of_source(arn: str) -> str | None:
    """Return the account that an ARN holds; None where it holds none."""
    match = _SOURCE_ARN.fullmatch(arn)
    return None if match is None else match[1]


class ServiceSources:
    """Makes the classes of what services act for under one policy and the RCPs above it.

    `statements`: all that can decide; `own_account`: of the resource; `own_id`: of the
    organization.
    """

    def __init__(
        self,
        statements: Sequence[CompiledStatement],
        organization: TrustOrganization | None,
        own_account: str,
        own_id: str | None,
    ) -> None:
        self._organization = organization
        self._own_account = own_account
        self._own_id = own_id
        self._keys, self._named = _asked(statements)

    def of(self, caller: CallerClass) -> Iterator[CallerClass]:
        """Yield a service's calls by what it acts for, the accounts that policies name first.

        Together they are all of its calls; where at most one such key is read, the last is.
        """
        if len(self._keys) < 2:
            # A pattern may match ARNs of others, too: those of the account that it names are told.
            for account_id in self._named if SOURCE_ARN in self._keys else ():
                yield self._with(caller, _account(account_id), _arns_of(account_id), None)
            yield caller
            return
        named = tuple(dict.fromkeys((*self._named, self._own_account)))
        for account_id in named:
            yield self._with(
                caller, _account(account_id), _arns_of(account_id), self._is_member(account_id)
            )
        accounts, arns = _other_accounts(named), _arns_of_others(named)
        for is_member in (True, False) if self._knows_members else (None,):
            yield self._with(caller, accounts, arns, is_member)

    @property
    def _knows_members(self) -> bool:
        known = self._organization
        return self._own_id is not None and known is not None and bool(known.accounts)

    def _is_member(self, account_id: str) -> bool | None:
        known = self._organization
        if known is None or not self._knows_members:
            return None
        return account_id in known.accounts or account_id == known.management_account_id

    def _with(
        self, caller: CallerClass, accounts: Domain, arns: Domain, is_member: bool | None
    ) -> CallerClass:
        domains = {**caller.domains, SOURCE_ACCOUNT: accounts, SOURCE_ARN: arns}
        own_id = self._own_id
        if is_member is not None and own_id is not None:
            if is_member:
                domains[SOURCE_ORGANIZATION] = _exactly(own_id)
                domains[SOURCE_PATHS] = self._paths(accounts, own_id)
            else:
                domains[SOURCE_ORGANIZATION] = _not_of(own_id)
                domains[SOURCE_PATHS] = _paths_not_of(own_id)
        return replace(caller, domains=domains)

    def _paths(self, accounts: Domain, own_id: str) -> Domain:
        known = self._organization
        only = accounts.seeds[0] if accounts.globs[0].literal is not None else None
        path = known.accounts.get(only) if known is not None and only is not None else None
        return _exactly(path) if path else replace(paths_below(f"{own_id}/"), may_be_absent=True)


def _asked(statements: Iterable[CompiledStatement]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the source keys that statements read, and the accounts named beside them."""
    keys: set[str] = set()
    named: dict[str, None] = {}
    for statement in statements:
        keys |= SOURCE_KEYS & statement.resource_variable_keys
        for condition in statement.conditions:
            read = SOURCE_KEYS & {condition.key, *condition.variable_keys}
            if read:
                keys |= read
                for value in condition.values:
                    named.update(dict.fromkeys(_ACCOUNT.findall(value)))
    return frozenset(keys), tuple(named)


@lru_cache(maxsize=16_384)
def _exactly(text: str) -> Domain:
    return Domain(globs=(Glob((text,)),), seeds=(text,))


def _account(account_id: str) -> Domain:
    return _exactly(account_id)


@lru_cache(maxsize=16_384)
def _arns_of(account_id: str) -> Domain:
    globs = (Glob((*ARN_HEAD, f"{account_id}:", Wild.ANY)), ARN_WITHOUT_ACCOUNT)
    return Domain(globs=globs, seeds=(f"arn:aws:sns:us-east-1:{account_id}:example",))


@lru_cache(maxsize=1024)
def _other_accounts(named: tuple[str, ...]) -> Domain:
    some = _unnamed(named)
    barred = tuple(Glob((one,)) for one in named)
    return Domain(globs=(Glob(ACCOUNT_ID),), barred=barred, seeds=(some,))


@lru_cache(maxsize=1024)
def _arns_of_others(named: tuple[str, ...]) -> Domain:
    some = _unnamed(named)
    globs = (ARN_OF_ANY_ACCOUNT, ARN_WITHOUT_ACCOUNT)
    barred = tuple(Glob((*ARN_HEAD, f"{one}:", Wild.ANY)) for one in named)
    return Domain(globs=globs, barred=barred, seeds=(f"arn:aws:sns:us-east-1:{some}:example",))


def _unnamed(named: tuple[str, ...]) -> str:
    """Return an account for a service to act for that no policy names."""
    candidates = (f"{number:012}" for number in count(500_000_000_001))
    return next(one for one in candidates if one not in named)


@lru_cache(maxsize=256)
def _not_of(own_id: str) -> Domain:
    return Domain(
        globs=(_OTHER_ORGANIZATIONS,), barred=(Glob((own_id,)),), seeds=("o-anotherorg1",)
    )


@lru_cache(maxsize=256)
def _paths_not_of(own_id: str) -> Domain:
    return Domain(
        globs=(Glob(("o-", Wild.PART, "/r-", Wild.PART, "/", Wild.ANY)),),
        barred=(Glob((f"{own_id}/", Wild.ANY)),),
        seeds=("o-anotherorg1/r-ab12/",),
    )
