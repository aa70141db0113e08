"""What stands in the graph: principals, control of accounts, whoever is outside, resources."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NodeKind(StrEnum):
    """What a node is.

    CONTROL: administrator's rights in an account, whoever has them. ORGANIZATION: control of every
    account, as Identity Center gives it from the management account. EVERYBODY: all principals of
    the organization whom policies of theirs let call one action.
    """

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    CONTROL = "control"
    ORGANIZATION = "organization"
    EVERYBODY = "everybody"
    ACCOUNT = "account"
    EXTERNAL_PRINCIPAL = "external_principal"
    FEDERATED = "federated"
    SERVICE = "service"
    IDENTITY = "identity"
    EVERYONE = "everyone"
    RESOURCE = "resource"

    @property
    def is_means(self) -> bool:
        """Whether it stands between others, and is nothing by itself that is worth telling."""
        return self in {NodeKind.ORGANIZATION, NodeKind.EVERYBODY}

    @property
    def is_outside(self) -> bool:
        """Whether it stands for somebody who is no principal of the organization."""
        return self in _OUTSIDE


# The provider that Identity Center makes in each account.
_IDENTITY_CENTER: Final = re.compile(r":saml-provider/AWSSSO_[0-9a-f]+_DO_NOT_DELETE$")
_OUTSIDE = frozenset(
    {
        NodeKind.ACCOUNT,
        NodeKind.EXTERNAL_PRINCIPAL,
        NodeKind.FEDERATED,
        NodeKind.SERVICE,
        NodeKind.IDENTITY,
        NodeKind.EVERYONE,
    }
)


class Privilege(StrEnum):
    """How much a node gives, the most first.

    ADMINISTRATOR: everything in its account. ESCALATES: it can get there. DATA: it reads secrets
    or data. UNKNOWN: its policies were not collected.
    """

    ADMINISTRATOR = "administrator"
    ESCALATES = "escalates"
    DATA = "data"
    UNKNOWN = "unknown"
    LIMITED = "limited"

    @property
    def label(self) -> str:
        """The level as screens say it."""
        return {"escalates": "Can escalate", "data": "Reads data"}.get(
            self.value, self.value.capitalize()
        )


PRIVILEGES: tuple[Privilege, ...] = tuple(Privilege)


@dataclass(frozen=True, slots=True)
class PathNode:
    """One node. `id`: an ARN, an account's id, a service, a provider, `*`.

    `account_id`: whose it is; of somebody outside, theirs; empty where that is not told. `name`: as
    people call it. `note`: what tells it from others of its name, such as a provider's tenant.
    """

    kind: NodeKind
    id: str
    account_id: str = ""
    name: str = ""
    note: str = ""
    resource_type: str = ""

    @property
    def is_stranger(self) -> bool:
        """Whether nobody of the organization is meant: no one who signs in by Identity Center.

        AWS services are none, either.
        """
        own = self.kind in (NodeKind.IDENTITY, NodeKind.SERVICE)
        return self.kind.is_outside and not own and not _IDENTITY_CENTER.search(self.id)

    @property
    def key(self) -> str:
        """What names the node in addresses."""
        match self.kind:
            case NodeKind.CONTROL:
                return f"control:{self.account_id}"
            case NodeKind.ORGANIZATION:
                return "organization"
            case NodeKind.FEDERATED:
                return f"{self.id}#{self.note}" if self.note else self.id
            case _:
                return self.id
