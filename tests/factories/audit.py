"""An audit log with entries, a signing key and checkpoints."""

import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.models import AuditCheckpoint, AuditEntry
from governance.audit.sealing import checkpoint_make
from governance.audit.services import audit_record
from governance.audit.signing import new_key_pem

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
ADA = Actor(kind="person", user_id=7, name="ada", address="192.0.2.1", request_id="r1")


def audit_entry(**changed: Any) -> AuditEntry:
    """Write an entry, of a token that ada issued unless `changed` says otherwise."""
    values: dict[str, Any] = {
        "actor": ADA,
        "action": actions.TOKEN_ISSUE,
        "object_kind": "token",
        "object_id": "3",
        "object_name": "nightly",
        "after": {"scopes": ["a", "ü"], "n": 1},
        "now": NOW,
    }
    with transaction.atomic():
        return audit_record(**{**values, **changed})


def signing_key_file(folder: Path) -> str:
    """Make a signing key in a file, and return its name."""
    path = folder / "audit-key.pem"
    path.write_bytes(new_key_pem())
    return str(path)


def tamper(statement: str, *parameters: Any) -> int:
    """Change the database as its superuser can, past every trigger; return how many rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        changed: int = cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = origin")
    return changed


def signed(now: datetime.datetime = NOW) -> AuditCheckpoint:
    """Make a checkpoint that there is something to sign for."""
    made = checkpoint_make(now=now)
    assert made is not None
    return made


def first_checkpoint() -> AuditCheckpoint:
    """Return the first checkpoint."""
    return AuditCheckpoint.objects.get(number=1)
