"""Roots and proofs are those of RFC 6962, and a proof fits one place of one tree only."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.audit.merkle import (
    EMPTY_ROOT,
    Growth,
    ProofInvalid,
    consistency_nodes,
    fold,
    inclusion_nodes,
    leaf_hash,
    perfect_nodes,
    proof_hashes,
    verify_consistency,
    verify_inclusion,
)

# The tree of seven leaves that RFC 6962's reference implementation is tested with.
REFERENCE_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def root_by_definition(leaves):
    """Return MTH(D) as RFC 6962, section 2.1, writes it down."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    halves = root_by_definition(leaves[:split]) + root_by_definition(leaves[split:])
    return sha256(b"\x01" + halves).digest()


def grown(count):
    """Return leaves' data, and the hashes of all perfect subtrees over them."""
    leaves = [str(number).encode() for number in range(count)]
    nodes: dict[tuple[int, int], bytes] = {}
    growth = Growth(completed=lambda level, index, found: nodes.__setitem__((level, index), found))
    for position, data in enumerate(leaves):
        nodes[(0, position)] = leaf_hash(data)
        growth.append(leaf_hash(data))
    return leaves, nodes, growth


SIZES = st.integers(1, 300)


class TestRoots:
    @pytest.mark.parametrize("size", range(1, 9))
    def test_are_those_of_the_reference_tree(self, size):
        growth = Growth()
        for data in REFERENCE_LEAVES[:size]:
            growth.append(leaf_hash(data))
        assert growth.root().hex() == REFERENCE_ROOTS[size - 1]

    def test_an_empty_tree_has_the_hash_of_nothing(self):
        assert Growth().root() == EMPTY_ROOT == root_by_definition([])

    @given(size=SIZES)
    @settings(max_examples=60, deadline=None)
    def test_are_those_of_the_definition(self, size):
        leaves, nodes, growth = grown(size)
        assert growth.root() == root_by_definition(leaves)
        assert fold([nodes[node] for node in perfect_nodes(0, size)]) == growth.root()

    @given(size=SIZES, more=st.integers(0, 50))
    @settings(max_examples=60, deadline=None)
    def test_growing_on_from_a_frontier_ends_where_growing_at_once_does(self, size, more):
        leaves, nodes, _ = grown(size)
        growth = Growth(size=size, frontier=[nodes[node] for node in perfect_nodes(0, size)])
        for number in range(size, size + more):
            growth.append(leaf_hash(str(number).encode()))
        assert growth.root() == root_by_definition(
            [*leaves, *(str(number).encode() for number in range(size, size + more))]
        )

    def test_a_frontier_of_another_size_is_refused(self):
        with pytest.raises(ProofInvalid, match="2 subtrees"):
            Growth(size=5, frontier=[b"x" * 32])


@st.composite
def leaf_and_tree(draw):
    """A size, and a position in it."""
    size = draw(SIZES)
    return draw(st.integers(0, size - 1)), size


class TestInclusion:
    @given(leaf_and_tree())
    @settings(max_examples=150, deadline=None)
    def test_every_leaf_is_proven_by_few_hashes(self, place):
        position, size = place
        leaves, nodes, growth = grown(size)
        proof = proof_hashes(inclusion_nodes(position, size), nodes)
        assert len(proof) <= (size - 1).bit_length()
        verify_inclusion(
            leaf=leaf_hash(leaves[position]),
            position=position,
            size=size,
            proof=proof,
            root=growth.root(),
        )

    @given(leaf_and_tree(), st.data())
    @settings(max_examples=150, deadline=None)
    def test_nothing_else_is_proven_by_it(self, place, data):
        position, size = place
        leaves, nodes, growth = grown(size)
        right = {
            "leaf": leaf_hash(leaves[position]),
            "position": position,
            "size": size,
            "proof": proof_hashes(inclusion_nodes(position, size), nodes),
            "root": growth.root(),
        }
        wrong = data.draw(
            st.sampled_from(["leaf", "position", "root", "longer", "shorter", "changed"])
        )
        proof = list(right["proof"])
        if wrong == "leaf":
            right["leaf"] = leaf_hash(b"another")
        elif wrong == "position":
            right["position"] = data.draw(
                st.integers(-1, size).filter(lambda other: other != position)
            )
        elif wrong == "root":
            right["root"] = leaf_hash(b"another")
        elif wrong == "longer":
            right["proof"] = [*proof, leaf_hash(b"more")]
        elif not proof:
            return
        elif wrong == "shorter":
            del proof[data.draw(st.integers(0, len(proof) - 1))]
            right["proof"] = proof
        else:
            proof[data.draw(st.integers(0, len(proof) - 1))] = leaf_hash(b"changed")
            right["proof"] = proof
        with pytest.raises(ProofInvalid):
            verify_inclusion(**right)

    def test_a_leaf_outside_the_tree_cannot_be_asked_for(self):
        with pytest.raises(ProofInvalid, match="no leaf 3"):
            inclusion_nodes(3, 3)


@st.composite
def two_sizes(draw):
    """The sizes of an earlier and a later tree."""
    size = draw(SIZES)
    return draw(st.integers(1, size)), size


class TestConsistency:
    @given(two_sizes())
    @settings(max_examples=150, deadline=None)
    def test_every_earlier_tree_is_proven_to_begin_the_later(self, sizes):
        old_size, size = sizes
        leaves, nodes, growth = grown(size)
        proof = proof_hashes(consistency_nodes(old_size, size), nodes)
        assert len(proof) <= size.bit_length() + 1
        verify_consistency(
            old_size=old_size,
            old_root=root_by_definition(leaves[:old_size]),
            size=size,
            root=growth.root(),
            proof=proof,
        )

    @given(two_sizes(), st.data())
    @settings(max_examples=150, deadline=None)
    def test_a_past_that_was_changed_is_found(self, sizes, data):
        old_size, size = sizes
        leaves, nodes, growth = grown(size)
        changed = list(leaves[:old_size])
        changed[data.draw(st.integers(0, old_size - 1))] = b"changed"
        with pytest.raises(ProofInvalid):
            verify_consistency(
                old_size=old_size,
                old_root=root_by_definition(changed),
                size=size,
                root=growth.root(),
                proof=proof_hashes(consistency_nodes(old_size, size), nodes),
            )

    def test_a_tree_that_shrank_cannot_be_proven(self):
        with pytest.raises(ProofInvalid, match="cannot have grown"):
            consistency_nodes(5, 3)
