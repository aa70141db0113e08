"""A tree of targets (root, organizational units, accounts), each with the level of its policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from policies.compiled import PolicyLevel


class TreeError(ValueError):
    """The targets do not form a tree; the message names the target that is wrong."""


@dataclass(frozen=True, slots=True)
class Target:
    """A root, an organizational unit or an account. `level`: the policies attached right here."""

    target_id: str
    parent_id: str | None
    level: PolicyLevel

    @property
    def is_account(self) -> bool:
        """Whether the id is an account's: twelve digits."""
        return len(self.target_id) == 12 and self.target_id.isdecimal()


class TargetTree:
    """Targets by id, every parent before its children. Not to be changed; see `replaced`.

    :raises TreeError: an id twice, a parent that is not there, or a circle.
    """

    def __init__(self, targets: Iterable[Target]) -> None:
        by_id: dict[str, Target] = {}
        in_order = True
        for target in targets:
            if target.target_id in by_id:
                raise TreeError(f"target {target.target_id} is given twice")
            in_order = in_order and (target.parent_id is None or target.parent_id in by_id)
            by_id[target.target_id] = target
        self.by_id: Mapping[str, Target] = by_id if in_order else _parents_first(by_id)

    @classmethod
    def _of(cls, by_id: Mapping[str, Target]) -> TargetTree:
        tree = cls.__new__(cls)
        tree.by_id = by_id
        return tree

    def __len__(self) -> int:
        return len(self.by_id)

    def replaced(self, targets: Iterable[Target]) -> TargetTree:
        """Return a tree in which these targets stand instead of those with their ids.

        All else is shared with this tree. New ids are added.

        :raises TreeError: as for a new tree.
        """
        by_id = dict(self.by_id)
        reordered = False
        for target in targets:
            known = by_id.get(target.target_id)
            reordered |= known is None or known.parent_id != target.parent_id
            by_id[target.target_id] = target
        return TargetTree._of(_parents_first(by_id) if reordered else by_id)

    def path(self, target_id: str) -> tuple[Target, ...]:
        """Return a target and all above it, root first.

        :raises KeyError: no such target.
        """
        path = [self.by_id[target_id]]
        while (parent := path[-1].parent_id) is not None:
            path.append(self.by_id[parent])
        return tuple(reversed(path))

    def chain(self, target_id: str) -> tuple[PolicyLevel, ...]:
        """Return the levels that bind a target, root first.

        :raises KeyError: no such target.
        """
        return tuple(target.level for target in self.path(target_id))

    @cached_property
    def parent_ids(self) -> frozenset[str]:
        """The ids of all targets that have children."""
        return frozenset(t.parent_id for t in self.by_id.values() if t.parent_id is not None)


def _parents_first(by_id: Mapping[str, Target]) -> dict[str, Target]:
    ordered: dict[str, Target] = {}
    for target in by_id.values():
        path: list[Target] = []
        step = target
        while step.target_id not in ordered:
            path.append(step)
            if step.parent_id is None:
                break
            parent = by_id.get(step.parent_id)
            if parent is None:
                raise TreeError(f"target {step.target_id}: its parent {step.parent_id} is missing")
            if len(path) > len(by_id):
                raise TreeError(f"target {step.target_id} lies below itself")
            step = parent
        for member in reversed(path):
            ordered[member.target_id] = member
    return ordered
