"""Whether a contract covers a crossing: all that the edge lets in lies within what is agreed to.

Pure: what it needs to know of accounts stands in `CrossingFacts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.contracts.terms import (
    GUARD_LABELS,
    SOURCE_LABELS,
    TARGET_LABELS,
    ContractSource,
    ContractTarget,
    ContractTerms,
    SourceKind,
    TargetKind,
)
from policies.coverage import pattern_covers, resource_covers
from policies.trust import GuardKind, TrustPrincipalKind

_MOST_NAMED: Final = 3
_IN_ACCOUNT: Final = frozenset(
    {
        *(TrustPrincipalKind.ACCOUNT, TrustPrincipalKind.ROLE, TrustPrincipalKind.USER),
        *(TrustPrincipalKind.SESSION, TrustPrincipalKind.CANONICAL_USER),
    }
)
# Operators under which the key's values are the only callers that get in.
_NAMES_CALLERS: Final = frozenset({"stringequals", "stringlike", "arnequals", "arnlike"})
_SESSION: Final = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")


class TermsPart(StrEnum):
    """What of a contract a crossing does not fit."""

    SOURCE = "from"
    TARGET = "to"
    ACTIONS = "actions"
    GUARDS = "guards"


@dataclass(frozen=True, slots=True)
class CrossingGuard:
    """A condition of an edge, as `policies.trust.TrustGuard` has it."""

    kind: GuardKind
    key: str
    operator: str
    values: tuple[str, ...]
    holds: bool


@dataclass(frozen=True, slots=True)
class CrossingFacts:
    """An edge as contracts see it.

    `principal_…`, `provider`, `tenant`, `vendor`: as `TrustEdge` has them. `source_path`,
    `target_path`: ids of the account and of all above it to the root; empty: not of this
    organization. `target_environment`: the label of the target's account, empty: not known.
    """

    principal_kind: str
    principal_id: str
    resource_arn: str
    target_account_id: str
    actions: tuple[str, ...]
    principal_account_id: str = ""
    provider: str = ""
    tenant: str = ""
    vendor: str = ""
    guards: tuple[CrossingGuard, ...] = ()
    source_path: tuple[str, ...] = ()
    target_path: tuple[str, ...] = ()
    target_environment: str = ""
    organization_id: str = ""


@dataclass(frozen=True, slots=True)
class TermsMismatch:
    """Why a contract does not cover a crossing: what of it differs, in one sentence."""

    part: TermsPart
    reason: str


def contract_covers(terms: ContractTerms, crossing: CrossingFacts) -> bool:
    """Whether all that an edge lets in is within what is agreed to."""
    return not mismatches(terms, crossing)


def mismatches(terms: ContractTerms, crossing: CrossingFacts) -> tuple[TermsMismatch, ...]:
    """Return what of a contract an edge does not fit, one entry a part; empty: it covers it."""
    found = []
    if not _is_from(terms.source, crossing):
        said = _named(SOURCE_LABELS[terms.source.kind], terms.source.value)
        found.append(TermsMismatch(TermsPart.SOURCE, f"Its source lies outside {said}."))
    if not _is_to(terms.target, crossing):
        said = _named(TARGET_LABELS[terms.target.kind], terms.target.value)
        found.append(TermsMismatch(TermsPart.TARGET, f"Its target lies outside {said}."))
    further = [one for one in crossing.actions if not _allows(terms.actions, one)]
    if further:
        said = _listed(further)
        found.append(TermsMismatch(TermsPart.ACTIONS, f"It allows more: {said}."))
    held = {guard.kind for guard in crossing.guards if guard.holds}
    missing = [GUARD_LABELS[kind] for kind in terms.guards if kind not in held]
    if missing:
        said = f"No guard that holds on: {_listed(missing)}."
        found.append(TermsMismatch(TermsPart.GUARDS, said))
    return tuple(found)


def _named(label: str, value: str) -> str:
    return f"{label if label[1:2].isupper() else label[:1].lower() + label[1:]} {value}"


def _listed(words: Iterable[str]) -> str:
    named = list(words)
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _allows(patterns: Iterable[str], action: str) -> bool:
    # Actions are compared without regard to case, as IAM does.
    return any(pattern_covers(one.lower(), action.lower()) for one in patterns)


def _is_to(target: ContractTarget, crossing: CrossingFacts) -> bool:
    match target.kind:
        case TargetKind.ACCOUNT:
            return crossing.target_account_id == target.value
        case TargetKind.ORGANIZATIONAL_UNIT:
            return target.value in crossing.target_path
        case TargetKind.RESOURCE:
            return resource_covers(target.value, crossing.resource_arn)
        case TargetKind.ENVIRONMENT:
            return crossing.target_environment == target.value


def _is_from(source: ContractSource, crossing: CrossingFacts) -> bool:
    return _SOURCES[source.kind](source, crossing)


def _from_account(source: ContractSource, crossing: CrossingFacts) -> bool:
    return crossing.principal_kind in _IN_ACCOUNT and crossing.principal_account_id == source.value


def _from_unit(source: ContractSource, crossing: CrossingFacts) -> bool:
    if crossing.principal_kind == TrustPrincipalKind.ORGANIZATIONAL_UNIT:
        # aws:PrincipalOrgPaths: o-…/r-…/ou-…/, with a pattern behind it where all below count.
        steps = crossing.principal_id.split("/")
        return steps[0] == crossing.organization_id and source.value in steps[1:]
    if crossing.principal_kind == TrustPrincipalKind.ORGANIZATION:
        return source.value.startswith("r-") and crossing.principal_id == crossing.organization_id
    return crossing.principal_kind in _IN_ACCOUNT and source.value in crossing.source_path


def _from_principal(source: ContractSource, crossing: CrossingFacts) -> bool:
    callers = _callers(crossing)
    return bool(callers) and all(_is_caller(source.value, arn) for arn in callers)


def _callers(crossing: CrossingFacts) -> tuple[str, ...]:
    """Return the ARNs or patterns of those who get in; empty: not limited to any."""
    named = {TrustPrincipalKind.ROLE, TrustPrincipalKind.USER, TrustPrincipalKind.SESSION}
    if crossing.principal_kind in named:
        return (crossing.principal_id,)
    for guard in crossing.guards:
        operator = guard.operator.lower().rpartition(":")[2]
        if guard.holds and guard.key.lower() == "aws:principalarn" and operator in _NAMES_CALLERS:
            return guard.values
    return ()


def _is_caller(pattern: str, arn: str) -> bool:
    if resource_covers(pattern, arn):
        return True
    session = _SESSION.fullmatch(arn)
    if session is None:
        return False
    # A session's ARN lacks its role's path, so only a pattern without one is sure to cover it.
    partition, account_id, name = session.groups()
    return resource_covers(pattern, f"arn:{partition}:iam::{account_id}:role/{name}")


def _from_vendor(source: ContractSource, crossing: CrossingFacts) -> bool:
    is_in_account = crossing.principal_kind in _IN_ACCOUNT
    return is_in_account and crossing.vendor.casefold() == source.value.casefold()


def _from_provider(source: ContractSource, crossing: CrossingFacts) -> bool:
    if crossing.principal_kind != TrustPrincipalKind.FEDERATED:
        return False
    if source.value not in (crossing.provider, crossing.principal_id):
        return False
    if not source.tenant:
        return True
    return bool(crossing.tenant) and pattern_covers(source.tenant, crossing.tenant)


def _from_service(source: ContractSource, crossing: CrossingFacts) -> bool:
    is_service = crossing.principal_kind == TrustPrincipalKind.SERVICE
    return is_service and pattern_covers(source.value, crossing.principal_id)


def _from_organization(source: ContractSource, crossing: CrossingFacts) -> bool:
    if crossing.principal_kind == TrustPrincipalKind.ORGANIZATION:
        return crossing.principal_id == source.value
    if crossing.principal_kind == TrustPrincipalKind.ORGANIZATIONAL_UNIT:
        return crossing.principal_id.split("/")[0] == source.value
    is_own = source.value == crossing.organization_id and bool(crossing.source_path)
    return is_own and crossing.principal_kind in _IN_ACCOUNT


def _from_everyone(source: ContractSource, crossing: CrossingFacts) -> bool:
    return crossing.principal_kind != TrustPrincipalKind.DELETED


_SOURCES: Final[Mapping[SourceKind, Callable[[ContractSource, CrossingFacts], bool]]] = {
    SourceKind.ACCOUNT: _from_account,
    SourceKind.ORGANIZATIONAL_UNIT: _from_unit,
    SourceKind.PRINCIPAL: _from_principal,
    SourceKind.VENDOR: _from_vendor,
    SourceKind.PROVIDER: _from_provider,
    SourceKind.SERVICE: _from_service,
    SourceKind.ORGANIZATION: _from_organization,
    SourceKind.EVERYONE: _from_everyone,
}
