"""Places outside that checkpoints go to, so that who can bend the database cannot bend them all.

A directory (of another machine, of a file system that is only added to), an S3 bucket with object
lock and a webhook, each if the settings name it. Checkpoints are delivered in order; one that
failed is tried again with the next.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.audit.models import AuditCheckpoint, CheckpointDelivery
from governance.audit.object_lock import BucketRefused, checkpoint_lock_in
from governance.outbound.addresses import AddressRefused
from governance.outbound.client import CallFailed, post
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

_AT_ONCE: Final = 500
_NAME: Final = "checkpoint-{number:012d}.txt"


class DeliveryFailed(Exception):
    """A checkpoint is not at its destination; the message says why."""


def checkpoints_deliver(*, now: datetime) -> int:
    """Bring every destination the checkpoints that it lacks; return how many were delivered.

    A failure is stored and logged, and does not keep the other destinations waiting.
    """
    return sum(_deliver(name, send, now) for name, send in _destinations())


def stored_copies() -> Iterator[str]:
    """Yield the notes in the directory outside, the first first; none where none is set."""
    if settings.AUDIT_CHECKPOINT_DIRECTORY:
        for path in sorted(Path(settings.AUDIT_CHECKPOINT_DIRECTORY).glob("checkpoint-*.txt")):
            yield path.read_text(encoding="utf-8")


def _destinations() -> list[tuple[str, Callable[[AuditCheckpoint], None]]]:
    found: list[tuple[str, Callable[[AuditCheckpoint], None]]] = []
    if settings.AUDIT_CHECKPOINT_DIRECTORY:
        found.append(("directory", _to_directory))
    if settings.AUDIT_CHECKPOINT_BUCKET:
        found.append(("bucket", _to_bucket))
    if settings.AUDIT_CHECKPOINT_WEBHOOK:
        found.append(("webhook", _to_webhook))
    return found


def _deliver(name: str, send: Callable[[AuditCheckpoint], None], now: datetime) -> int:
    delivered = 0
    with transaction.atomic():
        hold_lock(f"audit:deliver:{name}")
        state, _ = CheckpointDelivery.objects.get_or_create(destination=name)
        state.tried_at = now
        state.error = ""
        missing = AuditCheckpoint.objects.filter(number__gt=state.delivered).order_by("number")
        for checkpoint in missing[:_AT_ONCE]:
            try:
                send(checkpoint)
            except DeliveryFailed as error:
                log.warning("checkpoint %s is not at the %s: %s", checkpoint.number, name, error)
                state.error = str(error)
                break
            state.delivered = checkpoint.number
            state.delivered_at = now
            delivered += 1
        state.save()
    return delivered


def _to_directory(checkpoint: AuditCheckpoint) -> None:
    """Write a checkpoint as a file of its own, once; what lies there is never written over."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIRECTORY)
    path = folder / _NAME.format(number=checkpoint.number)
    note = checkpoint.note.encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileExistsError:
        if path.read_bytes() == note:
            return None
        # Cut short by a crash: what lies there is the beginning of what shall.
        if not note.startswith(path.read_bytes()):
            raise DeliveryFailed(f"{path} holds another checkpoint of this number") from None
        path.unlink()
        return _to_directory(checkpoint)
    except OSError as error:
        raise DeliveryFailed(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DeliveryFailed(f"{path} cannot be written: {error.strerror}") from error
    return None


def _to_bucket(checkpoint: AuditCheckpoint) -> None:
    try:
        checkpoint_lock_in(
            _NAME.format(number=checkpoint.number), checkpoint.note.encode(), now=timezone.now()
        )
    except BucketRefused as error:
        raise DeliveryFailed(str(error)) from error


def _to_webhook(checkpoint: AuditCheckpoint) -> None:
    """POST a checkpoint's note as text. It carries its own signature."""
    try:
        answer = post(
            settings.AUDIT_CHECKPOINT_WEBHOOK,
            body=checkpoint.note.encode(),
            headers={
                "Content-Type": "text/plain; charset=utf-8",
                "Orgwarden-Checkpoint": str(checkpoint.number),
            },
            allowed_origins=getattr(settings, "OUTBOUND_ALLOWED", ()),
        )
    except (AddressRefused, CallFailed) as error:
        raise DeliveryFailed(str(error)) from error
    if not answer.is_success:
        raise DeliveryFailed(f"the address answers {answer.status}")
