"""Locks that PostgreSQL holds for a transaction, by name."""

import hashlib

from django.db import connection as database


def hold_lock(name: str) -> None:
    """Wait until no other transaction holds the lock of this name; hold it until this one ends."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
