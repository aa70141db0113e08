"""Who acts, as the audit log records it."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["person", "service account", "command", "system"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Whoever does something: a person, a service account, a command or the system itself.

    `user_id`: of `auth.User`; None for commands, the system and people who are not known.
    `token_id`: of the API token it came through. `session`: 16 hex digits of the SHA-256 of the
    session key, never the key. `address`: IPv4 or IPv6 of the client. `on_behalf_of`: the name of
    the person for whom a deputy or the system acts.
    """

    kind: ActorKind
    user_id: int | None
    name: str
    token_id: int | None = None
    session: str = ""
    address: str = ""
    request_id: str = ""
    on_behalf_of: str = ""
