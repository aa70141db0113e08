"""Connections made, changed and switched by somebody. What may be stored `inventory` judges."""

import logging

from django.contrib.auth.models import User
from django.db import transaction

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

log = logging.getLogger(__name__)


@transaction.atomic
def connection_connect(*, actor: User, settings: ConnectionSettings) -> Connection:
    """Connect an organization.

    :raises ConnectionInvalid: a setting is wrong, or the name is taken.
    """
    made = connections.connection_create(settings=settings)
    log.info("user %s connects %s", actor.pk, made.slug)
    return made


@transaction.atomic
def connection_change(
    *, actor: User, connection_id: int, settings: ConnectionSettings
) -> Connection:
    """Change a connection's settings.

    :raises Connection.DoesNotExist: there is none of this id.
    :raises ConnectionInvalid: a setting is wrong, or the name is taken.
    """
    changed = connections.connection_update(connection_id=connection_id, settings=settings)
    log.info("user %s changes the connection %s", actor.pk, changed.slug)
    return changed


@transaction.atomic
def connection_switch(*, actor: User, connection_id: int, enabled: bool) -> Connection:
    """Switch a connection on or off.

    :raises Connection.DoesNotExist: there is none of this id.
    """
    switched = connections.connection_switch(connection_id=connection_id, enabled=enabled)
    log.info(
        "user %s switches the connection %s %s", actor.pk, switched.slug, "on" if enabled else "off"
    )
    return switched
