"""Sets of requests as lists of boxes, and what levels of policies leave of them.

A region's boxes may overlap; together they are exactly the region.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.comparison.space import Space
from policies.comparison.statement_box import StatementBox
from policies.compiled import CompiledStatement, PolicyLevel

RequestBox = tuple[int, int, int]
"""Action groups, atoms that hold, atoms that do not."""

Boxes = dict[tuple[int, int], int]
"""The same by atoms that hold and atoms that do not: the action groups."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """`boxes`: none of them proven empty. `cut`: boxes beyond the limit were left out, of these
    action groups, so that only the boxes shown are known and others of these may exist.
    """

    boxes: tuple[RequestBox, ...]
    cut: int = 0

    @property
    def groups(self) -> int:
        """The action groups of all boxes, and of those left out."""
        found = self.cut
        for box in self.boxes:
            found |= box[0]
        return found

    def __bool__(self) -> bool:
        return bool(self.boxes) or bool(self.cut)


EMPTY = Region(())


@dataclass(frozen=True, slots=True)
class StatementPart:
    """A statement in a question: the action groups it covers, and its box."""

    groups: int
    box: StatementBox


class RegionAlgebra:
    """Works on regions over one space, with the statements' action groups of one question.

    `groups_of`: of each statement that matters the action groups it covers (absent: none).
    `most_boxes`: how many boxes a region may have before the rest is left out. `denies_only`:
    every level allows everything, listed or not, as levels of resource control policies do.
    """

    def __init__(
        self,
        space: Space,
        groups_of: Mapping[CompiledStatement, int],
        all_groups: int,
        *,
        most_boxes: int,
        denies_only: bool = False,
    ) -> None:
        self.space = space
        self.all_groups = all_groups
        self.denies_only = denies_only
        self._groups_of = groups_of
        self._most_boxes = most_boxes
        self._levels: dict[
            PolicyLevel, tuple[tuple[StatementPart, ...] | None, tuple[StatementPart, ...]]
        ] = {}
        self._restricted: dict[tuple[Region, PolicyLevel], Region] = {}
        self._local: dict[tuple[PolicyLevel | None, PolicyLevel], Region] = {}
        self._changes: dict[tuple[PolicyLevel | None, PolicyLevel], tuple[RequestBox, ...]] = {}

    def part(self, statement: CompiledStatement) -> StatementPart | None:
        """Return a statement as this question sees it; None if it covers no action of it."""
        groups = self._groups_of.get(statement, 0)
        return StatementPart(groups, self.space.box(statement)) if groups else None

    def _parts(self, statements: Iterable[CompiledStatement]) -> tuple[StatementPart, ...]:
        found = (self.part(statement) for statement in statements)
        return tuple(part for part in found if part is not None)

    def level_parts(
        self, level: PolicyLevel
    ) -> tuple[tuple[StatementPart, ...] | None, tuple[StatementPart, ...]]:
        """Return a level's allows (None: they allow everything) and its denies."""
        found = self._levels.get(level)
        if found is None:
            allows = self._parts(level.allows)
            open_groups = 0
            for part in allows:
                if not part.box.atoms:
                    open_groups |= part.groups
            allows_all = self.denies_only or open_groups == self.all_groups
            allowed = None if allows_all else allows
            found = self._levels[level] = (allowed, self._parts(level.denies))
        return found

    def restrict(self, region: Region, level: PolicyLevel) -> Region:
        """Return what a level allows of a region; the region itself if that is all of it."""
        if not region:
            return region
        key = (region, level)
        found = self._restricted.get(key)
        if found is None:
            found = self._restricted[key] = self._restrict(region, level)
        return found

    def _restrict(self, region: Region, level: PolicyLevel) -> Region:
        allows, denies = self.level_parts(level)
        boxes = region.boxes
        if allows is not None:
            boxes = tuple(one for box in boxes for one in self._allowed(box, allows))
        left = as_mapping(boxes)
        cut = region.cut
        for part in denies:
            if not left:
                break
            self.subtract(left, part)
            if len(left) > self._most_boxes:
                for key in list(left)[self._most_boxes :]:
                    cut |= left.pop(key)
        found = as_boxes(left)
        if found == region.boxes and cut == region.cut:
            return region
        return Region(found, cut) if found or cut else EMPTY

    def _allowed(self, box: RequestBox, allows: Sequence[StatementPart]) -> list[RequestBox]:
        open_groups = 0
        for part in allows:
            if not part.box.atoms:
                open_groups |= part.groups
        groups, true, false = box
        found: list[RequestBox] = []
        if groups & open_groups:
            found.append((groups & open_groups, true, false))
        rest = groups & ~open_groups
        if rest:
            for part in allows:
                narrowed = self.intersect((rest, true, false), part)
                if narrowed is not None:
                    found.append(narrowed)
        return found

    def intersect(self, box: RequestBox, part: StatementPart) -> RequestBox | None:
        """Return what a statement covers of a box; None if that is nothing."""
        groups = box[0] & part.groups
        if not groups:
            return None
        true, false = box[1] | part.box.true, box[2] | part.box.false
        if true & false:
            return None
        is_empty = self.space.is_empty
        for dimension in part.box.dimensions:
            if is_empty(dimension, true, false):
                return None
        return groups, true, false

    def subtract(self, boxes: Boxes, part: StatementPart) -> None:
        """Take what a statement covers out of boxes.

        Of a box remain, for each literal of the statement, the requests for which it does not
        hold. These boxes overlap: each says no more than it must, so that many are alike.
        """
        added: Boxes = {}
        for (true, false), groups in list(boxes.items()):
            both = groups & part.groups
            if not both or self.intersect((both, true, false), part) is None:
                continue
            if both == groups:
                del boxes[true, false]
            else:
                boxes[true, false] = groups & ~both
            for key in self._outside(true, false, part.box):
                added[key] = added.get(key, 0) | both
        for key in sorted(added, key=_literals):
            left = _uncovered(boxes, key, added[key])
            if left:
                boxes[key] = boxes.get(key, 0) | left

    def _outside(self, true: int, false: int, statement: StatementBox) -> Iterator[tuple[int, int]]:
        """Yield what remains of a box outside a statement: one of its literals does not hold."""
        is_empty = self.space.is_empty
        for atom in statement.atoms:
            bit = atom.bit
            if (true if atom.holds else false) & bit:
                continue
            key = (true, false | bit) if atom.holds else (true | bit, false)
            if not is_empty(atom.dimension, *key):
                yield key

    def local(self, kept: PolicyLevel | None, other: PolicyLevel) -> Region:
        """Return what `kept` allows and `other` does not; `kept` None allows everything."""
        if kept is other:
            return EMPTY
        key = (kept, other)
        found = self._local.get(key)
        if found is None:
            found = self._local[key] = self._local_region(kept, other)
        return found

    def _local_region(self, kept: PolicyLevel | None, other: PolicyLevel) -> Region:
        boxes = self._not_allowed(kept, other)
        region = Region(tuple(merged(boxes))) if boxes else EMPTY
        return region if kept is None else self.restrict(region, kept)

    def change(self, kept: PolicyLevel | None, other: PolicyLevel) -> tuple[RequestBox, ...]:
        """Return what the statements that differ say: what `other` does not allow by its own.

        Unlike `local` it takes no notice of what both levels deny, nor of what `kept` does not
        allow.
        """
        key = (kept, other)
        found = self._changes.get(key)
        if found is None:
            left = as_mapping(self._not_allowed(kept, other))
            own = () if kept is None else kept.denies
            for part in self._parts(s for s in own if s not in other.statements):
                self.subtract(left, part)
            found = self._changes[key] = as_boxes(left)
        return found

    def _not_allowed(self, kept: PolicyLevel | None, other: PolicyLevel) -> list[RequestBox]:
        """Return what `other` newly denies, and what `kept` allows by itself and `other` does not.

        Each request that `kept` allows and `other` does not lies in it.
        """
        known = kept.statements if kept is not None else frozenset()
        boxes: list[RequestBox] = [
            (part.groups, part.box.true, part.box.false)
            for part in self._parts(s for s in other.denies if s not in known)
        ]
        lost: list[RequestBox]
        if self.denies_only:
            lost = []
        elif kept is None:
            lost = [(self.all_groups, 0, 0)]
        else:
            lost = [
                (part.groups, part.box.true, part.box.false)
                for part in self._parts(s for s in kept.allows if s not in other.statements)
            ]
        rest = as_mapping(lost)
        for part in self._parts(other.allows):
            self.subtract(rest, part)
        # A statement by itself may be empty: a list of no possible value.
        return [box for box in (*boxes, *as_boxes(rest)) if self.space.is_possible(box[1], box[2])]

    def refused_by_one(self, region: Region, levels: Iterable[PolicyLevel]) -> Region:
        """Return what at least one of some levels does not allow of a region."""
        found: Boxes = {}
        cut = region.cut
        for level in levels if region else ():
            for groups, true, false in self._refused(region, level):
                left = _uncovered(found, (true, false), groups)
                if left and (true, false) not in found and len(found) >= self._most_boxes:
                    cut |= left
                elif left:
                    found[true, false] = found.get((true, false), 0) | left
        return Region(as_boxes(found), cut) if found or cut else EMPTY

    def _refused(self, region: Region, level: PolicyLevel) -> Iterator[RequestBox]:
        allows, denies = self.level_parts(level)
        for box in region.boxes:
            for part in denies:
                narrowed = self.intersect(box, part)
                if narrowed is not None:
                    yield narrowed
        if allows is not None:
            rest = as_mapping(region.boxes)
            for part in allows:
                self.subtract(rest, part)
            yield from as_boxes(rest)

    def restrict_all(self, region: Region, levels: Iterable[PolicyLevel]) -> Region:
        """Return what all levels of a chain allow of a region."""
        for level in levels:
            region = self.restrict(region, level)
        return region


def union(first: Region, second: Region) -> Region:
    """Return the requests of either region."""
    if not second:
        return first
    if not first:
        return second
    return Region(tuple(merged((*first.boxes, *second.boxes))), first.cut | second.cut)


def merged(boxes: Sequence[RequestBox]) -> Sequence[RequestBox]:
    """Return the same boxes with those that differ in their actions alone made one."""
    return boxes if len(boxes) < 2 else as_boxes(as_mapping(boxes))


def without_repeats(boxes: Iterable[RequestBox]) -> list[RequestBox]:
    """Leave out of each box the actions for which a wider box is there, too; widest first."""
    widest = sorted(boxes, key=lambda box: (box[1] | box[2]).bit_count())
    kept: list[RequestBox] = []
    for groups, true, false in widest:
        rest = groups
        for other, other_true, other_false in kept:
            if other & rest and not other_true & ~true and not other_false & ~false:
                rest &= ~other
        if rest:
            kept.append((rest, true, false))
    return kept


def as_mapping(boxes: Iterable[RequestBox]) -> Boxes:
    """Return the action groups of boxes by their literals."""
    found: Boxes = {}
    for groups, true, false in boxes:
        key = (true, false)
        found[key] = found.get(key, 0) | groups
    return found


def as_boxes(boxes: Boxes) -> tuple[RequestBox, ...]:
    """Return boxes that are given by their literals."""
    return tuple((groups, true, false) for (true, false), groups in boxes.items())


def _literals(key: tuple[int, int]) -> int:
    return (key[0] | key[1]).bit_count()


def _uncovered(boxes: Boxes, key: tuple[int, int], groups: int) -> int:
    """Return the action groups for which no box with fewer literals holds all of a new one."""
    true, false = key
    for (wide_true, wide_false), covered in boxes.items():
        if wide_true | true == true and wide_false | false == false:
            groups &= ~covered
            if not groups:
                break
    return groups
