"""One difference between two states of an organization, with before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.snapshots.kinds import KIND_WORDS, RANKS, DifferenceGroup, DifferenceKind, Subject
from governance.snapshots.sides import PathStep, target_type

FULL_ACCESS_ID: Final = "p-FullAWSAccess"
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SnapshotDifference:
    """One thing that differs in one way.

    `key`: unique in a comparison, and the same in each comparison of the same states.
    `before`, `after`: the values that differ, by their names in the inventory; None where there
    is no such thing. `way_before`, `way_after`: root and OUs above it. `target_id`: where a
    policy was attached or detached; then the ways are the target's. `places`: ids of all roots,
    OUs and accounts it lies at or below. `since`: the start of the run that first saw it so.
    `consequence`: it came of another difference by itself, such as an attachment that went with
    its account. `loud`: it takes all permissions away where nothing else gives them, or a whole
    type of guardrails.
    """

    kind: DifferenceKind
    subject: Subject
    subject_id: str
    name: str
    before: Values | None
    after: Values | None
    since: datetime
    way_before: tuple[PathStep, ...] = ()
    way_after: tuple[PathStep, ...] = ()
    policy_type: str = ""
    aws_managed: bool = False
    target_id: str = ""
    target_name: str = ""
    places: frozenset[str] = frozenset()
    consequence: bool = False
    loud: bool = False

    @property
    def key(self) -> str:
        """What names it among the differences of two states."""
        parts = [self.kind.value, self.subject_id]
        if self.target_id:
            parts.append(self.target_id)
        return ":".join(parts)

    @property
    def group(self) -> DifferenceGroup:
        """What it is of."""
        return KIND_WORDS[self.kind].group

    @property
    def target_type(self) -> str:
        """AWS's word for the kind of target; empty without one."""
        return target_type(self.target_id) if self.target_id else ""

    @property
    def order(self) -> tuple[bool, bool, int, str, str]:
        """What differences are sorted by: the loud first, what came by itself last, then by kind
        and name.
        """
        place = RANKS[self.kind]
        return (not self.loud, self.consequence, place, self.name.casefold(), self.key)


@dataclass(frozen=True)
class FoundDifferences:
    """The differences, sorted. `first_read`: collector → things that it may not have missed.

    Those were read for the first time after the earlier state: whether they are new is unknown.
    """

    differences: tuple[SnapshotDifference, ...]
    first_read: Mapping[str, int]
