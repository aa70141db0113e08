"""The callers that were found so far: one that lies in a box shows that the box is not empty.

What a request says of its caller beyond the principal (its organization, what a service acts for, a
session's tags) depends on the kind of principal and its account alone, but for aws:username. So
each context that one principal was found with serves all of its kind and account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from policies.comparison.caller_domains import account_outside, in_account
from policies.comparison.caller_values import CallerValues
from policies.comparison.callers import (
    DERIVED_KEYS,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    SERVICE_ONLY_KEYS,
    SOURCE_KEYS,
    USER_NAME,
    CallerScope,
    CallersOrganization,
    ResourceCaller,
)
from policies.comparison.dimensions import single_bits
from policies.evaluation.derived_context import derived_context
from policies.evaluation.principal import PrincipalKind, RequestPrincipal, parse_principal
from policies.language.conditions import Test
from policies.language.conditions.values import ABSENT, ContextValue

_DERIVED_KINDS: Final = frozenset(
    {
        PrincipalKind.ANONYMOUS,
        PrincipalKind.FEDERATED_USER,
        PrincipalKind.ROLE,
        PrincipalKind.ROOT_USER,
        PrincipalKind.SERVICE,
        PrincipalKind.USER,
    }
)
"""Kinds of principals that determine each of `DERIVED_KEYS`, absent ones included."""


class _Samples:
    """Sets of values by key, each with a number, and for which of them an atom holds."""

    def __init__(self) -> None:
        self._values: list[Mapping[str, ContextValue]] = []
        self._bit: dict[frozenset[tuple[str, ContextValue]], int] = {}
        # Of each atom: how many it was tried on; those it holds for, and those it does not.
        self._tried: dict[int, tuple[int, int, int]] = {}

    def add(self, values: Mapping[str, ContextValue]) -> int:
        """Return the bit of some values; equal ones have the same."""
        key = frozenset(values.items())
        bit = self._bit.get(key)
        if bit is None:
            bit = self._bit[key] = 1 << len(self._values)
            self._values.append(values)
        return bit

    def where(self, bit: int, key: str, test: Test, *, holds: bool) -> int:
        """Return those for which an atom holds, or those for which it does not."""
        tried, held, failed = self._tried.get(bit, (0, 0, 0))
        if tried < len(self._values):
            for at in range(tried, len(self._values)):
                value = self._values[at].get(key)
                found = None if value is None else test(value)
                if found is True:
                    held |= 1 << at
                elif found is False:
                    failed |= 1 << at
            self._tried[bit] = (len(self._values), held, failed)
        return held if holds else failed


class KnownCallers:
    """The callers of one dimension.

    `values`: the dimension's atoms. `account_id`: the resource's account. `organization`: its
    organization. `scope`: who may call.
    """

    def __init__(
        self,
        values: CallerValues,
        account_id: str,
        organization: CallersOrganization,
        scope: CallerScope,
    ) -> None:
        self._values = values
        self._account_id = account_id
        # Where there are principals named like those that are found elsewhere.
        self._accounts = [account_id] if scope.own else []
        if scope.others:
            self._accounts.append(account_outside(organization, account_id))
        self._organization = organization
        self._principals = _Samples()
        self._contexts = _Samples()
        # By kind and account (and principal, if its name is known): principals and contexts.
        self._alike: dict[tuple[object, ...], tuple[int, int]] = {}

    def add(self, caller: ResourceCaller, keys: Iterable[str]) -> None:
        """Remember a caller; `keys`: those that its context tells, absent ones too."""
        principal = parse_principal(caller.principal)
        if principal.kind not in _DERIVED_KINDS:
            return
        context = {key: caller.context.get(key, ABSENT) for key in keys if key not in DERIVED_KEYS}
        self._add(principal, context)
        if principal.account_id is not None:
            for account_id in self._accounts:
                if account_id != principal.account_id:
                    self._add(parse_principal(in_account(principal.text, account_id)), {})

    def _add(self, principal: RequestPrincipal, context: Mapping[str, ContextValue]) -> None:
        derived = derived_context(principal, None, None, None, None)
        alike: tuple[object, ...] = (principal.kind, principal.account_id)
        if USER_NAME in context:
            alike = (*alike, principal.text)
        principals, contexts = self._alike.get(alike, (0, 0))
        principals |= self._principals.add({key: derived.get(key, ABSENT) for key in DERIVED_KEYS})
        contexts |= self._contexts.add({**self._not_asked(principal), **context})
        self._alike[alike] = (principals, contexts)

    def _not_asked(self, principal: RequestPrincipal) -> dict[str, ContextValue]:
        """Return values that a caller may have for keys that its box did not ask about."""
        lacking = SERVICE_ONLY_KEYS if principal.kind is not PrincipalKind.SERVICE else SOURCE_KEYS
        found: dict[str, ContextValue] = dict.fromkeys(lacking, ABSENT)
        organization_id = self._organization.organization_id
        is_member = (
            principal.account_id in self._organization or principal.account_id == self._account_id
        )
        if not is_member:
            found[PRINCIPAL_ORGANIZATION] = found[PRINCIPAL_PATHS] = ABSENT
        elif organization_id is not None:
            found[PRINCIPAL_ORGANIZATION] = organization_id
        return found

    def some_in(self, true: int, false: int) -> bool:
        """Whether a known caller lies in a box; False says nothing of others."""
        principals = contexts = -1
        for bits, holds in ((true, True), (false, False)):
            for bit in single_bits(bits):
                key, test = self._values.key_of(bit), self._values.test(bit)
                if key in DERIVED_KEYS:
                    principals &= self._principals.where(bit, key, test, holds=holds)
                else:
                    contexts &= self._contexts.where(bit, key, test, holds=holds)
            if not principals or not contexts:
                return False
        return any(principals & one and contexts & other for one, other in self._alike.values())
