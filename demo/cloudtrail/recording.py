"""A write to the simulator → the event that CloudTrail records of it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from demo.cloudtrail.events import EventText, event_members
from demo.cloudtrail.identities import identity_of_caller
from demo.simulator import credentials
from demo.simulator.calls import Call, Caller

RECORDED: Final = frozenset({"organizations", "iam"})
"""Services whose writes are recorded; both have their events in us-east-1."""
REGION: Final = "us-east-1"
_CONSOLE_ADDRESS: Final = "203.0.113.12"
_CONSOLE_AGENT: Final = "AWS Internal"
_PROGRAM_ADDRESS: Final = "203.0.113.10"


def recorded_event(
    call: Call, caller: Caller, *, at: datetime, agent: str, answer: bytes = b""
) -> dict[str, Any]:
    """Return the event of a write. `answer`: the body of the answer, if it was JSON.

    The same write gives the same ids, so that an event that is recorded again is known again.
    """
    moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    unique = f"{caller.account_id}/{call.name}/{at.isoformat()}/{call.body!r}"
    from_console = caller.access_key_id == credentials.CONSOLE.access_key_id
    text = EventText(
        source=call.service,
        name=call.operation,
        region=REGION,
        recipient=caller.account_id,
        identity=identity_of_caller(caller, moment),
        address=_CONSOLE_ADDRESS if from_console else _PROGRAM_ADDRESS,
        agent=_CONSOLE_AGENT if from_console else agent or "aws-sdk",
        request=_as_recorded(call.parameters),
        response=_as_recorded(_response(answer)),
        more={"sessionCredentialFromConsole": "true"} if from_console else {},
    )
    return event_members(
        text,
        at=moment,
        event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, unique)),
        request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, unique + "/request")),
    )


def _response(answer: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found else None


def _as_recorded(value: Any) -> Any:
    """Return parameters by the names that events have: the first letter small; texts as they are.

    Keys of tags and of other maps with names of the user's own are no member names, but none of
    the recorded operations has such a map.
    """
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: _as_recorded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_recorded(each) for each in value]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value
