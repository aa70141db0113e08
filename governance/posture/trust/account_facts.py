"""What lets into one account: the input of its edges of trust."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.posture.trust.edge_rows import EdgeTarget
from inventory.resource_facts import PublicAccessBlock


@dataclass(frozen=True, slots=True)
class TrustingRole:
    """A role and its trust policy; `sha256` None: it has none that is known."""

    account_id: str
    arn: str
    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class TrustingResource:
    """A resource as `inventory.models.ResourcePolicy` holds it."""

    target: EdgeTarget
    sha256: str | None
    facts: Mapping[str, Any]
    unknown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What lets into one account.

    `account_block`: S3's Block Public Access of the account; None: not known. `providers`: the ARNs
    of its identity providers; None: not known.
    """

    account_id: str
    roles: Iterable[TrustingRole] = ()
    resources: Iterable[TrustingResource] = ()
    account_block: PublicAccessBlock | None = None
    providers: frozenset[str] | None = None
