"""What decides over access to a resource beside its policy: typed here, JSON in the database.

A fact that is None was not set, or could not be read: `ResourcePolicy.unknown` says which.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

# The parts of a resource that `unknown` may name. POLICY is a column, the others are facts.
POLICY: Final = "policy"
ACL: Final = "acl"
OWNERSHIP: Final = "ownership"
PUBLIC_ACCESS_BLOCK: Final = "public_access_block"
GRANTS: Final = "grants"
# Of a Lambda function: its URLs, each with `qualifier`, `url` and `auth_type` (AWS_IAM or NONE).
FUNCTION_URLS: Final = "function_urls"
# Of a RAM share: what its managed permissions let do. What `AccessGrant.through` says of it.
SHARE_PERMISSIONS: Final = "permissions"
RAM_SHARE: Final = "ram share"
KMS_GRANT: Final = "kms grant"
# Of what several named policies stand on: name → text, as AWS gives them.
POLICIES: Final = "policies"

# EC2: its policy limits what passes through to a service, and lets nobody in.
VPC_ENDPOINT: Final = "vpc-endpoint"
_LIMITING: Final = frozenset({("ec2", VPC_ENDPOINT)})


def lets_in(service: str, resource_type: str) -> bool:
    """Whether the policy on such a resource lets principals in, as most do.

    False where it limits what others may do through the resource: that such a policy allows
    something to everybody gives nobody access.
    """
    return (service, resource_type) not in _LIMITING


# S3: access control lists are off, and the bucket's owner owns every object.
BUCKET_OWNER_ENFORCED: Final = "BucketOwnerEnforced"


@dataclass(frozen=True, slots=True)
class AclGrant:
    """A grant of an access control list. `grantee`: a canonical user's id, or a group's URI."""

    grantee: str
    permission: str


class GranteeKind(StrEnum):
    """Whom something other than a policy lets in."""

    ACCOUNT = "account"
    PRINCIPAL = "principal"
    SERVICE = "service"
    ORGANIZATION = "organization"
    ORGANIZATIONAL_UNIT = "organizational_unit"
    CANONICAL_USER = "canonical_user"
    FEDERATED = "federated"
    IDENTITY = "identity"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """Access that something other than a policy gives: a KMS grant, a share, a peering connection.

    `facts[GRANTS]` of a resource is a list of these, in order. `grantee`: an account id, an ARN, a
    service principal, the ARN of an organization or OU, a canonical user's id, a user or group of
    Identity Center (IDENTITY, as `user/…` or `group/…`), `*`. `through`: what gives it, such as
    `kms grant`, `ram share`, `snapshot attribute`, `vpc peering`. `actions`: IAM actions, empty
    where IAM has none for it (a network connection) or, of a share, where they could not be read.
    `resource_type`: for what in a share the actions are, as `ec2:Subnet`. `target_account_id`:
    where it lets in, if that is not the resource's own account. `name`: the grant's own id.
    `conditions`: what narrows it, as AWS says it: the constraints of a KMS grant, the Condition of
    a share's permission. `expires_at`: ISO 8601.
    """

    kind: GranteeKind
    grantee: str
    through: str
    actions: tuple[str, ...] = ()
    target_account_id: str = ""
    name: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    expires_at: str = ""
    resource_type: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what the database holds; without a type where there is none, as rows have it."""
        told = {**asdict(self), "kind": str(self.kind), "actions": list(self.actions)}
        if not self.resource_type:
            del told["resource_type"]
        return told

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            **{
                **value,
                "kind": GranteeKind(value["kind"]),
                "actions": tuple(value.get("actions", ())),
            }
        )


def grants_of(facts: Mapping[str, Any]) -> tuple[AccessGrant, ...] | None:
    """Return the access that something other than a policy gives; None: not read."""
    grants = facts.get(GRANTS)
    return None if grants is None else tuple(AccessGrant.of_json(each) for each in grants)


def shared_of_type(resource_type: str, shared: Sequence[str]) -> list[str]:
    """Return the ARNs in a share that a permission for such a type of resources is about.

    `resource_type`: as `ec2:TransitGateway`, of which ARNs have `ec2` and `transit-gateway`. Where
    none is told by its ARN: all of the service.
    """
    service, _, kind = resource_type.lower().partition(":")
    parts = {arn: arn.split(":", 5) for arn in shared if arn.count(":") >= 5}
    found = [arn for arn, part in parts.items() if not service or part[2] == service]
    of_kind = [
        arn for arn in found if kind and re.split("[:/]", parts[arn][5])[0].replace("-", "") == kind
    ]
    return of_kind or found


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """S3's four settings, of a bucket or of an account."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False

    def __or__(self, other: "PublicAccessBlock") -> "PublicAccessBlock":
        """Return what holds where both are set: S3 applies the stricter of each setting."""
        return PublicAccessBlock(
            self.block_public_acls or other.block_public_acls,
            self.ignore_public_acls or other.ignore_public_acls,
            self.block_public_policy or other.block_public_policy,
            self.restrict_public_buckets or other.restrict_public_buckets,
        )

    def as_json(self) -> dict[str, bool]:
        """Return what the database holds."""
        return asdict(self)

    @classmethod
    def of_json(cls, value: Mapping[str, bool]) -> Self:
        """Read what `as_json` wrote."""
        return cls(**value)


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """Of an S3 bucket. `grants`: None where lists are off (`BUCKET_OWNER_ENFORCED`) or unknown."""

    ownership: str | None = None
    grants: tuple[AclGrant, ...] | None = None
    public_access_block: PublicAccessBlock | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what `ResourcePolicy.facts` holds."""
        block = self.public_access_block
        return {
            OWNERSHIP: self.ownership,
            ACL: None if self.grants is None else [asdict(each) for each in self.grants],
            PUBLIC_ACCESS_BLOCK: None if block is None else block.as_json(),
        }

    @classmethod
    def of_json(cls, facts: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        grants, block = facts.get(ACL), facts.get(PUBLIC_ACCESS_BLOCK)
        return cls(
            ownership=facts.get(OWNERSHIP),
            grants=None if grants is None else tuple(AclGrant(**each) for each in grants),
            public_access_block=None if block is None else PublicAccessBlock.of_json(block),
        )
