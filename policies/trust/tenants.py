"""Which tenant of an identity provider the conditions of a statement leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policies.language.document import Condition
from policies.trust.admitted import fixed_condition
from policies.trust.edges import GuardKind, TrustPrincipal, TrustPrincipalKind
from policies.trust.guard_judge import judged
from policies.trust.guard_keys import KeyPresence, claim_of, guard_kind
from policies.trust.providers.provider import OidcProvider, provider_of
from policies.trust.purpose_parts import GuardSurroundings


def tenant_of(
    host: str, conditions: Sequence[Condition], *, expands_variables: bool = True
) -> str | None:
    """Return the tenant that a provider's conditions leave, such as a GitHub organization.

    `host`: the provider's host and path, as in `oidc-provider/<host>`; `conditions`: those of one
    statement. Several tenants are separated by `, `. A tenant that the issuer's address names is
    given in the case of `host`. None: the conditions leave any tenant, or the provider is not one
    that serves many.
    """
    written = host.removesuffix("/")
    lowered = written.lower()
    provider = provider_of(written)
    if not provider.is_known:
        return None
    if provider.tenant_in_issuer is not None:
        return provider.tenant_in_issuer
    by_key: dict[str, list[Condition]] = {}
    for condition in conditions:
        claim = claim_of(condition.key.lower())
        if claim is not None and claim[0].removesuffix("/") == lowered:
            by_key.setdefault(condition.key.lower(), []).append(condition)
    found: list[tuple[int, str]] = []
    for key, group in by_key.items():
        rank = _rank(provider, key)
        if rank is not None:
            names = _names(lowered, key, group, expands_variables)
            if names:
                found.append((rank, ", ".join(sorted(set(names)))))
    return min(found)[1] if found else None


def _rank(provider: OidcProvider, key: str) -> int | None:
    """Return how well a key tells tenants apart, the best first; None: not at all."""
    kind = guard_kind(key)
    if kind is GuardKind.AUDIENCE:
        return 0 if provider.is_tenant_audience(key) else None
    if kind is GuardKind.SUBJECT:
        return 1
    known = provider.claim(key.rpartition(":")[2])
    return 2 if known is not None and known.fixes_tenant else None


def _names(host: str, key: str, conditions: Iterable[Condition], expands: bool) -> tuple[str, ...]:
    fixed = tuple(fixed_condition(c, expands=expands, known={}) for c in conditions)
    principal = TrustPrincipal(TrustPrincipalKind.FEDERATED, host, provider=host)
    verdicts = judged(key, fixed, principal, GuardSurroundings(), KeyPresence.SOMETIMES)
    if any(verdict.is_empty for verdict in verdicts):
        return ()
    return next((verdict.names for verdict in verdicts if verdict.holds), ())
