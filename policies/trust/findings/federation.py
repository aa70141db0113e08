"""How far the guards of an edge from an identity provider tie it to one tenant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.trust.edges import GuardKind, PolicyEdge, TrustPrincipalKind
from policies.trust.findings.subject import TrustSubject
from policies.trust.guard_keys import provider_host
from policies.trust.guards import GuardReading
from policies.trust.providers.provider import OidcProvider, provider_of


@dataclass(frozen=True, slots=True)
class FederatedEdge:
    """An open edge from an OpenID Connect provider.

    `host`: the provider's host and path. `tenant_guards`: those on a key that tells its tenants
    apart, whether they hold or not. `tenant_by_deny`: whether a deny leaves
    only the tenants meant.
    """

    edge: PolicyEdge
    host: str
    provider: OidcProvider
    readings: tuple[GuardReading, ...]
    tenant_guards: tuple[GuardReading, ...]
    tenant_by_deny: bool = False

    @property
    def fixes_tenant(self) -> bool:
        """Whether a guard that holds, or a deny, says which tenants may come in."""
        return self.tenant_by_deny or any(reading.guard.holds for reading in self.tenant_guards)

    def holds(self, kind: GuardKind) -> bool:
        """Whether a guard of a kind holds."""
        return any(r.guard.holds and r.guard.kind is kind for r in self.readings)


def federated_edges(subject: TrustSubject) -> Iterator[tuple[int, FederatedEdge]]:
    """Yield each open edge from an OpenID Connect provider, with its statement's place."""
    if not subject.is_trust_policy:
        return
    for index, edges in subject.open_edges(TrustPrincipalKind.FEDERATED):
        for edge in edges:
            if provider_host(edge.principal) is not None and subject.lets_assume(edge):
                host = written_host(edge)
                provider = provider_of(host)
                readings = subject.readings(edge)
                yield (
                    index,
                    FederatedEdge(
                        edge,
                        host,
                        provider,
                        readings,
                        tuple(r for r in readings if tells_tenants_apart(provider, r)),
                        any(
                            all(r.guard.holds and tells_tenants_apart(provider, r) for r in choices)
                            for choices in subject.by_denies(edge)
                        ),
                    ),
                )


def written_host(edge: PolicyEdge) -> str:
    """Return the host and path of an edge's provider as its ARN spells them."""
    principal = edge.principal
    return principal.provider or principal.id.partition(":oidc-provider/")[2] or principal.id


def tells_tenants_apart(provider: OidcProvider, reading: GuardReading) -> bool:
    """Whether a guard's key is one by which a provider's tenants differ."""
    kind, key = reading.guard.kind, reading.guard.key.lower()
    if kind is GuardKind.SUBJECT:
        return True
    if kind is GuardKind.AUDIENCE:
        return provider.is_tenant_audience(key)
    if kind is GuardKind.CLAIM:
        claim = provider.claim(key.rpartition(":")[2])
        return claim is not None and claim.fixes_tenant
    if kind is GuardKind.TAG:
        tag = provider.session_tag(key.partition("/")[2])
        return tag is not None and tag.fixes_tenant
    return provider.session_name_fixes_tenant and key == "sts:rolesessionname"
