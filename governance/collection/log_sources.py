"""Log sources added and switched by somebody. What may be stored `inventory` judges."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.logs import sources
from inventory.logs.sources import (
    LogSourceInvalid,
    LogSourceSettings,
    ProposedSource,
    proposed_sources,
)
from inventory.models import Connection, LogSource

__all__ = [
    "LogSourceInvalid",
    "LogSourceSettings",
    "ProposedSource",
    "log_source_add",
    "log_source_switch",
    "proposed_sources",
]


@transaction.atomic
def log_source_add(
    *, actor: Actor, connection: Connection, settings: LogSourceSettings, now: datetime
) -> LogSource:
    """Have the files of a trail read from the next minute on.

    :raises LogSourceInvalid: a setting is wrong, or the place is read already.
    """
    source = sources.log_source_add(connection=connection, settings=settings, now=now)
    budget = settings.monthly_budget_usd
    after = {
        **asdict(settings),
        "read_from": source.read_from.isoformat(),
        "monthly_budget_usd": None if budget is None else str(budget),
    }
    _record(actor, actions.LOG_SOURCE_ADD, source, None, after, now)
    return source


@transaction.atomic
def log_source_switch(
    *, actor: Actor, connection: Connection, source_id: int, enabled: bool, now: datetime
) -> LogSource:
    """Switch a log source on or off; off, what was read stays.

    :raises LogSource.DoesNotExist: the organization has none of this id.
    :raises LogSourceInvalid: on: another source is read otherwise.
    """
    before = LogSource.objects.select_for_update().get(pk=source_id, connection=connection)
    source = sources.log_source_switch(source_id=source_id, enabled=enabled)
    if before.is_enabled != enabled:
        was, is_now = {"is_enabled": before.is_enabled}, {"is_enabled": enabled}
        _record(actor, actions.LOG_SOURCE_SWITCH, source, was, is_now, now)
    return source


def _record(
    actor: Actor,
    action: str,
    source: LogSource,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="log_source",
        object_id=str(source.pk),
        object_name=source.name,
        connection_id=source.connection_id,
        before=before,
        after=after,
        now=now,
    )
