"""What kinds of trust findings are asked of: all trust of one organization as it is now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from governance.access.owners.labels import LabelMap, label_map
from governance.posture.state.organization import CompiledOrganization
from governance.posture.trust.models import TrustEdge
from inventory.models import (
    Connection,
    IdentityProvider,
    Principal,
    PrincipalActivity,
    UserCredential,
)
from inventory.selectors.roles import policy_texts

_AT_ONCE: Final = 5000


class EdgeFact(NamedTuple):
    """The newest version of an edge; fields as of `TrustEdge`."""

    key: str
    account_id: str
    resource_arn: str
    resource_name: str
    service: str
    resource_type: str
    region: str
    source: str
    through: str
    content_id: str | None
    statement: int | None
    sid: str
    principal_kind: str
    principal_id: str
    principal_account_id: str
    provider: str
    tenant: str
    vendor: str
    actions: list[str]
    crossing: str
    state: str
    guards: list[dict[str, Any]]
    seen_from: datetime


class PrincipalFact(NamedTuple):
    """A user, group or role; fields as of `inventory.models.Principal`."""

    account_id: str
    kind: str
    arn: str
    name: str
    path: str
    unique_id: str
    created_at: datetime | None
    trust_policy_id: str | None
    boundary_arn: str
    attached_policy_arns: list[str]
    inline_policies: dict[str, str]
    groups: list[str]
    tags: dict[str, str]


@dataclass(frozen=True)
class TrustFacts:
    """Everything is read when it is first asked for, and then stays. Shared: never change it.

    `now`: the time against which ages are measured.
    """

    connection: Connection
    organization: CompiledOrganization
    now: datetime

    @cached_property
    def edges(self) -> tuple[EdgeFact, ...]:
        """Every edge, blocked ones too."""
        rows = TrustEdge.objects.as_of(None).filter(connection=self.connection).order_by("key")
        found = rows.values_list(*EdgeFact._fields).iterator(chunk_size=_AT_ONCE)
        return tuple(map(EdgeFact._make, found))

    @cached_property
    def edges_by_resource(self) -> Mapping[str, tuple[EdgeFact, ...]]:
        """The edges by the ARN of what they let into."""
        found: dict[str, list[EdgeFact]] = {}
        for edge in self.edges:
            found.setdefault(edge.resource_arn, []).append(edge)
        return {arn: tuple(edges) for arn, edges in found.items()}

    @cached_property
    def principals(self) -> tuple[PrincipalFact, ...]:
        """Every user, group and role of every account whose IAM is known."""
        rows = Principal.objects.as_of(None).filter(connection=self.connection)
        found = rows.order_by("account_id", "arn").values_list(*PrincipalFact._fields)
        return tuple(map(PrincipalFact._make, found.iterator(chunk_size=_AT_ONCE)))

    @cached_property
    def activity(self) -> Mapping[tuple[str, str], PrincipalActivity]:
        """When principals were last used, by account id and ARN; absent: not known."""
        rows = PrincipalActivity.objects.filter(connection=self.connection)
        return {(row.account_id, row.arn): row for row in rows.iterator(chunk_size=_AT_ONCE)}

    @cached_property
    def credentials(self) -> tuple[UserCredential, ...]:
        """The passwords and access keys of every user, and of root users."""
        rows = UserCredential.objects.as_of(None).filter(connection=self.connection)
        return tuple(rows.order_by("account_id", "arn"))

    @cached_property
    def providers(self) -> tuple[IdentityProvider, ...]:
        """Every SAML and OpenID Connect provider."""
        rows = IdentityProvider.objects.as_of(None).filter(connection=self.connection)
        return tuple(rows.order_by("account_id", "arn"))

    @cached_property
    def labels(self) -> LabelMap:
        """The environment of each account and OU: `labels.environment(account_id)`."""
        return label_map(self.connection)

    def texts(self, hashes: Collection[str]) -> Mapping[str, str]:
        """Return policy texts by SHA-256, in few queries."""
        return policy_texts(hashes)

    def account_name(self, account_id: str) -> str:
        """Return what an account is called: its name, or else its id."""
        name = self.organization.names.get(account_id) or self.organization.unplaced.get(account_id)
        return name.name if name is not None else account_id
