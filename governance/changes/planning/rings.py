"""Which ring each target belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.changes.planning.base import ChangeDelta
from governance.changes.planning.steps import PlanRing

ALL_TARGETS = "All targets"


def plan_rings(rings: Sequence[Mapping[str, Any]]) -> tuple[PlanRing, ...]:
    """Read rings as a change request holds them: `name`, `targets`, `soak_minutes`, `gate`."""
    return tuple(
        PlanRing(
            number,
            str(ring["name"]),
            tuple(ring["targets"]),
            int(ring["soak_minutes"]),
            str(ring["gate"]),
        )
        for number, ring in enumerate(rings, 1)
    )


@dataclass(frozen=True)
class RingPlaces:
    """Says of targets in which ring they are changed.

    A target is in the ring that names it, or that names the nearest target above it. Others come
    last: their permissions reach into several rings, or no ring names them.
    """

    delta: ChangeDelta
    rings: tuple[PlanRing, ...]
    _named: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for ring in self.rings:
            for target_id in ring.targets:
                self._named.setdefault(target_id, ring.number)

    @property
    def last(self) -> int:
        """The number of the last ring."""
        return len(self.rings)

    def ring_of(self, target_id: str) -> int:
        """Return the number of a target's ring."""
        for step in self.path_up(target_id):
            if step in self._named:
                return self._named[step]
        return self.last

    def ring_of_move(self, account_id: str, parent_id: str) -> int:
        """Return the ring of an account's move: its own, or the one of the OU it goes to."""
        for step in (*self.path_up(account_id), *self.path_up(parent_id)):
            if step in self._named:
                return self._named[step]
        return self.last

    def below(self, target_id: str, before_ring: int) -> list[tuple[int, str]]:
        """Return (ring, target) of those that earlier rings name below a target."""
        return [
            (ring.number, named)
            for ring in self.rings
            if ring.number < before_ring
            for named in ring.targets
            if named != target_id and target_id in self.path_up(named)
        ]

    def path_up(self, target_id: str) -> list[str]:
        """Return a target and all above it in the collected state, or where it is made."""
        names = self.delta.drafted.shown.names
        path = []
        step: str | None = target_id
        while step is not None and step in names:
            path.append(step)
            step = names[step].parent_id
        return path

    def in_ring_order(self, target_ids: Iterable[str]) -> list[str]:
        """Return targets by ring, within one as it names them, then as the tree has them."""
        named = {one: place for ring in self.rings for place, one in enumerate(ring.targets)}
        tree = self.delta.base.organization.order

        def place(target_id: str) -> tuple[int, int, int, str]:
            last = len(named)
            known = tree.get(target_id, len(tree))
            return self.ring_of(target_id), named.get(target_id, last), known, target_id

        return sorted(target_ids, key=place)
