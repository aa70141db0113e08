"""One API call as the front understood it, and who makes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a call. `principal_arn`: the user's or role's own ARN, not the session's.

    `session_policies`: texts passed to AssumeRole; they only ever narrow.
    """

    account_id: str
    arn: str
    principal_arn: str
    kind: str
    user_id: str
    name: str
    access_key_id: str
    session_token: str = ""
    expires_at: datetime | None = None
    session_policies: tuple[str, ...] = ()
    source_identity: str = ""


@dataclass(slots=True)
class Call:
    """A request: `service` is the signing name, `operation` AWS's operation name.

    `parameters`: the operation's input by AWS's member names (JSON, query and CBOR protocols).
    """

    service: str
    operation: str
    protocol: str
    access_key_id: str
    session_token: str
    region: str
    body: bytes
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"
