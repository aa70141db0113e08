"""How many roles and resources of each account let in somebody from outside the organization."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import trust_edges, unknown_accounts, was_worked_out
from inventory.models import Connection
from inventory.selectors.accounts import account_parents
from inventory.viewing import Viewer
from policies.trust import TrustPrincipalKind
from policies.trust.principals import SAML
from policies.trust.providers import provider_of

_CROSSING: Final = TrustEdge.Crossing
_OUTSIDE: Final = (
    _CROSSING.PUBLIC,
    _CROSSING.EXTERNAL,
    _CROSSING.VENDOR,
    _CROSSING.FEDERATED,
)


@dataclass(frozen=True, slots=True)
class LetInFromOutside:
    """What of one account lets in somebody from outside, and what of it lets in anyone.

    `things`: roles and resources.
    """

    things: int
    open_to_anyone: int


NOTHING_FROM_OUTSIDE: Final = LetInFromOutside(0, 0)


@dataclass(frozen=True, slots=True)
class OutsideAccess:
    """By account; accounts of which nothing lets in outsiders are absent.

    `unknown`: accounts whose IAM was never read completely, or whose trust could not be evaluated.
    """

    by_account: Mapping[str, LetInFromOutside]
    unknown: frozenset[str]


def outside_access(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> OutsideAccess:
    """Count by edges of trust that are not blocked, in two short queries and those of coverage.

    Outside are the public, accounts that are not the organization's, known vendors among them, and
    whoever signs in with an OpenID Connect provider whose tenant the conditions leave open. AWS
    services and the organization's own sign-in (SAML, Identity Center) are not.
    """
    if not was_worked_out(viewer, connection=connection, as_of=as_of):
        every = account_parents(viewer, connection=connection, as_of=as_of)
        return OutsideAccess({}, frozenset(every))
    rows = (
        trust_edges(viewer, connection=connection, as_of=as_of)
        .filter(crossing__in=_OUTSIDE)
        .exclude(state=TrustEdge.EdgeState.BLOCKED)
        .order_by()
        .values_list(
            *("account_id", "resource_arn", "crossing", "state"),
            *("principal_kind", "provider", "tenant"),
        )
    )
    things: dict[str, set[str]] = {}
    open_things: dict[str, set[str]] = {}
    for account_id, arn, crossing, state, kind, provider, tenant in rows.iterator(chunk_size=5000):
        federated = crossing == _CROSSING.FEDERATED
        if federated and not leaves_tenant_open(kind, provider, tenant, state):
            continue
        things.setdefault(account_id, set()).add(arn)
        if federated or crossing == _CROSSING.PUBLIC:
            open_things.setdefault(account_id, set()).add(arn)
    return OutsideAccess(
        {
            account_id: LetInFromOutside(len(arns), len(open_things.get(account_id, ())))
            for account_id, arns in things.items()
        },
        unknown_accounts(viewer, connection=connection, as_of=as_of),
    )


def leaves_tenant_open(kind: str, provider: str, tenant: str, state: str) -> bool:
    """Whether an edge of a sign-in provider lets in whoever the provider signs in.

    Of a provider that serves many tenants: its conditions leave none in particular. Of another: no
    guard that holds is on the edge.
    """
    if kind != TrustPrincipalKind.FEDERATED or provider == SAML or tenant:
        return False
    return provider_of(provider).is_known or state == TrustEdge.EdgeState.OPEN
