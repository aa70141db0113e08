"""The order of the calls of a plan: waves of calls, between which AWS's propagation is waited for.

Attaching before detaching decides nothing otherwise than before or after where all policies
concerned only deny: what both sides allow no policy of either denies, and what both sides deny is
denied by the policies of the one until those of the other stand everywhere. Where allows are
concerned, denies are attached before allows and allows are detached before denies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from governance.changes.planning.base import ChangeDelta, PlannedCall
from governance.changes.planning.steps import AwsCall
from policies import Effect, PolicyDocument

ATTACH, DETACH = AwsCall.ATTACH_POLICY, AwsCall.DETACH_POLICY
MOVE, UPDATE = AwsCall.MOVE_ACCOUNT, AwsCall.UPDATE_POLICY


def allows_anything(document: PolicyDocument | None) -> bool:
    """Whether a policy allows; one that cannot be read counts as one that may."""
    return document is None or any(
        statement.effect is Effect.ALLOW for statement in document.statements
    )


@dataclass(frozen=True)
class RingCalls:
    """The calls of one ring in waves: the calls of a wave need not wait for each other."""

    waves: tuple[tuple[PlannedCall, ...], ...]


@dataclass(frozen=True)
class CallOrder:
    """Puts calls in order. `documents`: by policy id, copies too, what stands when it is attached.

    `limits`: the most policies a target takes, by type.
    """

    delta: ChangeDelta
    documents: Mapping[str, PolicyDocument | None]
    _rank: dict[PlannedCall, int] = field(default_factory=dict)

    def in_waves(self, calls: Sequence[PlannedCall]) -> tuple[tuple[PlannedCall, ...], ...]:
        """Return calls in the order that is without transients wherever all policies only deny."""
        ranked: dict[int, list[PlannedCall]] = {}
        for call in calls:
            ranked.setdefault(self.rank(call), []).append(call)
        mixed = any(self._allows(call) for call in calls)
        if mixed:
            return tuple(tuple(ranked[rank]) for rank in sorted(ranked))
        merged: dict[int, list[PlannedCall]] = {}
        for rank in sorted(ranked):
            merged.setdefault(_MERGED[rank], []).extend(ranked[rank])
        return tuple(tuple(merged[rank]) for rank in sorted(merged))

    def rank(self, call: PlannedCall) -> int:
        """Return the place of a call's kind among the others."""
        match call.call:
            case AwsCall.ATTACH_POLICY:
                return 1 if self._allows(call) else 0
            case AwsCall.MOVE_ACCOUNT:
                return 3
            case AwsCall.DETACH_POLICY:
                return 4 if self._allows(call) else 5
            case _:
                return 2

    def _allows(self, call: PlannedCall) -> bool:
        if call.call is MOVE:
            return False
        return allows_anything(self.documents.get(call.subject_id))


_MERGED = {0: 0, 1: 0, 2: 2, 3: 3, 4: 4, 5: 4}


def merged_waves(
    parts: Iterable[tuple[tuple[PlannedCall, ...], ...]],
) -> tuple[tuple[PlannedCall, ...], ...]:
    """Return the waves of independent parts side by side: the first of all, the second of all."""
    found: list[list[PlannedCall]] = []
    for waves in parts:
        for place, wave in enumerate(waves):
            if place == len(found):
                found.append([])
            found[place] += wave
    return tuple(tuple(wave) for wave in found)
