"""Connections made, changed and switched by somebody. What may be stored `inventory` judges."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record, changed_fields
from inventory import connections
from inventory.connections import ConnectionInvalid, ConnectionSettings, connection_warnings
from inventory.models import Connection

__all__ = [
    "ConnectionInvalid",
    "ConnectionSettings",
    "connection_change",
    "connection_connect",
    "connection_switch",
    "connection_warnings",
]


@transaction.atomic
def connection_connect(*, actor: Actor, settings: ConnectionSettings, now: datetime) -> Connection:
    """Connect an organization.

    :raises ConnectionInvalid: a setting is wrong, or the name is taken.
    """
    made = connections.connection_create(settings=settings)
    _record(actor, actions.CONNECTION_CONNECT, made, None, asdict(settings), now)
    return made


@transaction.atomic
def connection_change(
    *, actor: Actor, connection_id: int, settings: ConnectionSettings, now: datetime
) -> Connection:
    """Change a connection's settings.

    :raises Connection.DoesNotExist: there is none of this id.
    :raises ConnectionInvalid: a setting is wrong, or the name is taken.
    """
    before = _settings_of(Connection.objects.select_for_update().get(pk=connection_id))
    changed = connections.connection_update(connection_id=connection_id, settings=settings)
    old, new = changed_fields(before, _settings_of(changed))
    _record(actor, actions.CONNECTION_CHANGE, changed, old, new, now)
    return changed


@transaction.atomic
def connection_switch(
    *, actor: Actor, connection_id: int, enabled: bool, now: datetime
) -> Connection:
    """Switch a connection on or off.

    :raises Connection.DoesNotExist: there is none of this id.
    """
    before = Connection.objects.select_for_update().get(pk=connection_id).enabled
    switched = connections.connection_switch(connection_id=connection_id, enabled=enabled)
    _record(
        actor,
        actions.CONNECTION_SWITCH,
        switched,
        {"enabled": before},
        {"enabled": switched.enabled},
        now,
    )
    return switched


def _settings_of(connection: Connection) -> dict[str, Any]:
    return {field.name: getattr(connection, field.name) for field in fields(ConnectionSettings)}


def _record(
    actor: Actor,
    action: str,
    connection: Connection,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="connection",
        object_id=str(connection.pk),
        object_name=connection.name,
        connection_id=connection.pk,
        before=before,
        after=after,
        now=now,
    )
