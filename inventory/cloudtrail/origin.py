"""Who made a logged call, from where and by what: as people read it.

Source: CloudTrail user guide, "CloudTrail userIdentity element" and "record contents"
(`sessionCredentialFromConsole`, `userAgent`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

_CONSOLE_AGENTS: Final = ("console.amazonaws.com", "signin.amazonaws.com", "console.aws.amazon.com")
_CONSOLE_TYPES: Final = frozenset({"AwsConsoleAction", "AwsConsoleSignIn"})


class CallSurface(StrEnum):
    """What a call was made by."""

    CONSOLE = "console"
    API = "api"
    SERVICE = "service"
    UNKNOWN = "unknown"


SURFACE_LABELS: Final[Mapping[CallSurface, str]] = {
    CallSurface.CONSOLE: "Console",
    CallSurface.API: "API",
    CallSurface.SERVICE: "AWS service",
    CallSurface.UNKNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class CallOrigin:
    """Where a call came from; texts are empty where the event does not tell them.

    `session`: the session's name, often a person's address. `issuer`: the role or provider whose
    credentials the session's are. `began_at`: when the session began, as the event has it.
    `mfa`: None: the event does not say.
    """

    surface: CallSurface
    address: str = ""
    agent: str = ""
    session: str = ""
    issuer: str = ""
    source_identity: str = ""
    began_at: str = ""
    mfa: bool | None = None
    invoked_by: str = ""
    access_key_id: str = ""


def call_origin(record: Mapping[str, Any]) -> CallOrigin:
    """Return where the call of a CloudTrail record came from."""
    identity = _mapping(record.get("userIdentity"))
    context = _mapping(identity.get("sessionContext"))
    attributes = _mapping(context.get("attributes"))
    issuer = _mapping(context.get("sessionIssuer"))
    federation = _mapping(context.get("webIdFederationData"))
    arn = _text(identity.get("arn"))
    mfa = _text(attributes.get("mfaAuthenticated")).lower()
    return CallOrigin(
        surface=_surface(record, identity),
        address=_text(record.get("sourceIPAddress")),
        agent=_text(record.get("userAgent")),
        session=arn.rpartition("/")[2] if ":assumed-role/" in arn else "",
        issuer=_text(federation.get("federatedProvider")) or _text(issuer.get("arn")),
        source_identity=_text(context.get("sourceIdentity")),
        began_at=_text(attributes.get("creationDate")),
        mfa={"true": True, "false": False}.get(mfa),
        invoked_by=_text(identity.get("invokedBy")),
        access_key_id=_text(identity.get("accessKeyId")),
    )


def _surface(record: Mapping[str, Any], identity: Mapping[str, Any]) -> CallSurface:
    agent = _text(record.get("userAgent"))
    if (
        _text(record.get("sessionCredentialFromConsole")).lower() == "true"
        or record.get("eventType") in _CONSOLE_TYPES
        or agent in _CONSOLE_AGENTS
    ):
        return CallSurface.CONSOLE
    if (
        record.get("eventType") == "AwsServiceEvent"
        or identity.get("type") == "AWSService"
        or identity.get("invokedBy")
    ):
        return CallSurface.SERVICE
    return CallSurface.API if identity or agent else CallSurface.UNKNOWN


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
