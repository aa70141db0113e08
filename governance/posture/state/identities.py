"""What the inventory knows of a principal, as the engine takes it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from governance.posture.state.organization import IAM_COLLECTOR, CompiledOrganization
from governance.posture.state.parsed_policies import parsed_policy
from inventory.models import Connection
from inventory.models import Principal as PrincipalRow
from inventory.selectors.principals import PolicyText, principal_detail, principals
from inventory.selectors.state_marks import account_collector_complete
from inventory.viewing import Viewer
from policies import Diagnostic, PolicyDocument, PolicyType
from policies.evaluation.principal import PrincipalKind, RequestPrincipal


class IdentityKnowledge(StrEnum):
    """What is known of a caller's own policies.

    NOT_NEEDED: it has none by its nature (root user, service, anonymous). NOT_COLLECTED: the
    IAM of its account was never read. NOT_FOUND: it was read, and there is no such principal.
    OUTSIDE: its account is not in this organization. SESSION_OF_UNKNOWN: a federated user,
    whose policies are those of the IAM user that made the session, which its ARN does not tell.
    """

    COLLECTED = "collected"
    NOT_NEEDED = "not_needed"
    NOT_COLLECTED = "not_collected"
    NOT_FOUND = "not_found"
    OUTSIDE = "outside"
    SESSION_OF_UNKNOWN = "session_of_unknown"


@dataclass(frozen=True, slots=True, eq=False)
class AttachedText:
    """A policy of a principal. `kind`: managed, inline, boundary or trust.

    `text` is None where it is attached and its content was not collected; `document` is None
    then, and where the text cannot be read (see `diagnostics`).
    """

    kind: str
    name: str
    arn: str
    via_group: str
    text: str | None
    document: PolicyDocument | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller, or a role that is asked for. Unless COLLECTED nothing but `knowledge` is set.

    `arn`: of the IAM user or role, with its path; a session's is its role's. `policies`: its own
    and its groups' identity policies. `missing`: of these, those that cannot be read.
    """

    knowledge: IdentityKnowledge
    arn: str = ""
    kind: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[AttachedText, ...] = ()
    boundary: AttachedText | None = None
    trust: AttachedText | None = None

    @property
    def readable(self) -> tuple[AttachedText, ...]:
        """The policies in the order of their documents in an engine's policy set."""
        return tuple(policy for policy in self.policies if policy.document is not None)

    @property
    def documents(self) -> tuple[PolicyDocument, ...]:
        """The documents of the policies that can be read."""
        return tuple(policy.document for policy in self.policies if policy.document is not None)

    @property
    def missing(self) -> tuple[AttachedText, ...]:
        """The policies that cannot be read."""
        return tuple(policy for policy in self.policies if policy.document is None)


_TYPES: Final = {
    "boundary": PolicyType.PERMISSION_BOUNDARY,
    "trust": PolicyType.TRUST_POLICY,
}
_NEEDS_NONE: Final = frozenset(
    {
        PrincipalKind.ROOT_USER,
        PrincipalKind.SERVICE,
        PrincipalKind.ANONYMOUS,
        PrincipalKind.IDENTITY_PROVIDER,
        PrincipalKind.CANONICAL_USER,
        PrincipalKind.ORIGIN_ACCESS_IDENTITY,
    }
)


def load_identity(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    principal: RequestPrincipal,
    as_of: datetime | None = None,
) -> Identity:
    """Return what is known of a caller's policies; of a session, its role's."""
    if principal.kind in _NEEDS_NONE or principal.account_id is None:
        return Identity(IdentityKnowledge.NOT_NEEDED)
    if principal.kind is PrincipalKind.FEDERATED_USER:
        return Identity(IdentityKnowledge.SESSION_OF_UNKNOWN)
    account_id = principal.account_id
    if account_id not in organization.names and account_id not in organization.unplaced:
        return Identity(IdentityKnowledge.OUTSIDE)
    arn: str | None = principal.role_arn or principal.text
    if not principal.role_path_known:
        # A session's ARN lacks its role's path; a role's name is unique in its account.
        arn = (
            principals(viewer, connection=connection, as_of=as_of, account_id=account_id)
            .filter(kind=PrincipalRow.Kind.ROLE, name=principal.name)
            .values_list("arn", flat=True)
            .first()
        )
    detail = principal_detail(viewer, connection=connection, arn=arn, as_of=as_of) if arn else None
    if detail is None:
        complete = account_collector_complete(
            viewer,
            connection=connection,
            account_id=account_id,
            collector=IAM_COLLECTOR,
            as_of=as_of,
        )
        absent = IdentityKnowledge.NOT_FOUND if complete else IdentityKnowledge.NOT_COLLECTED
        return Identity(absent)
    texts = [attached_text(policy) for policy in detail.policies]
    return Identity(
        knowledge=IdentityKnowledge.COLLECTED,
        arn=detail.principal.arn,
        kind=detail.principal.kind,
        tags=detail.principal.tags,
        policies=tuple(text for text in texts if text.kind in {"managed", "inline"}),
        boundary=next((text for text in texts if text.kind == "boundary"), None),
        trust=next((text for text in texts if text.kind == "trust"), None),
    )


def attached_text(policy: PolicyText) -> AttachedText:
    """Return a policy of a principal with what its text means, and what is wrong with it."""
    document: PolicyDocument | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    if policy.text is not None:
        kind = _TYPES.get(policy.kind, PolicyType.IDENTITY_POLICY)
        parsed = parsed_policy(hashlib.sha256(policy.text.encode()).hexdigest(), policy.text, kind)
        document, diagnostics = parsed.document, parsed.diagnostics
    return AttachedText(
        policy.kind, policy.name, policy.arn, policy.via_group, policy.text, document, diagnostics
    )
