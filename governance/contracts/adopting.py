"""Makes a contract's terms out of an edge that was observed."""

from governance.contracts.directory import ContractDirectory
from governance.contracts.terms import (
    EVERYONE_VALUE,
    ContractSource,
    ContractTarget,
    ContractTerms,
    SourceKind,
    TargetKind,
)
from governance.posture.trust.models import TrustEdge
from policies.trust import GuardKind, TrustPrincipalKind

_NAMED = {TrustPrincipalKind.ROLE, TrustPrincipalKind.USER, TrustPrincipalKind.SESSION}


class CannotAdopt(ValueError):
    """No contract can be made of an edge; the message says why."""


def terms_of_edge(edge: TrustEdge, directory: ContractDirectory) -> ContractTerms:
    """Return the narrowest terms that cover an edge: its principal, resource, actions and guards.

    The purpose is left empty, for whoever adopts it to say.

    :raises CannotAdopt: the edge leaves no account, or its principal is deleted.
    """
    if edge.crossing in (TrustEdge.Crossing.ACCOUNT, TrustEdge.Crossing.NONE):
        raise CannotAdopt("the edge stays within its account: it needs no contract")
    return ContractTerms(
        source=_source(edge, directory),
        target=ContractTarget(TargetKind.RESOURCE, edge.resource_arn),
        actions=tuple(edge.actions),
        guards=tuple(
            dict.fromkeys(GuardKind(guard["kind"]) for guard in edge.guards if guard["holds"])
        ),
    )


def _source(edge: TrustEdge, directory: ContractDirectory) -> ContractSource:
    kind = edge.principal_kind
    if kind in _NAMED:
        return ContractSource(SourceKind.PRINCIPAL, edge.principal_id)
    if kind in (TrustPrincipalKind.ACCOUNT, TrustPrincipalKind.CANONICAL_USER):
        if edge.vendor:
            return ContractSource(SourceKind.VENDOR, edge.vendor)
        if edge.principal_account_id:
            return ContractSource(SourceKind.ACCOUNT, edge.principal_account_id)
        raise CannotAdopt("the account behind the canonical user id is not known")
    if kind == TrustPrincipalKind.FEDERATED:
        # Sign-in by SAML is told apart by the provider's ARN alone.
        host = "" if edge.provider == "saml" else edge.provider
        return ContractSource(SourceKind.PROVIDER, host or edge.principal_id, edge.tenant)
    if kind == TrustPrincipalKind.SERVICE:
        return ContractSource(SourceKind.SERVICE, edge.principal_id)
    if kind == TrustPrincipalKind.ORGANIZATION:
        return ContractSource(SourceKind.ORGANIZATION, edge.principal_id)
    if kind == TrustPrincipalKind.ORGANIZATIONAL_UNIT:
        organization_id, *steps = edge.principal_id.strip("/").split("/")
        named = [step for step in steps if step in directory.tree.by_id]
        if organization_id == directory.organization_id and named:
            return ContractSource(SourceKind.ORGANIZATIONAL_UNIT, named[-1])
        return ContractSource(SourceKind.ORGANIZATION, organization_id)
    if kind == TrustPrincipalKind.EVERYONE:
        return ContractSource(SourceKind.EVERYONE, EVERYONE_VALUE)
    raise CannotAdopt("the principal is deleted: remove it from the policy instead")
