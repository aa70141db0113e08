"""Puts on record that somebody took data out as a file."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


@transaction.atomic
def data_exported(
    *,
    actor: Actor,
    address: str,
    title: str,
    query: Mapping[str, Sequence[str]],
    kind: str,
    now: datetime,
    connection_id: int | None = None,
    target_id: str = "",
    action: str = actions.DATA_EXPORT,
) -> None:
    """Record an export. `address`: of the page; `query`: its filters; `kind`: the format."""
    audit_record(
        actor=actor,
        action=action,
        object_kind="export",
        object_id=address,
        object_name=title,
        connection_id=connection_id,
        target_id=target_id,
        after={"format": kind, "filters": dict(query)},
        now=now,
    )
