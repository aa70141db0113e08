"""The way into the outbox: an event is written in the transaction that makes it happen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from governance.audit.services import NotInTransaction
from governance.notifications.kinds import kind_of
from governance.notifications.models import OutboxEvent


def event_publish(
    *,
    kind: str,
    now: datetime,
    connection_id: int | None = None,
    subject: Mapping[str, Any] | None = None,
    once: str = "",
) -> OutboxEvent | None:
    """Write an event, in the caller's transaction: it commits with its cause or not at all.

    `subject`: JSON, ids above all and never a secret. `once`: names what happens once only; None
    is returned where it is in the outbox already.

    :raises UnknownKind: nobody registered the kind.
    :raises NotInTransaction: called outside `transaction.atomic`.
    """
    kind_of(kind)
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(f"publish {kind} in the transaction of what makes it happen")
    event = OutboxEvent(
        kind=kind,
        connection_id=connection_id,
        subject=_storable(subject or {}),
        once=once,
        occurred_at=now,
        due_at=now,
    )
    if not once:
        event.save(force_insert=True)
        return event
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        # Somebody at the same time, or long ago.
        return None
    return event


def _storable(value: Any) -> Any:
    """Return JSON without NUL characters and lone surrogates, which PostgreSQL refuses."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_storable(key): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value
