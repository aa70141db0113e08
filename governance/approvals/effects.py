"""What a change does at one root, OU or account, as far as approvals ask."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TargetEffect:
    """What changes at a target. Where all three flags are false it is proven unchanged.

    `target_id`: `r-…`, `ou-…`, 12 digits, or `new-…` for an OU that the change creates.
    `undecided`: whether something changes could not be decided, which counts as changed.
    `policy_types`: AWS's names; `operations`: kinds such as `attach_policy`, of the operations
    from which the effect comes. `at_root`: one of them acts at the root.
    """

    target_id: str
    newly_denied: bool = False
    newly_allowed: bool = False
    undecided: bool = False
    policy_types: frozenset[str] = field(default_factory=frozenset)
    operations: frozenset[str] = field(default_factory=frozenset)
    at_root: bool = False

    @property
    def is_change(self) -> bool:
        """Whether somebody has to agree to it."""
        return self.newly_denied or self.newly_allowed or self.undecided
