"""Which boundary lies between a principal and what a policy stands on."""

from __future__ import annotations

from policies.trust.edges import PolicyCrossing, TrustPrincipal, TrustPrincipalKind
from policies.trust.principals import is_origin_access_identity
from policies.trust.question import TrustedResource, TrustOrganization


def is_member(
    account_id: str, organization: TrustOrganization | None, resource: TrustedResource
) -> bool:
    """Whether an account is of the organization.

    The resource's account counts as a member where the accounts are not given.
    """
    if organization is None:
        return False
    if account_id in organization.accounts or account_id == organization.management_account_id:
        return True
    return not organization.accounts and account_id == resource.account_id


def crossing_of_account(
    account_id: str, organization: TrustOrganization | None, resource: TrustedResource
) -> PolicyCrossing:
    """Return what a principal of an account crosses."""
    if account_id == resource.account_id:
        return PolicyCrossing.SAME_ACCOUNT
    inside = is_member(account_id, organization, resource) and is_member(
        resource.account_id, organization, resource
    )
    return PolicyCrossing.ORGANIZATION if inside else PolicyCrossing.EXTERNAL


def crossing_of(
    principal: TrustPrincipal, organization: TrustOrganization | None, resource: TrustedResource
) -> PolicyCrossing:
    """Return what a principal crosses, as its kind and account tell.

    An organization's own id is no stranger; everyone is PUBLIC, whatever narrows it. Whose account
    a canonical user or an origin access identity is of, its id does not say: it may be anybody's.
    """
    match principal.kind:
        case TrustPrincipalKind.EVERYONE:
            return PolicyCrossing.PUBLIC
        case TrustPrincipalKind.DELETED:
            return PolicyCrossing.NONE
        case TrustPrincipalKind.SERVICE:
            return PolicyCrossing.SERVICE
        case TrustPrincipalKind.FEDERATED:
            return PolicyCrossing.FEDERATED
        case TrustPrincipalKind.ORGANIZATION | TrustPrincipalKind.ORGANIZATIONAL_UNIT:
            own = organization.id if organization is not None else None
            inside = own is not None and principal.id.partition("/")[0] == own
            return PolicyCrossing.ORGANIZATION if inside else PolicyCrossing.EXTERNAL
    if principal.account_id is not None:
        return crossing_of_account(principal.account_id, organization, resource)
    is_origin_access = is_origin_access_identity(principal.id)
    if is_origin_access or principal.kind is TrustPrincipalKind.CANONICAL_USER:
        return PolicyCrossing.EXTERNAL
    return PolicyCrossing.NONE
