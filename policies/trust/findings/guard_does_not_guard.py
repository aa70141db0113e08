"""`guard-does-not-guard`: a condition that is meant to keep others out lets them in.

One finding for each key, with the trap it falls into. A condition that only excludes some, such as
NotIpAddress, counts where nothing else limits who comes in. What other findings say of one key is
left to them: an open subject of a shared provider, an external ID that is a pattern, a bucket's
name as source.

Source: IAM user guide, "Set operators for multivalued context keys", "…IfExists condition
operators", "Negated matching condition operators", "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.language.json_reader import JsonValue
from policies.trust.edges import GuardKind, PolicyCrossing, PolicyEdge, TrustPrincipalKind
from policies.trust.findings.federation import tells_tenants_apart
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import (
    SOURCE,
    TrustSubject,
    finding,
    names_bucket,
    remedy,
)
from policies.trust.guard_keys import MULTIVALUED, provider_host
from policies.trust.guard_wording import GuardTrap
from policies.trust.guards import GuardReading
from policies.trust.providers.provider import provider_of

_KINDS: Final = frozenset(
    {
        GuardKind.EXTERNAL_ID,
        GuardKind.MFA,
        GuardKind.ORGANIZATION,
        GuardKind.PRINCIPAL,
        GuardKind.SOURCE_ACCOUNT,
        GuardKind.SOURCE_ARN,
        GuardKind.SOURCE_ORGANIZATION,
        GuardKind.VPC,
        GuardKind.VPC_ENDPOINT,
        GuardKind.IP,
        GuardKind.SUBJECT,
        GuardKind.AUDIENCE,
        GuardKind.CLAIM,
    }
)
_NO_TRAP: Final = frozenset(
    {GuardTrap.SAYS_NOT_WHO, GuardTrap.UNKNOWN_OPERATOR, GuardTrap.UNDECIDED, None}
)
_PASSED_WITHOUT_KEY: Final = frozenset({GuardTrap.IF_EXISTS, GuardTrap.FOR_ALL_VALUES})
_SHUNNING: Final = frozenset({GuardTrap.NEGATED, GuardTrap.ABSENCE})

_REMEDIES: Final[dict[GuardTrap, str]] = {
    GuardTrap.FOR_ALL_VALUES: "Write an operator that fails when the key is absent.",
    GuardTrap.IF_EXISTS: "Write the operator without IfExists.",
    GuardTrap.ABSENCE: "Ask for a value of the key.",
    GuardTrap.PRESENCE: "Ask for a value of the key, not only for its presence.",
    GuardTrap.NEGATED: "Name the intended callers with a positive operator.",
    GuardTrap.EVERYTHING: "Name the intended callers instead of a wildcard.",
    GuardTrap.OPEN_ENDED: "Write the value in full, up to the character that ends a name.",
    GuardTrap.NEVER_SENT: "Use a key that these requests carry.",
    GuardTrap.TOO_WIDE: "List the address ranges of your own networks.",
}


def check_guards(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the conditions that let in those whom they are meant to keep out."""
    for index, edges in subject.open_edges():
        told: set[str] = set()
        for edge in edges:
            for reading in subject.readings(edge):
                key = reading.guard.key.lower()
                if key not in told and _is_trap(subject, edge, reading):
                    told.add(key)
                    yield _finding(subject, index, edge, reading)
            for reading in _denied_in_vain(subject, edge):
                key = reading.guard.key.lower()
                if key not in told:
                    told.add(key)
                    yield _deny_finding(subject, index, edge, reading)


def _denied_in_vain(subject: TrustSubject, edge: PolicyEdge) -> Iterator[GuardReading]:
    """Yield what a deny of the policy asks for, where a request without the key is not denied."""
    for choices in subject.by_denies(edge):
        reading = choices[0]
        if len(choices) > 1 or reading.guard.kind not in _KINDS:
            continue
        if reading.trap in _PASSED_WITHOUT_KEY and not subject.holding(edge, {reading.guard.kind}):
            yield reading


def _deny_finding(
    subject: TrustSubject, index: int, edge: PolicyEdge, reading: GuardReading
) -> PolicyFinding:
    key = reading.guard.key
    return finding(
        "guard-does-not-guard",
        _severity(subject, edge, reading),
        index,
        f"The deny on {key} does not guard: it does not meet requests without {key}, which pass.",
        remedy("Ask for it in the statement that allows.", condition=_condition(subject, reading)),
    )


def _is_trap(subject: TrustSubject, edge: PolicyEdge, reading: GuardReading) -> bool:
    guard, trap = reading.guard, reading.trap
    if guard.kind not in _KINDS or trap in _NO_TRAP or names_bucket(reading):
        return False
    same_key = [r for r in subject.readings(edge) if r.guard.key.lower() == guard.key.lower()]
    if any(r.guard.holds for r in same_key) or subject.holds_by_deny(edge, guard.key.lower()):
        return False
    if guard.kind is GuardKind.CLAIM and not _is_tenant_claim(edge, reading):
        return False
    if trap in _SHUNNING and _is_otherwise_limited(subject, edge):
        return False
    return not _is_told_elsewhere(edge, reading)


def _is_tenant_claim(edge: PolicyEdge, reading: GuardReading) -> bool:
    host = provider_host(edge.principal)
    return host is not None and tells_tenants_apart(provider_of(host), reading)


def _is_told_elsewhere(edge: PolicyEdge, reading: GuardReading) -> bool:
    if reading.trap not in (GuardTrap.OPEN_ENDED, GuardTrap.EVERYTHING):
        return False
    host = provider_host(edge.principal)
    if host is not None and tells_tenants_apart(provider_of(host), reading):
        return provider_of(host).shared or reading.trap is GuardTrap.EVERYTHING
    is_pattern = any("*" in value or "?" in value for value in reading.guard.values)
    return (
        reading.guard.kind is GuardKind.EXTERNAL_ID
        and reading.trap is GuardTrap.OPEN_ENDED
        and is_pattern
    )


def _is_otherwise_limited(subject: TrustSubject, edge: PolicyEdge) -> bool:
    """Whether who may come in is limited without the guard."""
    kind = edge.principal.kind
    if kind is TrustPrincipalKind.EVERYONE:
        return subject.is_limited(edge)
    if kind is TrustPrincipalKind.SERVICE:
        return subject.is_trust_policy or subject.holding(edge, SOURCE)
    if kind is TrustPrincipalKind.FEDERATED:
        host = provider_host(edge.principal)
        provider = provider_of(host) if host is not None else None
        return (
            provider is None
            or not provider.shared
            or any(
                r.guard.holds and tells_tenants_apart(provider, r) for r in subject.readings(edge)
            )
        )
    return True


def _finding(
    subject: TrustSubject, index: int, edge: PolicyEdge, reading: GuardReading
) -> PolicyFinding:
    guard, trap = reading.guard, reading.trap
    text = _REMEDIES.get(trap, "Name the intended callers.") if trap is not None else ""
    return finding(
        "guard-does-not-guard",
        _severity(subject, edge, reading),
        index,
        f"The condition {guard.operator} on {guard.key} does not guard. It leaves open: "
        f"{guard.leaves_open[:1].lower()}{guard.leaves_open[1:]}",
        remedy(text, condition=_condition(subject, reading)),
    )


def _severity(subject: TrustSubject, edge: PolicyEdge, reading: GuardReading) -> TrustSeverity:
    if not _is_otherwise_limited(subject, edge):
        return TrustSeverity.HIGH
    if reading.trap is GuardTrap.NEVER_SENT:
        return TrustSeverity.LOW
    if edge.crossing is PolicyCrossing.SAME_ACCOUNT and reading.guard.kind is not GuardKind.MFA:
        return TrustSeverity.LOW
    return TrustSeverity.MEDIUM


def _condition(subject: TrustSubject, reading: GuardReading) -> JsonValue:
    """Return the condition to write: the same without its trap, or with what is likely meant."""
    guard, trap = reading.guard, reading.trap
    values: list[JsonValue] = list(guard.values)
    one_or_more: JsonValue = values[0] if len(values) == 1 else values
    if trap is GuardTrap.IF_EXISTS:
        return {guard.operator.removesuffix("IfExists"): {guard.key: one_or_more}}
    if trap is GuardTrap.FOR_ALL_VALUES:
        operator = guard.operator.partition(":")[2]
        if guard.key.lower() in MULTIVALUED:
            operator = f"ForAnyValue:{operator}"
        return {operator: {guard.key: one_or_more}}
    if guard.kind is GuardKind.MFA:
        return {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    if trap is GuardTrap.NEVER_SENT:
        return None
    organization, account = subject.organization_id, subject.question.resource.account_id
    if guard.key.lower().endswith("orgpaths") and all(map(_leaves_organization, guard.values)):
        within = [_path_within(organization, value) for value in guard.values]
        return {"ForAnyValue:StringLike": {guard.key: within[0] if len(within) == 1 else [*within]}}
    meant: dict[GuardKind, tuple[str, str]] = {
        GuardKind.ORGANIZATION: ("aws:PrincipalOrgID", organization),
        GuardKind.SOURCE_ACCOUNT: ("aws:SourceAccount", account),
        GuardKind.SOURCE_ARN: ("aws:SourceAccount", account),
        GuardKind.SOURCE_ORGANIZATION: ("aws:SourceOrgID", organization),
        GuardKind.EXTERNAL_ID: ("sts:ExternalId", "ID_FROM_THE_OTHER_COMPANY"),
    }
    key, value = meant.get(guard.kind, ("", ""))
    return {"StringEquals": {key: value}} if key else None


def _leaves_organization(path: str) -> bool:
    """Whether the organization's id, which a path begins with, is not written out."""
    first = path.partition("/")[0]
    return "*" in first or "?" in first


def _path_within(organization: str, path: str) -> str:
    """Return a path with the organization's id for what leaves it open, which may be a root too."""
    rest = path.partition("/")[2] or "*"
    return f"{organization}/{rest}" if rest[0] in "r*" else f"{organization}/*/{rest}"
