"""Which targets have the same effective policy without merging: those with equal chains."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

ChainLink = tuple[str, ...]
"""What one level adds: the SHA-256 of its policies' texts, sorted; the target's id before them
where there are several, since which of them was attached first is a matter of that target."""

NOTHING_ATTACHED = ""


def chain_link(target_id: str, contents: Iterable[str]) -> ChainLink:
    """Return what a level adds to a chain. `contents`: SHA-256 of its policies of one type.

    Source: Organizations user guide, "Management policy inheritance operators": of policies on one
    level that assign different values the one attached first holds.
    """
    texts = tuple(sorted(contents))
    return (target_id, *texts) if len(set(texts)) > 1 else texts[:1]


def chain_of(links: Sequence[ChainLink]) -> str:
    """Return the name of a chain, 64 hex digits; `NOTHING_ATTACHED` where no level adds anything.

    `links`: from the root down, of one policy type. Levels without a policy change nothing and
    count for nothing.
    """
    present = [link for link in links if link]
    if not present:
        return NOTHING_ATTACHED
    return hashlib.sha256("\n".join(" ".join(link) for link in present).encode()).hexdigest()
