"""The Merkle tree of the audit log, as RFC 6962 and RFC 9162 (section 2.1) define it, over SHA-256.

Only perfect subtrees are stored: node `(level, index)` is the root of the `2**level` leaves from
`index * 2**level` on, and never changes once they are there. Every root and every proof is put
together of those, so that both take a number of nodes that grows with the logarithm of the size.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

Node = tuple[int, int]
"""Level and index of a perfect subtree; level 0 are the leaves."""

EMPTY_ROOT: Final = sha256(b"").digest()


class ProofInvalid(ValueError):
    """A proof does not fit; the message says in which way."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and its bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node: SHA-256 of 0x01 and both children's hashes."""
    return sha256(b"\x01" + left + right).digest()


def perfect_nodes(start: int, end: int) -> list[Node]:
    """Return the perfect subtrees that make up the leaves `start` to `end - 1`, left to right.

    `start` is a multiple of the size of the subtree that the range hangs below, as it is in
    every range that the tree's definition splits into.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees of falling size, left to right."""
    if not hashes:
        return EMPTY_ROOT
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node_hash(left, folded)
    return folded


def inclusion_nodes(position: int, size: int) -> list[list[Node]]:
    """Return, from the leaf upward, the subtrees whose folded hashes prove a leaf in a tree.

    :raises ProofInvalid: the tree has no such leaf.
    """
    if not 0 <= position < size:
        raise ProofInvalid(f"a tree of {size} leaves has no leaf {position}")
    path = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if position < split:
            path.append(perfect_nodes(split, end))
            end = split
        else:
            path.append(perfect_nodes(start, split))
            start = split
    return path[::-1]


def consistency_nodes(old_size: int, size: int) -> list[list[Node]]:
    """Return the subtrees whose folded hashes prove that a tree only grew (RFC 9162, 2.1.4.1).

    :raises ProofInvalid: the old tree is empty or larger than the tree.
    """
    if not 0 < old_size <= size:
        raise ProofInvalid(f"a tree of {old_size} leaves cannot have grown to {size}")
    path = []
    start, end = 0, size
    whole = True
    while old_size != end:
        split = start + _split(end - start)
        if old_size <= split:
            path.append(perfect_nodes(split, end))
            end = split
        else:
            path.append(perfect_nodes(start, split))
            start = split
            whole = False
    if not whole:
        path.append(perfect_nodes(start, end))
    return path[::-1]


def proof_hashes(path: Iterable[Iterable[Node]], hashes: Mapping[Node, bytes]) -> list[bytes]:
    """Return the hashes of a proof from those of the stored nodes that it asks for."""
    return [fold([hashes[node] for node in nodes]) for nodes in path]


def verify_inclusion(
    *, leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf of hash `leaf` stands at `position` of the tree (RFC 9162, 2.1.3.2).

    :raises ProofInvalid: it does not, or the proof is not one of this place.
    """
    if not 0 <= position < size:
        raise ProofInvalid(f"a tree of {size} leaves has no leaf {position}")
    found = leaf
    for is_left, sibling in zip(_sides(position, size - 1, len(proof)), proof, strict=True):
        found = node_hash(sibling, found) if is_left else node_hash(found, sibling)
    if found != root:
        raise ProofInvalid("the proof leads to another root than the checkpoint's")


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `size` begins with that of `old_size` (RFC 9162, 2.1.4.2).

    :raises ProofInvalid: it does not, or the proof is not one of these sizes.
    """
    if not 0 < old_size <= size:
        raise ProofInvalid(f"a tree of {old_size} leaves cannot have grown to {size}")
    if old_size == size:
        if proof or old_root != root:
            raise ProofInvalid("two trees of one size differ")
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise ProofInvalid("the proof is too short")
    index, last = old_size - 1, size - 1
    while index & 1:
        index >>= 1
        last >>= 1
    old_found = found = hashes[0]
    for is_left, sibling in zip(_sides(index, last, len(hashes) - 1), hashes[1:], strict=True):
        if is_left:
            old_found = node_hash(sibling, old_found)
            found = node_hash(sibling, found)
        else:
            found = node_hash(found, sibling)
    if old_found != old_root or found != root:
        raise ProofInvalid("the later tree does not begin with the earlier one")


class Growth:
    """Grows a tree leaf by leaf, and tells each perfect subtree as it is complete.

    `frontier`: hashes of `perfect_nodes(0, size)` of the tree so far. `completed`: called with
    level, index and hash of each node above the leaves; None: nobody asks.
    """

    def __init__(
        self,
        *,
        size: int = 0,
        frontier: Sequence[bytes] = (),
        completed: Callable[[int, int, bytes], object] | None = None,
    ) -> None:
        """Go on from a tree of `size` leaves.

        :raises ProofInvalid: the frontier is not one of this size.
        """
        if len(frontier) != size.bit_count():
            raise ProofInvalid(f"a tree of {size} leaves has {size.bit_count()} subtrees")
        self.size = size
        self._frontier = list(frontier)
        self._completed = completed

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        found = leaf
        position = self.size
        level = 0
        frontier = self._frontier
        while position & 1:
            found = sha256(b"\x01" + frontier.pop() + found).digest()
            position >>= 1
            level += 1
            if self._completed is not None:
                self._completed(level, position, found)
        frontier.append(found)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        return fold(self._frontier)


def _sides(index: int, last: int, count: int) -> list[bool]:
    """Return, from a node upward, whether each of `count` siblings of a proof stands to the left.

    `index`: of the node on its level; `last`: of the level's last node.
    """
    sides = []
    for _ in range(count):
        if last == 0:
            raise ProofInvalid("the proof is too long")
        is_left = bool(index & 1) or index == last
        sides.append(is_left)
        while is_left and index and not index & 1:
            index >>= 1
            last >>= 1
        index >>= 1
        last >>= 1
    if last:
        raise ProofInvalid("the proof is too short")
    return sides


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
