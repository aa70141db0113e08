"""JSON as others hand events on → CloudTrail's records; every odd value has a place.

Read are `{"Records": []}`, a list, one event, JSON lines and objects in a row, and events inside
EventBridge envelopes, SQS and SNS messages, CloudWatch Logs subscriptions and the answer of
cloudtrail:LookupEvents.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import msgspec

from inventory.cloudtrail.events import (
    NO_JSON,
    CloudTrailEvent,
    EventResource,
    SessionAttributes,
    SessionContext,
    SessionIssuer,
    TlsDetails,
    UserIdentity,
    WebIdentity,
)
from policies.language.json_reader import JsonValue

LISTS: Final = ("Records", "records", "Events", "events", "Messages", "logEvents")
"""Members that hold a list of events, or of envelopes."""
ENVELOPES: Final = (
    "detail", "event", "CloudTrailEvent", "Body", "body", "Message", "message", "Sns",
)  # fmt: skip
"""Members that hold one event or a further envelope, as an object or as text."""
_MOST_ENVELOPES: Final = 8
_DIGESTS: Final = ("digestStartTime", "digestS3Object")


class NoEvent(ValueError):
    """A JSON value holds no event; the message says what it is."""


def events_of(value: JsonValue, depth: int = 0) -> Iterator[CloudTrailEvent | NoEvent]:
    """Yield the events inside a decoded value; a `NoEvent` for each part that is none."""
    if depth > _MOST_ENVELOPES:
        yield NoEvent("envelopes nest too deep")
    elif isinstance(value, list):
        for item in value:
            yield from events_of(item, depth + 1)
    elif not isinstance(value, dict):
        yield NoEvent("an item is not a JSON object")
    elif isinstance(value.get("eventName"), str) or isinstance(value.get("eventSource"), str):
        yield tolerant_event(value)
    else:
        yield from _unwrapped(value, depth)


def _unwrapped(value: dict[str, JsonValue], depth: int) -> Iterator[CloudTrailEvent | NoEvent]:
    for name in LISTS:
        items = value.get(name)
        if isinstance(items, list):
            yield from events_of(items, depth + 1)
            return
    for name in ENVELOPES:
        inner = value.get(name)
        if isinstance(inner, (dict, list)):
            yield from events_of(inner, depth + 1)
            return
        if isinstance(inner, str):
            yield from _of_text(inner, depth)
            return
    if any(name in value for name in _DIGESTS):
        return
    if "s3ObjectKey" in value or "s3" in value:
        yield NoEvent("a notification names files of events and holds none; read those files")
    elif "eventName" in value or "eventSource" in value or "eventID" in value:
        yield tolerant_event(value)
    else:
        yield NoEvent("a JSON object is not a CloudTrail event")


def _of_text(text: str, depth: int) -> Iterator[CloudTrailEvent | NoEvent]:
    try:
        decoded: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        yield NoEvent("a message is not JSON")
        return
    yield from events_of(decoded, depth + 1)


def tolerant_event(record: dict[str, JsonValue]) -> CloudTrailEvent:
    """Return a record as an event; what is of another type than AWS's counts as text or nothing."""
    resources = record.get("resources")
    tls = record.get("tlsDetails")
    read_only = record.get("readOnly")
    return CloudTrailEvent(
        event_id=_text(record.get("eventID")),
        event_time=_text(record.get("eventTime")),
        event_source=_text(record.get("eventSource")),
        event_name=_text(record.get("eventName")),
        event_type=_text(record.get("eventType")),
        region=_text(record.get("awsRegion")),
        source_address=_text(record.get("sourceIPAddress")),
        user_identity=_identity(record.get("userIdentity")),
        recipient_account_id=_account(record.get("recipientAccountId")),
        error_code=_text(record.get("errorCode")),
        error_message=_text(record.get("errorMessage")),
        read_only=read_only if isinstance(read_only, bool) else None,
        vpc_endpoint_id=_text(record.get("vpcEndpointId")),
        vpc_endpoint_account_id=_account(record.get("vpcEndpointAccountId")),
        tls_details=(TlsDetails(_text(tls.get("tlsVersion"))) if isinstance(tls, dict) else None),
        resources=[
            EventResource(
                arn=_text(item.get("ARN")),
                arn_in_lower_case=_text(item.get("arn")),
                account_id=_account(item.get("accountId")),
            )
            for item in resources
            if isinstance(item, dict)
        ]
        if isinstance(resources, list)
        else None,
        request_parameters=_raw(record.get("requestParameters")),
        additional_data=_raw(record.get("additionalEventData")),
        event_context=_raw(record.get("eventContext")),
    )


def _identity(value: JsonValue) -> UserIdentity | None:
    if not isinstance(value, dict):
        return None
    return UserIdentity(
        kind=_text(value.get("type")),
        principal_id=_text(value.get("principalId")),
        arn=_text(value.get("arn")),
        account_id=_account(value.get("accountId")),
        invoked_by=_text(value.get("invokedBy")),
        identity_provider=_text(value.get("identityProvider")),
        session_context=_session(value.get("sessionContext")),
    )


def _session(value: JsonValue) -> SessionContext | None:
    if not isinstance(value, dict):
        return None
    issuer = value.get("sessionIssuer")
    attributes = value.get("attributes")
    web = value.get("webIdFederationData")
    return SessionContext(
        session_issuer=(
            SessionIssuer(_text(issuer.get("arn"))) if isinstance(issuer, dict) else None
        ),
        attributes=(
            SessionAttributes(_text(attributes.get("mfaAuthenticated")))
            if isinstance(attributes, dict)
            else None
        ),
        web_id_federation_data=(
            WebIdentity(_text(web.get("federatedProvider"))) if isinstance(web, dict) else None
        ),
        source_identity=_text(value.get("sourceIdentity")),
        assumed_root=_text(value.get("assumedRoot")),
        ec2_role_delivery=_text(value.get("ec2RoleDelivery")),
    )


def _text(value: JsonValue) -> str | None:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def _account(value: JsonValue) -> str | None:
    """Return an account id; as a number it may have lost zeros at its beginning."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**12:
        return f"{value:012}"
    return _text(value)


def _raw(value: JsonValue) -> msgspec.Raw:
    if not isinstance(value, (dict, list)):
        return NO_JSON
    return msgspec.Raw(json.dumps(value).encode())
