"""The log as a file that can be verified without Orgwarden: entries and checkpoints, line by line.

The first line says what it is. Then come the entries in the order of the tree, each line the exact
bytes that its leaf is the hash of, and after the last entry that it covers each checkpoint. An
export that does not begin with the first entry carries the frontier of the tree before it.
`docs/verify_audit.py` reads it.
"""

from collections.abc import Iterator
from typing import Final

import orjson
from django.db import transaction

from governance.audit.canonical import entry_bytes
from governance.audit.merkle import perfect_nodes
from governance.audit.models import AuditCheckpoint, AuditLeaf
from governance.audit.sealing import stored_hashes

FORMAT: Final = "orgwarden-audit-export/1"
_ROWS: Final = 2000


class NothingToExport(Exception):
    """There is no checkpoint that covers what is asked for; the message says so."""


def export_lines(*, after_checkpoint: int = 0) -> Iterator[bytes]:
    """Yield the lines of an export, up to the latest checkpoint.

    `after_checkpoint`: the number of the checkpoint whose entries were exported before; 0: all.

    :raises NothingToExport: there is no such checkpoint, or none at all.
    """
    checkpoints = list(
        AuditCheckpoint.objects.filter(number__gte=max(1, after_checkpoint)).order_by("number")
    )
    if not checkpoints or (after_checkpoint and checkpoints[0].number != after_checkpoint):
        raise NothingToExport(
            f"there is no checkpoint {after_checkpoint}"
            if after_checkpoint
            else "there is no checkpoint yet: try again in five minutes"
        )
    start = checkpoints[0].tree_size if after_checkpoint else 0
    frontier = perfect_nodes(0, start)
    hashes = stored_hashes(frontier)
    yield orjson.dumps(
        {
            "format": FORMAT,
            "start": start,
            "frontier": [hashes[node].hex() for node in frontier],
            "public_key": checkpoints[-1].public_key,
        }
    )
    size = start
    for checkpoint in checkpoints:
        yield from _entries(size, checkpoint.tree_size)
        size = checkpoint.tree_size
        yield orjson.dumps({"checkpoint": checkpoint.note})


def _entries(start: int, end: int) -> Iterator[bytes]:
    if start == end:
        return
    with transaction.atomic():
        leaves = (
            AuditLeaf.objects.filter(position__gte=start, position__lt=end)
            .select_related("entry")
            .order_by("position")
        )
        for leaf in leaves.iterator(chunk_size=_ROWS):
            yield entry_bytes(leaf.entry)
