"""Proofs that go out: of one entry, and that a later checkpoint holds all of an earlier one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from governance.audit.canonical import entry_bytes
from governance.audit.merkle import consistency_nodes, inclusion_nodes, proof_hashes
from governance.audit.models import AuditCheckpoint, AuditEntry, AuditLeaf
from governance.audit.sealing import stored_hashes

PROOF_FORMAT: Final = "orgwarden-audit-proof/1"
GROWTH_FORMAT: Final = "orgwarden-audit-growth/1"


class NotProvable(Exception):
    """There is no checkpoint yet that covers what is to be proven; the message says so."""


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That one entry stands in the log, without the rest of it.

    `entry`: its canonical JSON, whose bytes the leaf is the hash of. `hashes`: from the leaf
    upward. `note` and `public_key`: of the checkpoint that it leads to.
    """

    entry: str
    position: int
    tree_size: int
    hashes: tuple[bytes, ...]
    note: str
    public_key: str


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of one checkpoint begins with the tree of an earlier one."""

    earlier: AuditCheckpoint
    later: AuditCheckpoint
    hashes: tuple[bytes, ...]


def proof_document(proof: EntryProof) -> dict[str, Any]:
    """Return a proof as JSON for `docs/verify_audit.py entry`."""
    return {
        "format": PROOF_FORMAT,
        "entry": proof.entry,
        "position": proof.position,
        "tree_size": proof.tree_size,
        "hashes": [value.hex() for value in proof.hashes],
        "checkpoint": proof.note,
        "public_key": proof.public_key,
    }


def growth_document(proof: ConsistencyProof) -> dict[str, Any]:
    """Return a proof as JSON for `docs/verify_audit.py growth`."""
    return {
        "format": GROWTH_FORMAT,
        "earlier": proof.earlier.note,
        "later": proof.later.note,
        "hashes": [value.hex() for value in proof.hashes],
        "public_key": proof.later.public_key,
    }


def entry_proof(entry: AuditEntry) -> EntryProof:
    """Prove an entry by the latest checkpoint.

    :raises NotProvable: it is not sealed yet, or no checkpoint covers it yet.
    """
    leaf = AuditLeaf.objects.filter(entry_id=entry.pk).first()
    if leaf is None:
        raise NotProvable("this entry is not sealed yet: try again in a minute")
    checkpoint = AuditCheckpoint.objects.order_by("-number").first()
    if checkpoint is None or checkpoint.tree_size <= leaf.position:
        raise NotProvable("no checkpoint covers this entry yet: try again in some minutes")
    path = inclusion_nodes(leaf.position, checkpoint.tree_size)
    hashes = stored_hashes(node for nodes in path for node in nodes)
    return EntryProof(
        entry=entry_bytes(entry).decode(),
        position=leaf.position,
        tree_size=checkpoint.tree_size,
        hashes=tuple(proof_hashes(path, hashes)),
        note=checkpoint.note,
        public_key=checkpoint.public_key,
    )


def entry_proofs(entries: Iterable[AuditEntry]) -> dict[int, EntryProof]:
    """Prove many entries by the latest checkpoint, in three queries; return the proofs by key.

    Entries that are not sealed yet, or that no checkpoint covers yet, are absent.
    """
    by_key = {entry.pk: entry for entry in entries}
    checkpoint = AuditCheckpoint.objects.order_by("-number").first()
    if checkpoint is None:
        return {}
    positions = dict(
        AuditLeaf.objects.filter(
            entry_id__in=list(by_key), position__lt=checkpoint.tree_size
        ).values_list("entry_id", "position")
    )
    paths = {
        key: inclusion_nodes(position, checkpoint.tree_size) for key, position in positions.items()
    }
    hashes = stored_hashes({node for path in paths.values() for nodes in path for node in nodes})
    return {
        key: EntryProof(
            entry=entry_bytes(by_key[key]).decode(),
            position=positions[key],
            tree_size=checkpoint.tree_size,
            hashes=tuple(proof_hashes(path, hashes)),
            note=checkpoint.note,
            public_key=checkpoint.public_key,
        )
        for key, path in paths.items()
    }


def consistency_proof(earlier: AuditCheckpoint, later: AuditCheckpoint) -> ConsistencyProof:
    """Prove that nothing the earlier checkpoint covers has changed by the later one."""
    path = consistency_nodes(earlier.tree_size, later.tree_size)
    hashes = stored_hashes(node for nodes in path for node in nodes)
    return ConsistencyProof(earlier, later, tuple(proof_hashes(path, hashes)))
