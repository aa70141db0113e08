"""Locks that PostgreSQL holds for a transaction, by name."""

import hashlib

from django.db import connection as database


def hold_lock(name: str, *, idle_seconds: float = 0) -> None:
    """Wait until no other transaction holds the lock of this name; hold it until this one ends.

    `idle_seconds`: PostgreSQL ends this transaction if its process is silent for so long, as one is
    that was frozen or whose host is gone; 0: leave that to the server.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with database.cursor() as cursor:
        if idle_seconds:
            cursor.execute(
                "SELECT set_config('idle_in_transaction_session_timeout', %s, true),"
                " pg_advisory_xact_lock(%s)",
                [f"{idle_seconds * 1000:.0f}", number],
            )
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
