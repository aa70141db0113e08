"""The bytes of an entry that its leaf of the tree is the hash of.

They are JSON in UTF-8 with sorted keys and no spaces: every column of `AuditEntry` by its name,
times in UTC with microseconds. Entries hold no fractions and no large numbers (`audit_record`), so
that any program writes the same bytes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from governance.audit.models import AuditEntry

COLUMNS: Final = tuple(field.attname for field in AuditEntry._meta.concrete_fields)
_TIME: Final = COLUMNS.index("recorded_at")


def entry_bytes(entry: AuditEntry) -> bytes:
    """Return the bytes of an entry as it is stored."""
    return row_bytes([getattr(entry, name) for name in COLUMNS])


def row_bytes(row: Sequence[Any]) -> bytes:
    """Return an entry's bytes from its values in the order of `COLUMNS`."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["recorded_at"] = utc_text(row[_TIME])
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def utc_text(moment: datetime) -> str:
    """Return a time in UTC with six digits of a second, such as 2026-11-28T12:00:00.000000Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
