"""Rows of counted events → usage: each group reduced as the events that it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import numpy as np

from inventory.cloudtrail.event_ids import SeenEvents
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
    epoch_seconds,
)
from inventory.cloudtrail.reduction import Reducer
from inventory.cloudtrail.usage import AlikeEvents, CloudTrailUsage

ResultRow = Mapping[str, str | None]
"""A row of the query's result: `grouping.COLUMNS`, `count`, `first_at` and `last_at`, as text."""
_READ_ONLY: Final = {"true": True, "false": False}


def usage_of(rows: Iterable[ResultRow]) -> CloudTrailUsage:
    """Return the usage of counted events."""
    reducer = Reducer()
    counts: list[int] = []
    last: list[int] = []
    for row in rows:
        reducer.add("Athena", [event_of(row)])
        counts.append(int(row["count"] or 0))
        last.append(epoch_seconds(row["last_at"]) or 0)
    alike = AlikeEvents(np.array(counts, np.int64), np.array(last, np.int64))
    # Each event was counted once; there is none to remember.
    with SeenEvents() as seen:
        usage = CloudTrailUsage(seen)
        usage.merge_alike(reducer.batch(), alike)
        return usage


def event_of(row: ResultRow) -> CloudTrailEvent:
    """Return the event that stands for a group: without an id, at the time of the first."""
    return CloudTrailEvent(
        event_time=row["first_at"],
        event_source=row["event_source"],
        event_name=row["event_name"],
        event_type=row["event_type"],
        region=row["region"],
        source_address=row["source_address"],
        user_identity=_identity(row) if row["has_identity"] else None,
        recipient_account_id=row["recipient_account_id"],
        error_code=row["error_code"],
        error_message=row["error_message"],
        read_only=_READ_ONLY.get(row["read_only"] or ""),
        vpc_endpoint_id=row["vpc_endpoint_id"],
        vpc_endpoint_account_id=row["vpc_endpoint_account_id"],
        tls_details=TlsDetails("TLS") if row["has_tls"] else None,
        resources=[EventResource(arn=arn) for arn in (row["resources"] or "").split("\n") if arn],
        request_parameters=_json(row["request_parameters"]),
        additional_data=_json(row["additional_data"]),
    )


def _identity(row: ResultRow) -> UserIdentity:
    return UserIdentity(
        kind=row["kind"],
        principal_id=row["principal_id"],
        arn=row["arn"],
        account_id=row["account_id"],
        invoked_by=row["invoked_by"],
        identity_provider=row["identity_provider"],
        session_context=_session(row) if row["has_session"] else None,
    )


def _session(row: ResultRow) -> SessionContext:
    issuer, mfa, web = row["issuer_arn"], row["mfa_authenticated"], row["federated_provider"]
    return SessionContext(
        session_issuer=SessionIssuer(issuer) if issuer else None,
        attributes=SessionAttributes(mfa) if mfa else None,
        web_id_federation_data=WebIdentity(web) if web else None,
        source_identity=row["source_identity"],
        assumed_root=row["assumed_root"],
        ec2_role_delivery=row["ec2_role_delivery"],
    )


def _json(text: str | None) -> msgspec.Raw:
    return msgspec.Raw(text.encode()) if text and text != "null" else NO_JSON
