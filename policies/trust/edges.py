"""What a statement that allows comes to: edges from those it lets in to what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies.evaluation.request import Request
from policies.language.json_reader import JsonValue


class TrustPrincipalKind(StrEnum):
    """Whom an edge comes from.

    EVERYONE: anybody, with or without an AWS identity. ORGANIZATION, ORGANIZATIONAL_UNIT: everybody
    of it, by aws:PrincipalOrgID or aws:PrincipalOrgPaths. DELETED: the unique id (`AROA…`, `AIDA…`)
    that AWS puts in place of a principal that is gone.
    """

    ACCOUNT = "account"
    ROLE = "role"
    USER = "user"
    SESSION = "session"
    SERVICE = "service"
    FEDERATED = "federated"
    ORGANIZATION = "organization"
    ORGANIZATIONAL_UNIT = "organizational_unit"
    CANONICAL_USER = "canonical_user"
    DELETED = "deleted"
    EVERYONE = "everyone"


class PolicyCrossing(StrEnum):
    """Which boundary an edge crosses, as far as a policy and the organization's accounts tell.

    NONE: nobody can use it, such as one from a deleted principal.
    """

    SAME_ACCOUNT = "same_account"
    ORGANIZATION = "organization"
    EXTERNAL = "external"
    SERVICE = "service"
    FEDERATED = "federated"
    PUBLIC = "public"
    NONE = "none"


class GuardKind(StrEnum):
    """What a condition asks of whoever comes in."""

    EXTERNAL_ID = "external_id"
    MFA = "mfa"
    ORGANIZATION = "organization"
    PRINCIPAL = "principal"
    SOURCE_ACCOUNT = "source_account"
    SOURCE_ARN = "source_arn"
    SOURCE_ORGANIZATION = "source_organization"
    VPC = "vpc"
    VPC_ENDPOINT = "vpc_endpoint"
    IP = "ip"
    SUBJECT = "subject"
    AUDIENCE = "audience"
    CLAIM = "claim"
    TAG = "tag"
    SERVICE = "service"
    REGION = "region"
    TIME = "time"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TrustPrincipal:
    """Whom an edge comes from.

    `id`: an account id, an ARN, a service principal, a provider's ARN or host, an organization's id
    or path, a canonical user's or unique id, `*`. `provider`: the host of an OpenID Connect
    provider or `saml`; None: not federated. `tenant`: what the conditions leave of a provider that
    serves many tenants, such as a GitHub organization; None: none in particular.
    """

    kind: TrustPrincipalKind
    id: str
    account_id: str | None = None
    provider: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class TrustGuard:
    """One condition of a statement, and what it leaves open.

    `operator` and `values` as written. `holds`: whether what it admits lies within what such a
    guard is for (one tenant, one organization, one account), decided by the engine. `leaves_open`:
    what it still admits, in one sentence.
    """

    kind: GuardKind
    key: str
    operator: str
    values: tuple[str, ...]
    holds: bool
    leaves_open: str


@dataclass(frozen=True, slots=True)
class EdgeBlock:
    """What keeps every request of an edge out.

    `by`: `service_control_policy`, `resource_control_policy` or `policy` (a deny of the policy
    itself, or a condition that nobody meets). `target_id`: the root, OU or account of an SCP or
    RCP. `policy` and `statement`: places in the level's list and in the policy; None: no statement
    allows it there.
    """

    by: str
    target_id: str | None = None
    policy: int | None = None
    statement: int | None = None
    sid: str | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PolicyEdge:
    """One way in that one statement opens to one principal.

    `statement`: its place in the policy, from 0. `actions`: as the statement writes them, of those
    that the resource knows. `witness`: a request that the evaluator allows on both sides; None
    where the edge is blocked or nothing could be confirmed. `undecided`: why the engine could not
    say whether a request passes; empty where it could.
    """

    statement: int
    sid: str | None
    principal: TrustPrincipal
    actions: tuple[str, ...]
    crossing: PolicyCrossing
    guards: tuple[TrustGuard, ...] = ()
    blocked_by: EdgeBlock | None = None
    undecided: tuple[str, ...] = ()
    witness: Request | None = None

    @property
    def is_guarded(self) -> bool:
        """Whether a guard that holds and says who or how strongly signed in stands before it.

        A region, a time, a service in between, or the audience of a provider that serves many
        tenants does not.
        """
        return any(guard.holds and self._says_who(guard) for guard in self.guards)

    def _says_who(self, guard: TrustGuard) -> bool:
        if guard.kind is GuardKind.AUDIENCE:
            return self.principal.provider == "saml" or self.principal.tenant is not None
        return guard.kind not in _SAY_NOT_WHO


_SAY_NOT_WHO: Final = frozenset({GuardKind.REGION, GuardKind.TIME, GuardKind.SERVICE})

Remedy = Mapping[str, JsonValue]
"""What to write instead: `text`, one sentence, and where it can be said `condition` or `statement`
as JSON.
"""
