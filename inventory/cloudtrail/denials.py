"""Whether AWS denied a call, and what its message says of the action, resource and policy.

Source: IAM user guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from inventory.cloudtrail.events import CloudTrailEvent
from policies.catalogue import load_catalogue

_PARTS: Final = (
    "AccessDenied",
    "UnauthorizedOperation",
    "AuthorizationError",
    "NotAuthorizedToPerform",
)
_CODES: Final = frozenset(
    {"Forbidden", "ForbiddenException", "Unauthorized", "UnauthorizedException", "403"}
)
_MESSAGE: Final = re.compile(r"\bnot authorized to perform\b", re.I)
_ACTION: Final = re.compile(
    r"not authorized to perform(?: the)?:?\s*[\"'`]?([A-Za-z0-9-]+:[A-Za-z0-9]+)", re.I
)
_RESOURCE: Final = re.compile(
    r"\bon (?:the )?resource:?\s+[\"'`]?(arn:[^\s\"'`]{1,2048}?|\*)(?=[\"'`.,;]?(?:\s|$))", re.I
)
_EXPLICIT: Final = re.compile(
    r"with an explicit deny(?: in (?:an? |the )?([A-Za-z -]{1,60}?)"
    r"(?::\s*(arn:[^\s,;\"']{1,2048})|(?=[.,;]|\s*$)))?",
    re.I,
)
_IMPLICIT: Final = re.compile(r"because no ([A-Za-z -]{1,60}?) allows?\b", re.I)


class DenialCause(NamedTuple):
    """What AWS's message names: a type of policy in its words, perhaps the policy's ARN.

    `is_explicit`: a deny statement; None where the message does not say.
    """

    policy_type: str = ""
    policy_arn: str = ""
    is_explicit: bool | None = None


class Denial(NamedTuple):
    """A denied call. `action` and `resource` are '' where the message names none."""

    action: str
    resource: str
    cause: DenialCause


def denial_of(event: CloudTrailEvent) -> Denial | None:
    """Return what is known of an event's denial; None for a call that was not denied.

    Calls that failed before authorization or after it (wrong parameters, throttling, credentials
    that are no longer valid) were not denied.
    """
    code, message = event.error_code, event.error_message
    if not code and not message:
        return None
    denied = code is not None and (code in _CODES or any(part in code for part in _PARTS))
    if not denied and not (message and _MESSAGE.search(message)):
        return None
    return _read(message or "")


def _read(message: str) -> Denial:
    action = _ACTION.search(message)
    resource = _RESOURCE.search(message)
    name = ""
    if action is not None:
        catalogue = load_catalogue()
        index = catalogue.index_of.get(action[1].lower())
        name = catalogue.names[index] if index is not None else ""
    explicit = _EXPLICIT.search(message)
    if explicit is not None:
        policy_type = " ".join((explicit[1] or "").lower().split())
        cause = DenialCause(policy_type, (explicit[2] or "").rstrip("."), True)
    else:
        implicit = _IMPLICIT.search(message)
        words = " ".join(implicit[1].lower().split()) if implicit is not None else ""
        cause = DenialCause(words, "", False) if words else DenialCause()
    return Denial(name, _whole(resource[1]) if resource is not None else "", cause)


def _whole(resource: str) -> str:
    return resource if resource == "*" or resource.count(":") >= 5 else ""
