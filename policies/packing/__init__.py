"""The same meaning in fewer characters and fewer policies, given out only with a proof."""

from policies.packing.packer import CannotPack, PackedPolicies, PackSettings, pack_policies
from policies.packing.proof import EqualityProof, prove_equal

__all__ = [
    "CannotPack",
    "EqualityProof",
    "PackSettings",
    "PackedPolicies",
    "pack_policies",
    "prove_equal",
]
