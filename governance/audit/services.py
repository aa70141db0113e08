"""Writes entries of the audit log."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry

Outcome = Literal["done", "refused", "failed"]

_LONGEST_VALUE: Final = 10_000
_LARGEST_NUMBER: Final = 2**53 - 1


class UnknownAction(ValueError):
    """An act is not declared in `governance.audit.actions`."""


class NotInTransaction(RuntimeError):
    """An entry belongs into the transaction of what it records."""


def audit_record(
    *,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: str,
    object_name: str = "",
    connection_id: int | None = None,
    target_id: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: Outcome = "done",
    now: datetime,
) -> AuditEntry:
    """Write one entry, in the caller's transaction: it commits with what it records or not at all.

    Names and values are cut to what a column holds, and characters that PostgreSQL cannot store
    are replaced, so that no hostile name keeps its own act out of the record.
    `before`, `after`: JSON of the fields that changed; never a secret.

    :raises UnknownAction: the act is not declared.
    :raises NotInTransaction: called outside `transaction.atomic`.
    """
    if action not in actions.LABELS:
        raise UnknownAction(f"declare {action!r} in governance.audit.actions")
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(f"write {action} in the transaction of what it records")
    return AuditEntry.objects.create(
        recorded_at=now,
        action=action,
        outcome=outcome,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        actor_name=_fitted("actor_name", actor.name),
        on_behalf_of=_fitted("on_behalf_of", actor.on_behalf_of),
        token_id=actor.token_id,
        session=_fitted("session", actor.session),
        address=_fitted("address", actor.address),
        request_id=_fitted("request_id", actor.request_id),
        object_kind=_fitted("object_kind", object_kind),
        object_id=_fitted("object_id", str(object_id)),
        object_name=_fitted("object_name", object_name),
        connection_id=connection_id,
        target_id=_fitted("target_id", target_id),
        before=_storable(before),
        after=_storable(after),
    )


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return of two states of an object the fields that differ, as they were and as they are."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


_LENGTHS: Final[dict[str, int]] = {
    field.name: field.max_length
    for field in AuditEntry._meta.concrete_fields
    if field.max_length is not None
}


def _storable_text(text: str) -> str:
    """Return `text` without NUL and lone surrogates, which PostgreSQL refuses."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _fitted(field: str, text: str) -> str:
    longest = _LENGTHS[field]
    stored = _storable_text(text)
    return stored if len(stored) <= longest else f"{stored[: longest - 1]}…"


def _storable(values: Mapping[str, Any] | None) -> Any:
    """Return `values` as JSON that PostgreSQL stores, long texts cut.

    Numbers that other programs could read differently, fractions and large ones, become text, so
    that everybody computes the same hash of an entry.
    """
    if values is None:
        return None
    return _cleaned(json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder)))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        text = _storable_text(value)
        return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
    if isinstance(value, dict):
        return {_storable_text(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > _LARGEST_NUMBER):
        return str(value)
    return value
