"""Whether AWS denied a call, and what its message says of the action, resource and policy.

Source: IAM user guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from inventory.cloudtrail.events import CloudTrailEvent
from policies.catalogue import load_catalogue

CODE_PARTS: Final = (
    "AccessDenied",
    "UnauthorizedOperation",
    "AuthorizationError",
    "NotAuthorizedToPerform",
)
CODES: Final = frozenset(
    {"Forbidden", "ForbiddenException", "Unauthorized", "UnauthorizedException", "403"}
)
_MESSAGE: Final = re.compile(r"\bnot authorized to perform\b", re.I)
_CALLER: Final = re.compile(r"User: \S+ is (?=not authorized to perform\b)")
_ACTION: Final = re.compile(
    r"not authorized to perform(?: the)?:?\s*[\"'`]?([A-Za-z0-9-]+:[A-Za-z0-9]+)", re.I
)
_RESOURCE: Final = re.compile(
    r"\bon (?:the )?resource:?\s+[\"'`]?(arn:[^\s\"'`]{1,2048}?|\*)(?=[\"'`.,;]?(?:\s|$))", re.I
)
# AWS's words for the types of policy in these messages.
POLICY_TYPES: Final = (
    "service control policy",
    "resource control policy",
    "identity-based policy",
    "resource-based policy",
    "role trust policy",
    "trust policy",
    "permissions boundary",
    "session policy",
    "vpc endpoint policy",
)
_POLICY_TYPE: Final = "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in POLICY_TYPES)
_EXPLICIT: Final = re.compile(
    rf"with\s+an\s+explicit\s+deny(?:\s+in\s+(?:an?\s+|the\s+)?(?P<type>{_POLICY_TYPE})"
    r"(?:\s*:\s*[\"'`]?(?P<arn>arn:aws[a-z-]*:[^\s,;\"'<>\\]{1,2048}))?)?",
    re.I,
)
_IMPLICIT: Final = re.compile(rf"because\s+no\s+(?P<type>{_POLICY_TYPE})\s+allows?\b", re.I)


class DenialCause(NamedTuple):
    """What AWS's message names: one of `POLICY_TYPES` or '', perhaps the policy's ARN.

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
    denied = code is not None and (code in CODES or any(part in code for part in CODE_PARTS))
    if not denied and not (message and _MESSAGE.search(message)):
        return None
    caller = _CALLER.match(message or "")
    return _read(message[caller.end() :] if message and caller else message or "")


# Alike calls are denied alike, but for the session that the message begins with.
@lru_cache(maxsize=16384)
def _read(message: str) -> Denial:
    action = _ACTION.search(message)
    resource = _RESOURCE.search(message)
    name = ""
    if action is not None:
        catalogue = load_catalogue()
        index = catalogue.index_of.get(action[1].lower())
        name = catalogue.names[index] if index is not None else ""
    cause = cause_of(message) or DenialCause()
    return Denial(name, _whole(resource[1]) if resource is not None else "", cause)


def cause_of(message: str) -> DenialCause | None:
    """Return the reason that a message gives for a denial; None: it gives none."""
    explicit = _EXPLICIT.search(message)
    if explicit is not None:
        return DenialCause(_type(explicit), (explicit["arn"] or "").rstrip(".)"), True)
    implicit = _IMPLICIT.search(message)
    return DenialCause(_type(implicit), "", False) if implicit is not None else None


def _type(found: re.Match[str]) -> str:
    return " ".join((found["type"] or "").lower().split())


def _whole(resource: str) -> str:
    return resource if resource == "*" or resource.count(":") >= 5 else ""
