"""Who made a call, whose log recorded it and in which context: read once of alike events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inventory.cloudtrail.callers import Caller, caller_of, known_roles, recording_account
from inventory.cloudtrail.context import CallContext, context_of
from inventory.cloudtrail.events import NO_JSON, CloudTrailEvent

_REMEMBERED: Final = 65536


@dataclass(frozen=True, eq=False, slots=True)
class RecordedCaller:
    """The caller, the account that recorded the call, the event's region, and the context."""

    caller: Caller
    account_id: str
    region: str | None
    context: CallContext


def recorded_caller(event: CloudTrailEvent) -> RecordedCaller:
    """Return who made an event's call and in which context; one object for alike events."""
    identity = event.user_identity
    who: object = identity
    invoked_by = None
    if identity is not None:
        invoked_by = identity.invoked_by
        session = identity.session_context
        if session is not None and identity.kind == "AssumedRole":
            issuer = session.session_issuer
            if issuer is not None and issuer.arn in known_roles:
                # Usage is of the role: the session's name and id, often of one call, are not read.
                who = session
    tls, enrichment = event.tls_details, event.event_context
    key = (
        who,
        invoked_by,
        event.region,
        event.recipient_account_id,
        event.source_address,
        event.vpc_endpoint_id,
        event.vpc_endpoint_account_id,
        tls is not None and bool(tls.tls_version),
        enrichment is not NO_JSON and bytes(enrichment),
    )
    found = _known.get(key)
    if found is None:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        found = _known[key] = _read(event)
    return found


_known: Final[dict[tuple[object, ...], RecordedCaller]] = {}


def _read(event: CloudTrailEvent) -> RecordedCaller:
    caller = caller_of(event)
    account_id = recording_account(event, caller)
    return RecordedCaller(caller, account_id, event.region, context_of(event, caller, account_id))
