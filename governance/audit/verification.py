"""Verifies the whole log in the database: entries, tree, checkpoints, and copies kept outside."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import connection as database
from django.db import transaction

from governance.audit.canonical import COLUMNS, row_bytes
from governance.audit.checkpoints import (
    NO_PREVIOUS,
    Checkpoint,
    CheckpointInvalid,
    note_digest,
    verified_note,
)
from governance.audit.destinations import stored_copies
from governance.audit.merkle import Growth
from governance.audit.models import AuditCheckpoint, AuditEntry, AuditVerification
from governance.audit.sealing import tree_size
from governance.audit.signing import PublicKey, PublicKeyInvalid

MOST_PROBLEMS: Final = 100
_LATE: Final = timedelta(minutes=15)
_JSON_COLUMNS: Final = frozenset({"before", "after"})


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """One thing that is not as it must be. `kind`: which; `message`: what and where, in words."""

    kind: str
    message: str


@dataclass(slots=True)
class VerificationReport:
    """What was verified and what is wrong. `problems`: at most 100; `more`: how many besides.

    `keys_from_outside`: whether signatures were held against keys that the verifier brought;
    without, whoever can write the database could have signed again with a key of their own.
    """

    tree_size: int = 0
    checkpoints: int = 0
    covered: int = 0
    unsealed: int = 0
    copies: int = 0
    keys_from_outside: bool = False
    problems: list[AuditProblem] = field(default_factory=list)
    more: int = 0

    def add(self, kind: str, message: str) -> None:
        """Note a problem."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(AuditProblem(kind, message))
        else:
            self.more += 1


def verify_log(
    *,
    now: datetime,
    keys: Sequence[PublicKey] = (),
    copies: Iterable[str] = (),
) -> VerificationReport:
    """Verify every entry, node and checkpoint, and hold `copies` (notes from outside) against them.

    `keys`: public keys to trust; none: those that the checkpoints name themselves.
    """
    report = VerificationReport(keys_from_outside=bool(keys))
    # What is signed is read first: the tree may grow meanwhile, and never shrinks.
    outside_notes = list(copies)
    with transaction.atomic():
        checkpoints = list(AuditCheckpoint.objects.order_by("number"))
        size = tree_size()
        report.tree_size = size
        report.checkpoints = len(checkpoints)
        notes = _verify_chain(checkpoints, keys, report)
        outside = _parsed_copies(outside_notes, keys or _own_keys(checkpoints), report)
        _verify_tree(size, notes, outside, report)
        _verify_unsealed(now, report)
    return report


def verification_run(*, clock: Callable[[], datetime]) -> AuditVerification:
    """Verify the log with the keys and copies that the settings name, and store what came of it.

    `clock`: returns the time.
    """
    started_at = clock()
    report = verify_log(now=started_at, keys=trusted_keys(), copies=stored_copies())
    problems = [{"kind": one.kind, "message": one.message} for one in report.problems]
    if report.more:
        problems.append({"kind": "more", "message": f"{report.more} more problems"})
    return AuditVerification.objects.create(
        started_at=started_at,
        finished_at=clock(),
        tree_size=report.tree_size,
        checkpoints=report.checkpoints,
        problems=problems,
    )


def trusted_keys() -> list[PublicKey]:
    """Return the public keys in the settings."""
    return [PublicKey.parse(text) for text in settings.AUDIT_PUBLIC_KEYS]


def _own_keys(checkpoints: Iterable[AuditCheckpoint]) -> list[PublicKey]:
    texts = dict.fromkeys(one.public_key for one in checkpoints)
    keys = []
    for text in texts:
        try:
            keys.append(PublicKey.parse(text))
        except PublicKeyInvalid:
            continue
    return keys


def _verify_chain(
    checkpoints: Sequence[AuditCheckpoint], keys: Sequence[PublicKey], report: VerificationReport
) -> list[Checkpoint]:
    """Verify signatures, numbers, order and chain; return what the good notes say."""
    trusted = list(keys) or _own_keys(checkpoints)
    found: list[Checkpoint] = []
    previous = NO_PREVIOUS
    expected = 1
    for row in checkpoints:
        name = f"checkpoint {row.number}"
        if row.number != expected:
            report.add("checkpoint missing", f"checkpoints {expected} to {row.number - 1} are gone")
        expected = row.number + 1
        try:
            note = verified_note(row.note, trusted)
        except CheckpointInvalid as error:
            report.add("signature", f"{name}: {error}")
            previous = note_digest(row.note)
            continue
        if (note.number, note.tree_size, note.root_hash, note.made_at) != (
            row.number,
            row.tree_size,
            bytes(row.root_hash),
            row.made_at,
        ):
            report.add("checkpoint changed", f"{name}: its columns differ from what is signed")
        if note.previous != previous:
            report.add("chain", f"{name} does not follow the checkpoint before it")
        if found and (note.tree_size < found[-1].tree_size or note.made_at < found[-1].made_at):
            report.add("order", f"{name} is smaller or older than the checkpoint before it")
        previous = note_digest(row.note)
        found.append(note)
    return found


def _parsed_copies(
    copies: Iterable[str], keys: Sequence[PublicKey], report: VerificationReport
) -> list[Checkpoint]:
    found = []
    for text in copies:
        report.copies += 1
        try:
            found.append(verified_note(text, list(keys)))
        except CheckpointInvalid as error:
            report.add("copy", f"a copy outside: {error}")
    return found


def _verify_tree(
    size: int,
    notes: Sequence[Checkpoint],
    outside: Sequence[Checkpoint],
    report: VerificationReport,
) -> None:
    """Grow the tree from the entries, and hold nodes and roots against it."""
    wanted: dict[int, list[tuple[str, Checkpoint]]] = {}
    for label, one in (
        *((f"checkpoint {note.number}", note) for note in notes),
        *((f"the copy outside of checkpoint {note.number}", note) for note in outside),
    ):
        if one.tree_size > size:
            report.add(
                "end cut off",
                f"{label} signs {one.tree_size:,} entries; the log has only {size:,}",
            )
            continue
        wanted.setdefault(one.tree_size, []).append((label, one))
    nodes = _NodeCheck(report)
    growth = Growth(completed=nodes.check)
    for value in _leaf_hashes(size, report):
        growth.append(value)
        at = wanted.get(growth.size)
        if at is not None:
            root = growth.root()
            for label, one in at:
                report.covered = max(report.covered, growth.size)
                if one.root_hash != root:
                    report.add(
                        "root",
                        f"{label}: the first {growth.size:,} entries are not those it signs",
                    )
    nodes.finish()


def _leaf_hashes(size: int, report: VerificationReport) -> Iterator[bytes]:
    """Yield the hash of each leaf as it is stored, after holding its entry against it."""
    expected = 0
    for position, stored, entry_id, row in _rows(size):
        if position != expected:
            report.add("gap", f"positions {expected:,} to {position - 1:,} are missing")
        expected = position + 1
        if row[0] is None:
            report.add("entry removed", f"entry {entry_id} at position {position:,} is gone")
        elif sha256(b"\x00" + row_bytes(row)).digest() != stored:
            report.add(
                "entry changed",
                f"entry {entry_id} at position {position:,} is not what was sealed",
            )
        yield stored


def _rows(size: int) -> Iterator[tuple[int, bytes, int, list[Any]]]:
    columns = ", ".join(
        f"e.{name}::text" if name in _JSON_COLUMNS else f"e.{name}" for name in COLUMNS
    )
    parsed = [index for index, name in enumerate(COLUMNS) if name in _JSON_COLUMNS]
    with database.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT l.position, l.leaf_hash, l.entry_id, {columns} FROM audit_auditleaf l "  # noqa: S608
            "LEFT JOIN audit_auditentry e ON e.id = l.entry_id "
            "WHERE l.position < %s ORDER BY l.position",
            [size],
        )
        for position, stored, entry_id, *row in cursor:
            for index in parsed:
                if row[index] is not None:
                    row[index] = orjson.loads(row[index])
            yield position, bytes(stored), entry_id, row


class _NodeCheck:
    """Holds the stored nodes against those that the tree comes to, in the order it makes them."""

    def __init__(self, report: VerificationReport) -> None:
        self._report = report
        self._stored = self._read()
        self._failed = False

    def check(self, level: int, index: int, value: bytes) -> None:
        if self._failed or next(self._stored, None) == (level, index, value):
            return
        self._failed = True
        self._report.add("node", f"the stored node {index:,} of level {level} is not the tree's")

    def finish(self) -> None:
        self._stored.close()

    def _read(self) -> Generator[tuple[int, int, bytes]]:
        with database.chunked_cursor() as cursor:
            cursor.execute(
                'SELECT level, "index", node_hash FROM audit_auditnode '
                'ORDER BY (("index" + 1) << level), level'
            )
            for level, index, value in cursor:
                yield level, index, bytes(value)


def _verify_unsealed(now: datetime, report: VerificationReport) -> None:
    """Tell entries without a place in the tree that wait too long or will never get one."""
    waiting = AuditEntry.objects.filter(leaf__isnull=True)
    report.unsealed = waiting.count()
    if not report.unsealed:
        return
    unqueued = waiting.filter(unsealed__isnull=True).count()
    if unqueued:
        report.add("not queued", f"{unqueued:,} entries have no place in the tree and await none")
    late = waiting.filter(recorded_at__lt=now - _LATE).count()
    if late:
        report.add("sealing late", f"{late:,} entries wait for more than 15 minutes to be sealed")
