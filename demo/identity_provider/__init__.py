"""An identity provider on this machine, for the demo and tests: oidc-provider-mock, in short.

It asks for no password: whoever opens its page chooses who they are. Never for anything else.
"""

from dataclasses import dataclass, field
from typing import Final

PROVIDER_ID: Final = "demo-sso"
NAME: Final = "Demo SSO"
CLIENT_ID: Final = "orgwarden"


@dataclass(frozen=True, slots=True)
class DemoIdentity:
    """Somebody whom the provider knows. `groups`: values of their claim."""

    subject: str
    name: str
    groups: tuple[str, ...] = field(default=())

    def claims(self) -> dict[str, object]:
        """Return the claims of this person."""
        return {
            "name": self.name,
            "preferred_username": self.subject,
            "email": f"{self.subject}@example.com",
            "email_verified": True,
            "groups": list(self.groups),
        }


# The groups that `demo.people` makes rules for.
SECURITY_GROUP: Final = "aws-security"
READERS_GROUP: Final = "aws-readers"
IDENTITIES: Final = (
    DemoIdentity("sam", "Sam Security", (SECURITY_GROUP, "everyone")),
    DemoIdentity("rita", "Rita Reader", (READERS_GROUP, "everyone")),
    DemoIdentity("nora", "Nora Newcomer", ("everyone",)),
)
