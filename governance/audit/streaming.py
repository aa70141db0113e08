"""Hands sealed entries to a SIEM as OCSF events: to a file, to a webhook, or to both.

The file has one event a line and is rotated by its size; the webhook gets a JSON array of at most
a thousand. Entries go out in the order of the tree, each at least once: what went out before a
crash and was not noted goes again, with the same `metadata.uid`.
"""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
from django.conf import settings
from django.db import transaction

from governance.audit.models import AuditEntry, AuditLeaf, EventStream
from governance.audit.ocsf import ocsf_event
from governance.outbound.addresses import AddressRefused
from governance.outbound.client import CallFailed, post
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

FILE: Final = "file"
WEBHOOK: Final = "webhook"
_BATCH: Final = 1000

_Send = Callable[[Sequence[AuditEntry]], None]


class StreamingFailed(Exception):
    """Events did not get where they should; the message says why."""


def events_stream(*, now: datetime) -> int:
    """Bring every destination the sealed entries that it lacks; return how many were sent.

    Nothing where none is set. What fails is stored as the stream's error and tried again next
    time; it does not keep the other destination waiting.
    """
    return sum(_stream(name, send, now) for name, send in _destinations())


def _destinations() -> list[tuple[str, _Send]]:
    found: list[tuple[str, _Send]] = []
    if settings.AUDIT_OCSF_FILE:
        found.append((FILE, _to_file))
    if settings.AUDIT_OCSF_WEBHOOK:
        found.append((WEBHOOK, _to_webhook))
    return found


def _stream(name: str, send: _Send, now: datetime) -> int:
    sent = 0
    while count := _send_batch(name, send, now):
        sent += count
        if count < _BATCH:
            break
    return sent


def _send_batch(name: str, send: _Send, now: datetime) -> int:
    with transaction.atomic():
        hold_lock(f"audit:stream:{name}")
        stream, _ = EventStream.objects.get_or_create(destination=name)
        leaves = list(
            AuditLeaf.objects.filter(position__gte=stream.next_position)
            .select_related("entry")
            .order_by("position")[:_BATCH]
        )
        if not leaves:
            return 0
        try:
            send([leaf.entry for leaf in leaves])
        except StreamingFailed as error:
            stream.error = str(error)
            stream.save()
            log.warning("events are not at the %s: %s", name, error)
            return 0
        stream.next_position = leaves[-1].position + 1
        stream.streamed_at = now
        stream.error = ""
        stream.save()
    return len(leaves)


def _to_file(entries: Sequence[AuditEntry]) -> None:
    path = Path(settings.AUDIT_OCSF_FILE)
    try:
        _append(path, entries)
    except OSError as error:
        raise StreamingFailed(f"{path} cannot be written: {error.strerror}") from error


def _to_webhook(entries: Sequence[AuditEntry]) -> None:
    """POST events as a JSON array, with the token that the SIEM gave, if it gave one."""
    headers = {"Content-Type": "application/json"}
    token_file = settings.AUDIT_OCSF_WEBHOOK_TOKEN_FILE
    try:
        if token_file:
            token = Path(token_file).read_text(encoding="utf-8").strip()
            headers["Authorization"] = f"Bearer {token}"
        answer = post(
            settings.AUDIT_OCSF_WEBHOOK,
            body=orjson.dumps([ocsf_event(entry) for entry in entries]),
            headers=headers,
            allowed_origins=getattr(settings, "OUTBOUND_ALLOWED", ()),
        )
    except OSError as error:
        raise StreamingFailed(f"{token_file} cannot be read: {error.strerror}") from error
    except (AddressRefused, CallFailed) as error:
        raise StreamingFailed(str(error)) from error
    if not answer.is_success:
        raise StreamingFailed(f"the address answers {answer.status}")


def _append(path: Path, entries: Sequence[AuditEntry]) -> None:
    lines = b"".join(orjson.dumps(ocsf_event(entry)) + b"\n" for entry in entries)
    if path.exists() and path.stat().st_size + len(lines) > settings.AUDIT_OCSF_FILE_BYTES:
        _rotate(path)
    with path.open("ab") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def _rotate(path: Path) -> None:
    """Move the file to `.1`, `.1` to `.2` and so on; the oldest falls away."""
    for number in range(settings.AUDIT_OCSF_FILES - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
