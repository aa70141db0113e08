"""Searches an order of a few calls whose states the engine finds harmless."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import chain, combinations, count
from typing import Final

from governance.changes.planning.base import PlannedCall
from governance.changes.planning.decided_states import DecidedStates
from governance.changes.planning.steps import AwsCall

MOST_SEARCHED: Final = 7
"""How many calls that act on each other are put in order by search."""
_POSTPONED: Final = 0.01

Waves = tuple[tuple[PlannedCall, ...], ...]
RingWaves = dict[int, Waves]
_Done = frozenset[PlannedCall]


@dataclass
class OrderSearch:
    """Looks for the least harmful order of a few calls, ring after ring.

    A detachment may wait for a later ring where its own would do harm. `rank`: in which order
    calls are tried. `kept`: the targets that they act on.
    """

    calls: Sequence[PlannedCall]
    rings: Mapping[PlannedCall, int]
    kept: Sequence[str]
    states: DecidedStates
    rank: Callable[[PlannedCall], int]
    _costs: dict[_Done, float] = field(default_factory=dict)

    def cost(self, done: _Done) -> float:
        """Return how harmful the state is in which these calls are done; infinite: impossible."""
        known = self._costs.get(done)
        if known is None:
            states = self.states
            if not states.is_possible(done):
                known = float("inf")
            elif not done or len(done) == len(self.calls):
                known = 0.0
            else:
                ordered = [call for call in self.calls if call in done]
                known = states.cost(ordered, self.calls, self.kept)
            self._costs[done] = known
        return known

    def best(self) -> tuple[float, list[tuple[int, PlannedCall]]] | None:
        """Return (cost, way) of the least harmful order, None where AWS allows no order."""
        stages = sorted({self.rings[call] for call in self.calls})
        ticket = count()
        start: _Done = frozenset()
        heap: list[tuple[float, int, int, int, _Done, list[tuple[int, PlannedCall]]]] = [
            (0.0, 0, next(ticket), 0, start, [])
        ]
        seen: set[tuple[int, _Done]] = set()
        while heap:
            cost, _, _, stage, done, way = heappop(heap)
            if (stage, done) in seen:
                continue
            seen.add((stage, done))
            if len(done) == len(self.calls):
                return cost, way
            ring = stages[stage]
            ready = [
                call
                for call in self.calls
                if call not in done
                and (
                    self.rings[call] == ring
                    or (self.rings[call] < ring and call.call is AwsCall.DETACH_POLICY)
                )
            ]
            for call in sorted(ready, key=self.rank):
                after = done | {call}
                more = self.cost(after)
                if more != float("inf"):
                    entry = (cost + more, -len(after), next(ticket), stage, after)
                    heappush(heap, (*entry, [*way, (ring, call)]))
            if stage + 1 < len(stages) and all(
                call.call is AwsCall.DETACH_POLICY for call in ready
            ):
                late = cost + _POSTPONED * len(ready)
                heappush(heap, (late, -len(done), next(ticket), stage + 1, done, way))
        return None

    def in_waves(self, way: Sequence[tuple[int, PlannedCall]]) -> RingWaves:
        """Return an order in waves: the calls of one may take effect in any order."""
        found: dict[int, list[list[PlannedCall]]] = {}
        before: _Done = frozenset()
        passed: set[_Done] = {before}
        for ring, call in way:
            waves = found.setdefault(ring, [])
            if not waves or not self._may_join(before, waves[-1], call, passed):
                before = frozenset(one for _, one in way[: way.index((ring, call))])
                waves.append([])
            waves[-1].append(call)
            passed.add(frozenset((*before, *waves[-1])))
        return {ring: tuple(map(tuple, waves)) for ring, waves in found.items()}

    def _may_join(
        self, before: _Done, wave: Sequence[PlannedCall], call: PlannedCall, passed: set[_Done]
    ) -> bool:
        wider = (*wave, call)
        some = chain.from_iterable(combinations(wider, size) for size in range(1, len(wider) + 1))
        return all(
            before | set(subset) in passed or self.cost(before | set(subset)) == 0
            for subset in some
        )
