"""What the inventory knows of a resource's own policy, as the engine takes it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from governance.posture.state.parsed_policies import parsed_policy
from governance.posture.state.public_access import is_public
from inventory.models import Connection, ResourcePolicy
from inventory.resource_facts import (
    ACL,
    GRANTS,
    POLICY,
    PUBLIC_ACCESS_BLOCK,
    RAM_SHARE,
    AccessGrant,
    BucketFacts,
    GranteeKind,
    PublicAccessBlock,
    grants_of,
    shared_of_type,
)
from inventory.selectors.resource_policies import (
    account_public_access_block,
    resource_by_arn,
    shares_of,
)
from inventory.viewing import Viewer
from policies import Diagnostic, Effect, PolicyDocument, PolicyType
from policies.evaluation.principal import PrincipalKind, RequestPrincipal
from policies.trust.actions import lets_in_services_alone

_S3: Final = "s3"
_GROUPS: Final = "http://acs.amazonaws.com/groups/"


class ResourceKnowledge(StrEnum):
    """What is known of a resource's policy.

    POLICY: its text. NONE: that it has none. DENIED: it was listed, and its policy could not be
    read. UNREADABLE: its text cannot be understood. NOT_COLLECTED: no such resource was read.
    """

    POLICY = "policy"
    NONE = "none"
    DENIED = "denied"
    UNREADABLE = "unreadable"
    NOT_COLLECTED = "not_collected"


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource that is asked for. Unless collected nothing but `knowledge` and `arn` is set.

    `arn`: of the resource whose policy decides, a bucket's for an object. `document`: what its
    policy says to `caller`s that nothing restricts; None where it has none or it is not known.
    `block`: what the bucket's and the account's Block Public Access come to; None: not S3.
    `block_is_known`: whether both were read. `grants`: what gives access beside the policy;
    `granted`: the policy that would give the same, where somebody asked for it.
    """

    knowledge: ResourceKnowledge
    arn: str
    name: str = ""
    account_id: str = ""
    region: str = ""
    error_code: str = ""
    text: str | None = None
    document: PolicyDocument | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    block: PublicAccessBlock | None = None
    block_is_known: bool = True
    facts: BucketFacts | None = None
    acl_is_known: bool = True
    grants: tuple[AccessGrant, ...] = ()
    grants_are_known: bool = True
    granted: PolicyDocument | None = None

    @property
    def unknown_shares(self) -> tuple[AccessGrant, ...]:
        """The RAM shares to principals whose actions are not known."""
        return tuple(
            grant
            for grant in self.grants
            if grant.through == RAM_SHARE
            and not grant.actions
            and grant.kind is not GranteeKind.SERVICE
        )

    def restricts(self, caller: RequestPrincipal) -> bool | None:
        """Whether Block Public Access keeps the policy from letting this caller in; None: perhaps.

        RestrictPublicBuckets leaves a bucket with a public policy to its own account and to
        services. Source: S3 user guide, "Blocking public access to your Amazon S3 storage".
        """
        if caller.kind is PrincipalKind.SERVICE or caller.account_id == self.account_id:
            return False
        return self.restricts_others

    @property
    def restricts_others(self) -> bool | None:
        """Whether it keeps principals of other accounts out; None: perhaps."""
        if self.block is None or self.document is None or not is_public(self.document):
            return False
        if self.block.restrict_public_buckets:
            return True
        return False if self.block_is_known else None

    @property
    def key(self) -> tuple[object, ...]:
        """What is equal for resources that decide alike."""
        return (
            self.arn,
            self.account_id,
            self.knowledge,
            self.text,
            self.restricts_others,
            self.acl_may_allow,
            repr(self.grants),
            self.grants_are_known,
        )

    @property
    def is_for_services_alone(self) -> bool:
        """Whether AWS enforces the policy for calls by its own services only, as on log groups."""
        return lets_in_services_alone(self.arn)

    def document_for(self, *, is_same_account: bool) -> PolicyDocument | None:
        """Return what the policy says to identities of its own account, or of others."""
        if self.is_for_services_alone:
            return None
        restricted = False if is_same_account else self.restricts_others
        return self.denies_only if restricted else self.document

    @property
    def more_may_allow(self) -> bool:
        """Whether something beside policy and grants lets callers in, or may."""
        return self.acl_may_allow or not self.grants_are_known or bool(self.unknown_shares)

    @property
    def denies_only(self) -> PolicyDocument | None:
        """The policy without what it allows."""
        if self.document is None:
            return None
        denies = tuple(one for one in self.document.statements if one.effect is Effect.DENY)
        return replace(self.document, statements=denies)

    @property
    def acl_may_allow(self) -> bool:
        """Whether an access control list lets others in, or may: the engine does not read lists."""
        if self.facts is None:
            return False
        if not self.acl_is_known:
            return True
        grantees = {grant.grantee for grant in self.facts.grants or ()}
        groups = {each for each in grantees if each.startswith(_GROUPS)}
        ignored = self.block is not None and self.block.ignore_public_acls
        # One canonical user is the bucket's owner.
        return len(grantees - groups) > 1 or bool(groups and not ignored)


def load_resource(
    viewer: Viewer, *, connection: Connection, arn: str, as_of: datetime | None = None
) -> Resource:
    """Return what is known of the policy that decides over a resource."""
    shared = shared_grants(viewer, connection=connection, arn=arn, as_of=as_of)
    row = resource_by_arn(viewer, connection=connection, arn=arn, as_of=as_of)
    if row is None:
        name = arn.split(":", 5)[-1]
        return Resource(ResourceKnowledge.NOT_COLLECTED, arn, name, grants=shared)
    account_block = None
    if row.service == _S3:
        account_block = account_public_access_block(
            viewer, connection=connection, account_id=row.account_id, as_of=as_of
        )
    found = resource_of(row, account_block)
    return replace(found, grants=(*found.grants, *shared))


def shared_grants(
    viewer: Viewer, *, connection: Connection, arn: str, as_of: datetime | None = None
) -> tuple[AccessGrant, ...]:
    """Return what RAM shares give on a resource: those of their permissions that are about it."""
    shares = shares_of(viewer, connection=connection, arn=arn, as_of=as_of)
    return tuple(
        grant
        for share in shares
        for grant in grants_of(share.facts) or ()
        if arn in shared_of_type(grant.resource_type, share.facts["resources"])
    )


def resource_of(row: ResourcePolicy, account_block: PublicAccessBlock | None) -> Resource:
    """Return a collected resource as the engine takes it. `account_block`: None where not known."""
    known = _known(row)
    if row.service != _S3:
        return known
    facts = BucketFacts.of_json(row.facts)
    return replace(
        known,
        facts=facts,
        block=(facts.public_access_block or PublicAccessBlock())
        | (account_block or PublicAccessBlock()),
        block_is_known=account_block is not None and PUBLIC_ACCESS_BLOCK not in row.unknown,
        acl_is_known=ACL not in row.unknown,
    )


def _known(row: ResourcePolicy) -> Resource:
    found = Resource(
        ResourceKnowledge.NONE,
        row.arn,
        row.name,
        row.account_id,
        row.region,
        grants=grants_of(row.facts) or (),
        grants_are_known=GRANTS not in row.unknown,
    )
    if POLICY in row.unknown:
        return replace(found, knowledge=ResourceKnowledge.DENIED, error_code=row.unknown[POLICY])
    if row.content is None:
        return found
    parsed = parsed_policy(row.content.sha256, row.content.text, PolicyType.RESOURCE_POLICY)
    return replace(
        found,
        knowledge=ResourceKnowledge.UNREADABLE
        if parsed.document is None
        else ResourceKnowledge.POLICY,
        text=row.content.text,
        document=parsed.document,
        diagnostics=parsed.diagnostics,
    )
