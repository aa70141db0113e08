"""The audit log: what an entry costs a request, and how fast 100,000 entries are verified.

In PostgreSQL as it comes, in a cluster of its own. Verifying is measured twice: of an export by
`docs/verify_audit.py`, which hashes entries and grows the tree, and of the database, which besides
reads every entry and node from PostgreSQL.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from time import perf_counter
from typing import Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table
from demo.stack.state import ROOT

_ENTRIES: Final = 100_000
_WRITES: Final = 500
_WRITE_SECONDS: Final = 0.003
_VERIFY_SECONDS: Final = 1.0
_PROOF_SECONDS: Final = 0.05


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.audit")


def main() -> None:
    """Write entries, seal them, and verify them."""
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from governance.audit.models import AuditEntry
    from governance.audit.proofs import entry_proof
    from governance.audit.sealing import checkpoint_make, seal
    from governance.audit.signing import new_key_pem
    from governance.audit.verification import verify_log

    with tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name:
        key = Path(name) / "key.pem"
        key.write_bytes(new_key_pem())
        settings.AUDIT_SIGNING_KEY_FILE = str(key)
        rows = _writing()
        _fill()
        began = perf_counter()
        sealed = seal()
        sealing = perf_counter() - began
        checkpoint = checkpoint_make(now=timezone.now())
        if checkpoint is None:
            raise RuntimeError("there was nothing to sign")
        rows += [
            measured(
                f"verify an export of {checkpoint.tree_size:,} entries",
                [_offline(Path(name) / "export.jsonl", checkpoint.public_key)] * 3,
                _VERIFY_SECONDS * checkpoint.tree_size / _ENTRIES,
            ),
            measured(
                f"verify the database of {checkpoint.tree_size:,} entries",
                [lambda: verify_log(now=timezone.now())] * 3,
                None,
            ),
            measured(
                "prove one entry",
                [
                    lambda entry=entry: entry_proof(entry)  # type: ignore[misc]
                    for entry in AuditEntry.objects.order_by("?")[:200]
                ],
                _PROOF_SECONDS,
                Statistic.P95,
            ),
        ]
    print_table("Audit log", rows)
    print_figures("Sealing", [Figure("entries sealed a second", round(sealed / sealing))])


def _writing() -> list[Row]:
    """Measure what `audit_record` adds to a transaction, and a transaction of an entry alone."""
    from django.db import transaction
    from django.utils import timezone

    from governance.audit import actions
    from governance.audit.actors import Actor
    from governance.audit.services import audit_record

    actor = Actor(kind="person", user_id=1, name="ada", address="192.0.2.1", request_id="r" * 32)

    def write() -> object:
        return audit_record(
            actor=actor,
            action=actions.CONNECTION_CHANGE,
            object_kind="connection",
            object_id="1",
            object_name="Acme",
            connection_id=1,
            before={"regions": ["eu-west-1"], "schedule_minutes": 60},
            after={"regions": ["eu-west-1", "eu-west-2"], "schedule_minutes": 30},
            now=timezone.now(),
        )

    with transaction.atomic():
        inside = measured(
            "write an entry in a transaction", [write] * _WRITES, _WRITE_SECONDS, Statistic.P95
        )
    alone = measured(
        "the same with a transaction and commit of its own",
        [transaction.atomic(write)] * _WRITES,
        None,
    )
    return [inside, alone]


def _fill() -> None:
    """Copy an entry until there are enough."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (recorded_at, action, outcome, actor_kind, actor_id, "
            "actor_name, on_behalf_of, token_id, session, address, request_id, object_kind, "
            "object_id, object_name, connection_id, target_id, before, after) "
            "SELECT now(), action, outcome, actor_kind, actor_id, actor_name, on_behalf_of, "
            "token_id, session, address, request_id, object_kind, number::text, object_name, "
            "connection_id, target_id, before, after "
            "FROM (SELECT * FROM audit_auditentry LIMIT 1) one, generate_series(1, %s) number",
            [_ENTRIES],
        )


def _offline(file: Path, public_key: str) -> Callable[[], object]:
    """Return what verifies an export as `docs/verify_audit.py` does."""
    from governance.audit.exports import export_lines

    with file.open("wb") as written:
        for line in export_lines():
            written.write(line + b"\n")
    script = run_path(str(ROOT / "docs" / "verify_audit.py"))
    keys = [script["PublicKey"](public_key)]

    def verify() -> object:
        with file.open("rb") as lines:
            return script["verify_export"](lines, keys)

    return verify


if __name__ == "__main__":
    main()
