"""What the levels on the way to a target leave, as action groups: for one request, for one box.

Groups are ints, so that one step of a path is one operation, however many actions there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from policies.comparison.regions import RegionAlgebra, RequestBox
from policies.comparison.statement_box import StatementBox
from policies.compiled import PolicyLevel
from policies.targets import TargetTree


class DecidedAtoms(Protocol):
    """A request, as atoms that hold for it and atoms that do not; of others it is not known."""

    @property
    def true(self) -> int:
        """The atoms that hold."""

    @property
    def false(self) -> int:
        """The atoms that do not hold."""


class _GroupsByTarget:
    """Action groups that a function gives for each level, put together down a tree."""

    def __init__(
        self, tree: TargetTree, of_level: Callable[[PolicyLevel], int], *, every: bool
    ) -> None:
        self._tree = tree
        self._of_level = of_level
        self._every = every
        self._levels: dict[PolicyLevel, int] = {}
        self._targets: dict[str, int] = {}

    def at(self, target_id: str) -> int:
        """Return the groups that every level of a path has; not `every`: that some level has."""
        found = self._targets.get(target_id)
        if found is None:
            target = self._tree.by_id[target_id]
            found = self._levels.get(target.level)
            if found is None:
                found = self._levels[target.level] = self._of_level(target.level)
            if target.parent_id is not None:
                above = self.at(target.parent_id)
                found = found & above if self._every else found | above
            self._targets[target_id] = found
        return found


class PathGroups:
    """The action groups of requests and boxes that the levels of one tree's paths let pass."""

    def __init__(self, algebra: RegionAlgebra, tree: TargetTree) -> None:
        self._algebra = algebra
        self._tree = tree
        self._passed: dict[DecidedAtoms, _GroupsByTarget] = {}
        self._denied: dict[tuple[int, int], _GroupsByTarget] = {}
        self._reduced: dict[tuple[int, int], _GroupsByTarget] = {}

    def passed(self, request: DecidedAtoms, target_id: str) -> int:
        """Return the groups for which every level lets a request pass, as far as is known."""
        found = self._passed.get(request)
        if found is None:
            found = self._passed[request] = _GroupsByTarget(
                self._tree, lambda level: self._passed_by(request, level), every=True
            )
        return found.at(target_id)

    def denied(self, box: RequestBox, target_id: str) -> int:
        """Return groups for which some level plainly lets no request of a box pass."""
        key = box[1:]
        found = self._denied.get(key)
        if found is None:
            found = self._denied[key] = _GroupsByTarget(
                self._tree, lambda level: self._denied_by(*key, level), every=False
            )
        return found.at(target_id)

    def reduced(self, box: RequestBox, target_id: str) -> int:
        """Return the groups for which some level may not let every request of a box pass."""
        key = box[1:]
        found = self._reduced.get(key)
        if found is None:
            found = self._reduced[key] = _GroupsByTarget(
                self._tree, lambda level: self._reduced_by(*key, level), every=False
            )
        return found.at(target_id)

    def _passed_by(self, request: DecidedAtoms, level: PolicyLevel) -> int:
        allows, denies = self._algebra.level_parts(level)
        true, false = request.true, request.false
        passed = self._algebra.all_groups
        if allows is not None:
            passed = 0
            for part in allows:
                if _lies_in(true, false, part.box):
                    passed |= part.groups
        for part in denies:
            if not (part.box.true & false or part.box.false & true):
                passed &= ~part.groups
        return passed

    def _denied_by(self, true: int, false: int, level: PolicyLevel) -> int:
        allows, denies = self._algebra.level_parts(level)
        denied = 0
        if allows is not None:
            denied = self._algebra.all_groups
            for part in allows:
                denied &= ~part.groups
        for part in denies:
            if _lies_in(true, false, part.box):
                denied |= part.groups
        return denied

    def _reduced_by(self, true: int, false: int, level: PolicyLevel) -> int:
        allows, denies = self._algebra.level_parts(level)
        reduced = 0
        if allows is not None:
            reduced = self._algebra.all_groups
            for part in allows:
                if _lies_in(true, false, part.box):
                    reduced &= ~part.groups
        for part in denies:
            if not (part.box.true & false or part.box.false & true):
                reduced |= part.groups
        return reduced


def _lies_in(true: int, false: int, box: StatementBox) -> bool:
    """Whether these literals include all of a statement's."""
    return not (box.true & ~true or box.false & ~false)
