"""A CloudTrail event: the members of its record that anything here reads.

Source: CloudTrail user guide, "CloudTrail record contents for management, data, and network
activity events" and "CloudTrail userIdentity element".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

NO_JSON = msgspec.Raw(b"")


class SessionIssuer(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Whose credentials a session's are: the role's ARN with its path."""

    arn: str | None = None


class SessionAttributes(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How a session began. `mfa_authenticated`: `true` or `false`."""

    mfa_authenticated: str | None = None


class WebIdentity(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The identity provider that a session came from."""

    federated_provider: str | None = None


class SessionContext(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is recorded of the session that made the call."""

    session_issuer: SessionIssuer | None = None
    attributes: SessionAttributes | None = None
    web_id_federation_data: WebIdentity | None = None
    source_identity: str | None = None
    assumed_root: str | None = None
    ec2_role_delivery: str | None = None


class UserIdentity(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Who made the call. `kind`: `IAMUser`, `AssumedRole`, `AWSService` and others."""

    kind: str | None = msgspec.field(default=None, name="type")
    principal_id: str | None = None
    arn: str | None = None
    account_id: str | None = None
    invoked_by: str | None = None
    identity_provider: str | None = None
    session_context: SessionContext | None = None


class EventResource(msgspec.Struct, gc=False):
    """A resource that the event names; S3 leaves out the ARN and gives a prefix instead."""

    arn: str | None = msgspec.field(default=None, name="ARN")
    arn_in_lower_case: str | None = msgspec.field(default=None, name="arn")
    account_id: str | None = msgspec.field(default=None, name="accountId")


class TlsDetails(msgspec.Struct, gc=False, rename="camel"):
    """How the connection was encrypted."""

    tls_version: str | None = None


class CloudTrailEvent(msgspec.Struct, gc=False):
    """One record. JSON of services' own shapes stays text until something asks for it."""

    event_id: str | None = msgspec.field(default=None, name="eventID")
    event_time: str | None = msgspec.field(default=None, name="eventTime")
    event_source: str | None = msgspec.field(default=None, name="eventSource")
    event_name: str | None = msgspec.field(default=None, name="eventName")
    event_type: str | None = msgspec.field(default=None, name="eventType")
    region: str | None = msgspec.field(default=None, name="awsRegion")
    source_address: str | None = msgspec.field(default=None, name="sourceIPAddress")
    user_identity: UserIdentity | None = msgspec.field(default=None, name="userIdentity")
    recipient_account_id: str | None = msgspec.field(default=None, name="recipientAccountId")
    error_code: str | None = msgspec.field(default=None, name="errorCode")
    error_message: str | None = msgspec.field(default=None, name="errorMessage")
    read_only: bool | None = msgspec.field(default=None, name="readOnly")
    vpc_endpoint_id: str | None = msgspec.field(default=None, name="vpcEndpointId")
    vpc_endpoint_account_id: str | None = msgspec.field(default=None, name="vpcEndpointAccountId")
    tls_details: TlsDetails | None = msgspec.field(default=None, name="tlsDetails")
    resources: list[EventResource] | None = None
    request_parameters: msgspec.Raw = msgspec.field(default=NO_JSON, name="requestParameters")
    additional_data: msgspec.Raw = msgspec.field(default=NO_JSON, name="additionalEventData")
    event_context: msgspec.Raw = msgspec.field(default=NO_JSON, name="eventContext")


def is_account(text: str | None) -> bool:
    """Whether a text is an account id: twelve digits."""
    return text is not None and len(text) == 12 and text.isdecimal() and text.isascii()


def epoch_seconds(text: str | None) -> int | None:
    """Return an event's time as seconds since 1970 in UTC; None for a text that is no time."""
    return epoch_by_text[text]


class _EpochByText(dict[str | None, int | None]):
    """Seconds since 1970 by the text of an event's time; each text is read once."""

    def __missing__(self, text: str | None) -> int | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[text] = _read_time(text) if text else None
        return found


def _read_time(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        seconds = int(at.timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < _END_OF_TIME else None


_REMEMBERED: Final = 65536
_END_OF_TIME: Final = 253_402_300_800  # the year 10000, which no text of a time can hold
epoch_by_text: Final = _EpochByText()
