"""The order of the calls of a plan: waves of calls, between which AWS's propagation is waited for.

Attaching before detaching decides nothing otherwise than before or after where all policies
concerned only deny and one ring holds all of it: what both sides allow no policy of either denies,
and what both sides deny is denied by the policies of the one until those of the other stand
everywhere. Everything else is searched: the calls that may act on each other are put in an order
whose states the engine finds harmless, if there is one. Where there are too many of them, denies
are attached before allows and allows are detached before denies.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Final

from governance.changes.planning.base import ChangeDelta, PlannedCall
from governance.changes.planning.decided_states import DecidedStates
from governance.changes.planning.search import MOST_SEARCHED, OrderSearch, RingWaves, Waves
from governance.changes.planning.steps import AwsCall
from governance.posture.state.organization import CONTROL_TYPES
from policies import Effect, PolicyDocument, PolicyType

ATTACH, DETACH = AwsCall.ATTACH_POLICY, AwsCall.DETACH_POLICY
MOVE, UPDATE = AwsCall.MOVE_ACCOUNT, AwsCall.UPDATE_POLICY
_MERGED: Final = {0: 0, 1: 0, 2: 2, 3: 3, 4: 4, 5: 4}


def allows_anything(document: PolicyDocument | None) -> bool:
    """Whether a policy allows; one that cannot be read counts as one that may."""
    return document is None or any(
        statement.effect is Effect.ALLOW for statement in document.statements
    )


@dataclass(frozen=True, slots=True)
class OrderedCalls:
    """Calls in waves by ring. `harmful`: targets for which no order without transients was found.

    `unproven`: targets of which the order was not searched, because too many calls act on each
    other there.
    """

    waves: Mapping[int, Waves]
    harmful: tuple[str, ...]
    unproven: tuple[str, ...]


@dataclass
class CallOrder:
    """Puts calls in order."""

    delta: ChangeDelta
    states: DecidedStates
    _harmful: dict[str, None] = field(default_factory=dict)
    _unproven: dict[str, None] = field(default_factory=dict)

    def of_calls(self, by_ring: Mapping[int, Sequence[PlannedCall]]) -> OrderedCalls:
        """Return all calls in waves; of independent parts the first waves go side by side."""
        rings = {call: ring for ring, calls in by_ring.items() for call in calls}
        parts = [self._part(part, rings) for part in self._parts(rings)]
        waves = {
            ring: _side_by_side(part.get(ring, ()) for part in parts)
            for ring in sorted({ring for part in parts for ring in part})
        }
        return OrderedCalls(waves, tuple(self._harmful), tuple(self._unproven))

    def targets_of(self, call: PlannedCall) -> tuple[str, ...]:
        """Return the targets whose permissions a call changes."""
        if call.call is UPDATE:
            # Where it is attached on the way as well: there the update decides, too.
            before = self.delta.targets_before(call.subject_id)
            return tuple(dict.fromkeys((*before, *self.delta.targets_after(call.subject_id))))
        return (call.target_id,)

    def _part(self, calls: Sequence[PlannedCall], rings: Mapping[PlannedCall, int]) -> RingWaves:
        if self._is_simple(calls, rings) or not any(map(self._decides, calls)):
            return self._by_rank(calls, rings)
        kept = list(dict.fromkeys(chain.from_iterable(map(self.targets_of, calls))))
        if len(calls) > MOST_SEARCHED:
            self._unproven |= dict.fromkeys(kept)
            return self._by_rank(calls, rings)
        search = OrderSearch(calls, rings, kept, self.states, self.rank)
        found = search.best()
        if found is None:
            self._harmful |= dict.fromkeys(kept)
            return self._by_rank(calls, rings)
        cost, way = found
        if cost >= 1:
            self._harmful |= dict.fromkeys(kept)
        return search.in_waves(way)

    def _is_simple(self, calls: Sequence[PlannedCall], rings: Mapping[PlannedCall, int]) -> bool:
        """Whether attaching everything before detaching is known to be harmless."""
        if len(calls) == 1:
            return self.states.is_possible(calls)
        only_denies = not any(call.call in (MOVE, UPDATE) or self._allows(call) for call in calls)
        attaches = [call for call in calls if call.call is ATTACH]
        return (
            only_denies
            and len({rings[call] for call in calls}) == 1
            and self.states.is_possible(attaches)
            and self.states.is_possible(calls)
        )

    def _by_rank(self, calls: Sequence[PlannedCall], rings: Mapping[PlannedCall, int]) -> RingWaves:
        mixed = any(self.rank(call) in (1, 2, 3, 4) for call in calls)
        found: dict[int, dict[int, list[PlannedCall]]] = {}
        for call in calls:
            rank = self.rank(call) if mixed else _MERGED[self.rank(call)]
            found.setdefault(rings[call], {}).setdefault(rank, []).append(call)
        ordered = {
            ring: tuple(tuple(ranked[rank]) for rank in sorted(ranked))
            for ring, ranked in found.items()
        }
        done: list[PlannedCall] = []
        for ring in sorted(ordered):
            ordered[ring] = self._within_limits(ordered[ring], done)
        return ordered

    def _within_limits(self, waves: Waves, done: list[PlannedCall]) -> Waves:
        """Return waves in which no call meets a full target if another makes room before it.

        The calls are added to `done`.
        """
        after_each = [*done]
        for wave in waves:
            after_each += wave
            if not self.states.is_possible(after_each):
                break
        else:
            done += chain.from_iterable(waves)
            return waves
        waiting = list(chain.from_iterable(waves))
        found: list[list[PlannedCall]] = []
        while waiting:
            ready: list[PlannedCall] = []
            for call in list(waiting):
                if self.states.is_possible([*done, call]) and not any(
                    one.call is not call.call for one in ready
                ):
                    ready.append(call)
                    waiting.remove(call)
                    done.append(call)
            if not ready:  # AWS refuses every order
                ready, waiting = waiting, []
                done += ready
            found.append(ready)
        return tuple(map(tuple, found))

    def rank(self, call: PlannedCall) -> int:
        """Return the place of a call's kind among the others."""
        allows = self._allows(call)
        match call.call:
            case AwsCall.ATTACH_POLICY:
                return 1 if allows else 0
            case AwsCall.MOVE_ACCOUNT:
                return 3
            case AwsCall.DETACH_POLICY:
                return 4 if allows else 5
            case _:
                return 2

    def _decides(self, call: PlannedCall) -> bool:
        """Whether a call may decide requests: management policies do not."""
        return call.call is MOVE or self.states.kinds[call.subject_id] in CONTROL_TYPES

    def _allows(self, call: PlannedCall) -> bool:
        return (
            call.call is not MOVE
            and self._decides(call)
            and allows_anything(self.states.documents.get(call.subject_id))
        )

    def _kinds(self, call: PlannedCall) -> tuple[PolicyType, ...]:
        return CONTROL_TYPES if call.call is MOVE else (self.states.kinds[call.subject_id],)

    def _parts(self, rings: Mapping[PlannedCall, int]) -> Iterator[list[PlannedCall]]:
        """Yield the calls that may act on each other: of one type, at one target or above it."""
        group: dict[PlannedCall, PlannedCall] = {call: call for call in rings}

        def head(call: PlannedCall) -> PlannedCall:
            while group[call] is not call:
                group[call] = group[group[call]]
                call = group[call]
            return call

        at: dict[tuple[PolicyType, str], PlannedCall] = {}
        for call in rings:
            for kind, target_id in product(self._kinds(call), self.targets_of(call)):
                group[head(call)] = head(at.setdefault((kind, target_id), call))
        for call in rings:
            for target_id in self.targets_of(call):
                for kind, step in product(self._kinds(call), self._above(call, target_id)):
                    if (kind, step) in at:
                        group[head(call)] = head(at[kind, step])
        found: dict[PlannedCall, list[PlannedCall]] = {}
        for call in rings:
            found.setdefault(head(call), []).append(call)
        yield from found.values()

    def _above(self, call: PlannedCall, target_id: str) -> Iterator[str]:
        names = self.delta.drafted.shown.names
        starts = [names[target_id].parent_id if target_id in names else None]
        if call.call is MOVE:
            starts.append(call.place_id)
        else:
            starts.append(self.delta.drafted.parents.get(target_id))
        for start in starts:
            step = start
            while step is not None and step in names:
                yield step
                step = names[step].parent_id


def _side_by_side(parts: Iterable[Waves]) -> Waves:
    """Return the waves of independent parts side by side: the first of all, the second of all."""
    found: list[list[PlannedCall]] = []
    for waves in parts:
        for place, wave in enumerate(waves):
            if place == len(found):
                found.append([])
            found[place] += wave
    return tuple(tuple(wave) for wave in found)
