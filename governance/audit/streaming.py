"""Hands sealed entries to a SIEM: one OCSF event a line, in a file that is rotated by its size.

Entries go out in the order of the tree, each at least once: what was written before a crash and
not noted is written again, with the same `metadata.uid`.
"""

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
from django.conf import settings
from django.db import transaction

from governance.audit.models import AuditEntry, AuditLeaf, EventStream
from governance.audit.ocsf import ocsf_event
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

FILE: Final = "file"
_BATCH: Final = 1000


def events_stream(*, now: datetime) -> int:
    """Append the sealed entries that the file lacks; return how many. Nothing where none is set.

    A file that cannot be written is stored as the stream's error and tried again next time.
    """
    if not settings.AUDIT_OCSF_FILE:
        return 0
    written = 0
    while count := _append_batch(Path(settings.AUDIT_OCSF_FILE), now):
        written += count
        if count < _BATCH:
            break
    return written


def _append_batch(path: Path, now: datetime) -> int:
    with transaction.atomic():
        hold_lock(f"audit:stream:{FILE}")
        stream, _ = EventStream.objects.get_or_create(destination=FILE)
        leaves = list(
            AuditLeaf.objects.filter(position__gte=stream.next_position)
            .select_related("entry")
            .order_by("position")[:_BATCH]
        )
        if not leaves:
            return 0
        try:
            _append(path, [leaf.entry for leaf in leaves])
        except OSError as error:
            stream.error = f"{path} cannot be written: {error.strerror}"
            stream.save()
            log.warning("%s", stream.error)
            return 0
        stream.next_position = leaves[-1].position + 1
        stream.streamed_at = now
        stream.error = ""
        stream.save()
    return len(leaves)


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
