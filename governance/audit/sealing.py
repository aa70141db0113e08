"""Gives entries their places in the tree, and signs what the tree is.

Entries are written by many transactions at once, in an order that only their commits decide. So
nobody gives an entry a place when it is written: sealing does, one at a time, to all that are
committed by then, by their ids. An entry that was written after another was committed has the
larger id and is never sealed before it.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from governance.audit.canonical import entry_bytes
from governance.audit.checkpoints import NO_PREVIOUS, Checkpoint, note_digest, signed_note
from governance.audit.merkle import Growth, Node, leaf_hash, perfect_nodes
from governance.audit.models import (
    AuditCheckpoint,
    AuditEntry,
    AuditLeaf,
    AuditNode,
    UnsealedEntry,
)
from governance.audit.signing import signing_key
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

_BATCH: Final = 2000
_LOCK: Final = "audit:sealing"
# A log to which nothing is added is signed anew so often, to show that it is alive.
_QUIET: Final = timedelta(hours=1)


def tree_size() -> int:
    """Return how many entries the tree holds."""
    last = AuditLeaf.objects.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def stored_hashes(nodes: Iterable[Node]) -> dict[Node, bytes]:
    """Return the hashes of leaves and perfect subtrees that are stored, by level and index."""
    asked = set(nodes)
    positions = [index for level, index in asked if level == 0]
    found: dict[Node, bytes] = {
        (0, position): bytes(value)
        for position, value in AuditLeaf.objects.filter(position__in=positions).values_list(
            "position", "leaf_hash"
        )
    }
    above = [node for node in asked if node[0] > 0]
    if above:
        for level, index, value in AuditNode.objects.filter(pk__in=above).values_list(
            "level", "index", "node_hash"
        ):
            found[(level, index)] = bytes(value)
    return found


def stored_growth(size: int) -> Growth:
    """Return the tree of the first `size` entries, to grow on from or to take the root of."""
    frontier = perfect_nodes(0, size)
    hashes = stored_hashes(frontier)
    return Growth(size=size, frontier=[hashes[node] for node in frontier])


def seal() -> int:
    """Give every committed entry that has none its place in the tree; return how many got one.

    Safe to run twice and at once: the second waits for the first.
    """
    sealed = 0
    while True:
        with transaction.atomic():
            hold_lock(_LOCK)
            count = _seal_batch()
        sealed += count
        if count < _BATCH:
            return sealed


def _seal_batch() -> int:
    ids = list(
        UnsealedEntry.objects.order_by("entry_id").values_list("entry_id", flat=True)[:_BATCH]
    )
    if not ids:
        return 0
    size = tree_size()
    nodes: list[AuditNode] = []
    frontier = perfect_nodes(0, size)
    hashes = stored_hashes(frontier)
    growth = Growth(
        size=size,
        frontier=[hashes[node] for node in frontier],
        completed=lambda level, index, value: nodes.append(
            AuditNode(level=level, index=index, node_hash=value)
        ),
    )
    leaves = []
    for entry in AuditEntry.objects.filter(pk__in=ids).order_by("pk"):
        value = leaf_hash(entry_bytes(entry))
        leaves.append(AuditLeaf(position=growth.size, entry_id=entry.pk, leaf_hash=value))
        growth.append(value)
    AuditLeaf.objects.bulk_create(leaves)
    AuditNode.objects.bulk_create(nodes)
    UnsealedEntry.objects.filter(pk__in=ids).delete()
    return len(ids)


def checkpoint_make(*, now: datetime) -> AuditCheckpoint | None:
    """Seal what is committed, and sign the tree; None: nothing is new since the last checkpoint.

    A log to which nothing was added is signed again after an hour.

    :raises SigningKeyMissing: this process may not sign; `checkpoint_request` has a worker do it.
    """
    key = signing_key()
    seal()
    with transaction.atomic():
        hold_lock(_LOCK)
        size = tree_size()
        last = AuditCheckpoint.objects.order_by("-number").first()
        if size == 0 or (
            last is not None and last.tree_size == size and now - last.made_at < _QUIET
        ):
            return None
        checkpoint = Checkpoint(
            origin=settings.AUDIT_ORIGIN,
            tree_size=size,
            root_hash=stored_growth(size).root(),
            number=1 if last is None else last.number + 1,
            made_at=now if last is None else max(now, last.made_at),
            previous=NO_PREVIOUS if last is None else note_digest(last.note),
        )
        made = AuditCheckpoint.objects.create(
            number=checkpoint.number,
            tree_size=size,
            root_hash=checkpoint.root_hash,
            made_at=checkpoint.made_at,
            note=signed_note(checkpoint, key),
            public_key=str(key.public),
        )
    log.info("checkpoint %s signs %s entries", made.number, size)
    return made
