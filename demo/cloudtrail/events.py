"""One event as CloudTrail writes it, and templates of events that differ in time, id and session.

Source: CloudTrail user guide, "CloudTrail record contents for management, data, and network
activity events".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.cloudtrail.identities import CREATED, SESSION

_TIME: Final = "@TIME@"
_EVENT_ID: Final = "@EVENT-ID@"
_REQUEST_ID: Final = "@REQUEST-ID@"
_MARKS: Final = (_TIME, _EVENT_ID, _REQUEST_ID, SESSION, CREATED)
_TLS: Final = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}


@dataclass(frozen=True, slots=True)
class EventText:
    """What an event says beside its time, ids and session."""

    source: str
    name: str
    region: str
    recipient: str
    identity: Mapping[str, Any]
    address: str
    agent: str
    is_read: bool = False
    is_data: bool = False
    event_type: str = "AwsApiCall"
    request: Any = None
    response: Any = None
    resources: Any = None
    error: str = ""
    message: str = ""
    shared_event_id: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def event_members(text: EventText, *, at: str, event_id: str, request_id: str) -> dict[str, Any]:
    """Return an event as a JSON object. `at`: as `2026-05-01T08:30:00Z`."""
    host = f"{text.source}.{text.region}.amazonaws.com"
    members: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": dict(text.identity),
        "eventTime": at,
        "eventSource": f"{text.source}.amazonaws.com",
        "eventName": text.name,
        "awsRegion": text.region,
        "sourceIPAddress": text.address,
        "userAgent": text.agent,
        "requestParameters": text.request,
        "responseElements": text.response,
        "requestID": request_id,
        "eventID": event_id,
        "readOnly": text.is_read,
        "eventType": text.event_type,
        "managementEvent": not text.is_data,
        "recipientAccountId": text.recipient,
        "eventCategory": "Data" if text.is_data else "Management",
    }
    if text.resources:
        members["resources"] = text.resources
    if text.error:
        members["errorCode"] = text.error
        members["errorMessage"] = text.message
    if text.shared_event_id:
        members["sharedEventID"] = text.shared_event_id
    if text.event_type == "AwsApiCall" and not text.address.endswith(".amazonaws.com"):
        members["tlsDetails"] = {**_TLS, "clientProvidedHostHeader": host}
    members.update(text.more)
    return members


class EventTemplate:
    """The JSON of alike events, cut where they differ."""

    def __init__(self, text: EventText) -> None:
        members = event_members(text, at=_TIME, event_id=_EVENT_ID, request_id=_REQUEST_ID)
        rest = json.dumps(members, separators=(",", ":"))
        self._parts: list[tuple[str, int]] = []
        while True:
            found = [(rest.find(mark), number) for number, mark in enumerate(_MARKS)]
            at, number = min(((at, number) for at, number in found if at >= 0), default=(-1, -1))
            if at < 0:
                break
            self._parts.append((rest[:at], number))
            rest = rest[at + len(_MARKS[number]) :]
        self._end = rest

    def filled(self, values: tuple[str, str, str, str, str]) -> str:
        """Return an event's JSON. `values`: time, event id, request id, session, its beginning."""
        pieces: list[str] = []
        for text, number in self._parts:
            pieces += (text, values[number])
        pieces.append(self._end)
        return "".join(pieces)
