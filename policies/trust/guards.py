"""The conditions of a statement that allows, as guards: what each asks and what it leaves open.

A guard holds if everything it admits, the key's absence too, lies within what such a guard is for
(see `purposes`), alone or together with those other conditions on its key that it needs: a
`ForAllValues` that passes without the key holds beside `"Null": {key: "false"}`. A guard that
admits nothing holds: it keeps everybody out. What the engine cannot decide does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.compiled import CompiledCondition
from policies.language.document import Condition, Statement
from policies.trust.admitted import fixed_condition
from policies.trust.edges import GuardKind, TrustGuard, TrustPrincipal, TrustPrincipalKind
from policies.trust.guard_judge import judged
from policies.trust.guard_keys import (
    KeyPresence,
    guard_kind,
    key_presence,
    provider_host,
)
from policies.trust.guard_wording import GuardTrap, GuardVerdict, leaves_open
from policies.trust.providers.provider import provider_of
from policies.trust.purpose_parts import GuardSurroundings
from policies.trust.question import TrustQuestion

_ORGANIZATIONS: Final = frozenset(
    {TrustPrincipalKind.ORGANIZATION, TrustPrincipalKind.ORGANIZATIONAL_UNIT}
)
_CALLER_ACCOUNTS: Final = frozenset({"aws:principalaccount", "kms:calleraccount"})
_UNKNOWN_ORGANIZATION: Final = "o-of-the-resource"


@dataclass(frozen=True, slots=True)
class GuardReading:
    """A guard with the condition it was read from and, if it does not hold, why.

    `names`: what it names completely, such as accounts or tenants. `is_empty`: nothing is
    admitted, so that the statement never applies.
    """

    guard: TrustGuard
    condition: Condition
    trap: GuardTrap | None
    names: tuple[str, ...]
    is_empty: bool


def guards_of(
    question: TrustQuestion, statement: Statement, principal: TrustPrincipal
) -> tuple[TrustGuard, ...]:
    """Return one guard for each condition of a statement that allows, in the order of the text."""
    return tuple(reading.guard for reading in read_guards(question, statement, principal))


def read_guards(
    question: TrustQuestion, statement: Statement, principal: TrustPrincipal
) -> tuple[GuardReading, ...]:
    """Return the guards of a statement with what was found out about each."""
    if not statement.conditions:
        return ()
    known = _known_values(question, principal)
    expands = question.policy.expands_variables
    fixed = [fixed_condition(c, expands=expands, known=known) for c in statement.conditions]
    verdicts: dict[int, GuardVerdict] = {}
    surroundings = _surroundings(question, principal)
    is_member = _is_member(question, principal)
    for kinds in (*_FIXING, None):
        for key, places in _by_key(statement.conditions, kinds, verdicts):
            presence = key_presence(key, principal, is_member=is_member)
            found = _verdicts(
                key,
                tuple(fixed[place] for place in places),
                principal,
                surroundings,
                presence,
            )
            verdicts.update(zip(places, found, strict=True))
        if kinds is not None:
            surroundings = _with_guards(surroundings, question, statement.conditions, verdicts)
    return tuple(
        _reading(condition, verdicts[place], expands)
        for place, condition in enumerate(statement.conditions)
    )


_FIXING: Final = (
    frozenset({GuardKind.ORGANIZATION, GuardKind.VPC, GuardKind.VPC_ENDPOINT}),
    frozenset(
        {
            GuardKind.PRINCIPAL,
            GuardKind.SOURCE_ACCOUNT,
            GuardKind.SOURCE_ORGANIZATION,
            GuardKind.SUBJECT,
            GuardKind.AUDIENCE,
        }
    ),
)
"""Kinds of guards whose verdict others depend on, in the order in which they are read."""


def _by_key(
    conditions: Sequence[Condition],
    kinds: frozenset[GuardKind] | None,
    done: Mapping[int, GuardVerdict],
) -> Iterator[tuple[str, list[int]]]:
    places: dict[str, list[int]] = {}
    for place, condition in enumerate(conditions):
        kind = guard_kind(condition.key)
        if place not in done and (
            kinds is None
            or kind in kinds
            or condition.key.lower() in _CALLER_ACCOUNTS
            or _is_tenant_claim(condition)
        ):
            places.setdefault(condition.key.lower(), []).append(place)
    yield from places.items()


def _is_tenant_claim(condition: Condition) -> bool:
    host, _, claim = condition.key.lower().rpartition(":")
    if "." not in host:
        return False
    known = provider_of(host).claim(claim)
    return known is not None and known.fixes_tenant


def _known_values(question: TrustQuestion, principal: TrustPrincipal) -> dict[str, str]:
    """Return the values of policy variables that the question settles, by key in lower case."""
    resource_account = question.resource.account_id
    organization = question.organization
    known = {
        "aws:resourceaccount": resource_account,
        "s3:resourceaccount": resource_account,
        "aws:resourceorgid": _UNKNOWN_ORGANIZATION,
    }
    if organization is not None and organization.id and resource_account in organization.accounts:
        known["aws:resourceorgid"] = organization.id
    if principal.account_id is not None and principal.kind is not TrustPrincipalKind.FEDERATED:
        known["aws:principalaccount"] = principal.account_id
        if (
            organization is not None
            and organization.id
            and principal.account_id in organization.accounts
        ):
            known["aws:principalorgid"] = organization.id
    return known


def _is_member(question: TrustQuestion, principal: TrustPrincipal) -> bool:
    organization = question.organization
    if organization is None or organization.id is None:
        return False
    of_own = principal.kind in _ORGANIZATIONS and principal.id.partition("/")[0] == organization.id
    return of_own or principal.account_id in organization.accounts


def is_inside(question: TrustQuestion, account_id: str | None) -> bool:
    """Whether an account is the resource's own, or one of its organization's."""
    if account_id is None:
        return False
    organization = question.organization
    return account_id == question.resource.account_id or (
        organization is not None
        and (
            account_id in organization.accounts or account_id == organization.management_account_id
        )
    )


def _surroundings(question: TrustQuestion, principal: TrustPrincipal) -> GuardSurroundings:
    host = provider_host(principal)
    of_organization = principal.kind in _ORGANIZATIONS
    return GuardSurroundings(
        fixes_caller=principal.account_id is not None or of_organization,
        is_own_caller=is_inside(question, principal.account_id)
        or (of_organization and _is_own_organization(question, (principal.id,))),
        fixes_tenant=host is not None and not provider_of(host).shared,
    )


def _with_guards(
    given: GuardSurroundings,
    question: TrustQuestion,
    conditions: Sequence[Condition],
    verdicts: Mapping[int, GuardVerdict],
) -> GuardSurroundings:
    caller, own = given.fixes_caller, given.is_own_caller
    source, tenant = given.fixes_source, given.fixes_tenant
    network = given.fixes_network
    for place, verdict in verdicts.items():
        if not verdict.holds or verdict.is_empty:
            continue
        kind = guard_kind(conditions[place].key)
        if kind is GuardKind.ORGANIZATION:
            caller, own = True, own or _is_own_organization(question, verdict.names)
        elif kind is GuardKind.PRINCIPAL:
            caller, own = True, own or _are_inside(question, verdict.names)
        elif kind in (GuardKind.VPC, GuardKind.VPC_ENDPOINT):
            network = True
        elif kind in (GuardKind.SOURCE_ACCOUNT, GuardKind.SOURCE_ORGANIZATION):
            source = True
        elif kind is GuardKind.AUDIENCE:
            key = conditions[place].key
            host = key.lower().rpartition(":")[0]
            tenant = tenant or provider_of(host).is_tenant_audience(key)
        else:
            tenant = True
    return GuardSurroundings(caller, own, source, tenant, network)


def _is_own_organization(question: TrustQuestion, names: Sequence[str]) -> bool:
    organization = question.organization
    if organization is None or organization.id is None:
        return True
    ids = {name.partition("/")[0] for name in names}
    return ids <= {organization.id, _UNKNOWN_ORGANIZATION}


def _are_inside(question: TrustQuestion, names: Sequence[str]) -> bool:
    accounts = {name.split(":", 5)[4] if name.count(":") >= 5 else name for name in names}
    return bool(accounts) and all(is_inside(question, account) for account in accounts)


def _verdicts(
    key: str,
    conditions: tuple[CompiledCondition, ...],
    principal: TrustPrincipal,
    surroundings: GuardSurroundings,
    presence: KeyPresence,
) -> list[GuardVerdict]:
    return judged(key, conditions, _only_what_counts(key, principal), surroundings, presence)


def _only_what_counts(key: str, principal: TrustPrincipal) -> TrustPrincipal:
    """Return a principal that gives the same verdicts on a key, the same one for many."""
    if key in ("aws:principalarn", "aws:principalaccount", "kms:calleraccount"):
        return principal
    if principal.kind is TrustPrincipalKind.FEDERATED:
        return principal
    return TrustPrincipal(principal.kind, "*")


def _reading(condition: Condition, verdict: GuardVerdict, expands: bool) -> GuardReading:
    guard = TrustGuard(
        kind=guard_kind(condition.key),
        key=condition.key,
        operator=condition.written_operator,
        values=condition.values,
        holds=verdict.holds,
        leaves_open=leaves_open(condition, verdict),
    )
    return GuardReading(guard, condition, verdict.trap, verdict.names, verdict.is_empty)
