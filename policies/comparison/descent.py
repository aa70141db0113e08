"""From the topmost changed target down the tree: what each target newly lacks, and newly has.

What a chain B allows and a chain A does not is the union, over the levels of A that B has not, of
what B allows and that level does not. Down the tree it is built from the parent's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.comparison.regions import EMPTY, Region, RegionAlgebra, union
from policies.compiled import CompiledStatement, PolicyLevel
from policies.targets import Target, TargetTree


@dataclass(frozen=True, slots=True)
class ComparedTrees:
    """The two states that are compared."""

    before: TargetTree
    after: TargetTree

    def changed(self) -> list[str]:
        """Return the ids of targets in both whose parent or level differs."""
        after = self.after.by_id
        found: list[str] = []
        for target_id, was in self.before.by_id.items():
            becomes = after.get(target_id)
            if (
                becomes is not None
                and becomes is not was
                and (becomes.level is not was.level or becomes.parent_id != was.parent_id)
            ):
                found.append(target_id)
        return found

    def place(self, target_id: str) -> tuple[object, ...]:
        """Return what two targets share if all that binds them is the same, before and after."""
        was, becomes = self.before.by_id[target_id], self.after.by_id[target_id]
        return was.parent_id, was.level, becomes.parent_id, becomes.level

    def has_moved(self, target_id: str) -> bool:
        """Whether a target has another parent after than before."""
        return self.before.by_id[target_id].parent_id != self.after.by_id[target_id].parent_id

    def affected(self, changed: Iterable[str]) -> set[str]:
        """Return the changed targets that are in both, and all that lie below them in both."""
        found = set(changed)
        if not found:
            return found
        before = self.before.by_id
        for target_id, target in self.after.by_id.items():
            if target.parent_id in found and target_id in before:
                found.add(target_id)
        return found


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level that a chain has, that another chain has not: `kept` is what stood in its place."""

    kept: PolicyLevel | None
    other: PolicyLevel


def chain_changes(was: tuple[Target, ...], becomes: tuple[Target, ...]) -> Iterator[LevelChange]:
    """Yield the levels of a path that another path has not."""
    levels = {target.level for target in was}
    at = {target.target_id: target.level for target in was}
    for target in becomes:
        if target.level not in levels:
            yield LevelChange(at.get(target.target_id), target.level)


def changes_alone(
    trees: ComparedTrees, changed: Iterable[str], *, forward: bool
) -> set[LevelChange]:
    """Return the changes of all changed targets, from before to after or (not `forward`) back."""
    found: set[LevelChange] = set()
    was, becomes = (trees.before, trees.after) if forward else (trees.after, trees.before)
    for target_id in changed:
        if trees.has_moved(target_id):
            found.update(chain_changes(was.path(target_id), becomes.path(target_id)))
        else:
            kept, other = was.by_id[target_id].level, becomes.by_id[target_id].level
            if kept is not other:
                found.add(LevelChange(kept, other))
    return found


class Descent:
    """One direction of a comparison: the requests that `kept`'s tree allows and `other`'s not."""

    def __init__(self, algebra: RegionAlgebra, kept: TargetTree, other: TargetTree) -> None:
        self._algebra = algebra
        self._kept = kept
        self._other = other
        self._found: dict[str, Region] = {}

    def region(self, target_id: str, affected: set[str]) -> Region:
        """Return the requests at one target; targets outside `affected` have none."""
        path: list[str] = []
        step: str | None = target_id
        while step is not None and step in affected and step not in self._found:
            path.append(step)
            if self._has_moved(step):
                break
            step = self._kept.by_id[step].parent_id
        for member in reversed(path):
            self._found[member] = self._step(member)
        return self._found.get(target_id, EMPTY)

    def _has_moved(self, target_id: str) -> bool:
        return self._kept.by_id[target_id].parent_id != self._other.by_id[target_id].parent_id

    def _step(self, target_id: str) -> Region:
        algebra = self._algebra
        if self._has_moved(target_id):
            return self._from_chains(target_id)
        kept, other = self._kept.by_id[target_id], self._other.by_id[target_id]
        region = self._found.get(kept.parent_id, EMPTY) if kept.parent_id else EMPTY
        region = algebra.restrict(region, kept.level)
        if kept.level is not other.level:
            own = algebra.local(kept.level, other.level)
            if own and kept.parent_id is not None:
                own = algebra.restrict_all(own, _distinct(self._kept.chain(kept.parent_id)))
            region = union(region, own)
        return region

    def _from_chains(self, target_id: str) -> Region:
        was, becomes = self._kept.path(target_id), self._other.path(target_id)
        levels = _distinct(target.level for target in was)
        found = EMPTY
        for change in chain_changes(was, becomes):
            own = self._algebra.local(change.kept, change.other)
            found = union(found, self._algebra.restrict_all(own, levels))
        return found


def _distinct(levels: Iterable[PolicyLevel]) -> tuple[PolicyLevel, ...]:
    return tuple(dict.fromkeys(levels))


def statements_of(levels: Iterable[PolicyLevel]) -> dict[CompiledStatement, None]:
    """Return the statements of some levels, each once, in order of first appearance."""
    return dict.fromkeys(
        statement for level in levels for statement in (*level.allows, *level.denies)
    )
