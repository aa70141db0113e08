"""The calls of each ring, not yet in the order in which they are made."""

from collections.abc import Iterator, Mapping

from governance.changes.planning.base import ChangeDelta, PlannedCall, moves_of
from governance.changes.planning.ordering import ATTACH, DETACH, UPDATE
from governance.changes.planning.rings import RingPlaces
from governance.changes.planning.staging import StagedPolicy, Staging


def ring_calls(
    delta: ChangeDelta,
    places: RingPlaces,
    staged: Mapping[str, StagedPolicy],
    copies: Mapping[str, str],
) -> dict[int, list[PlannedCall]]:
    """Return the calls of each ring by its number, in the order of the ring's targets.

    `copies`: policy id → the copy that brings its new text.
    """
    calls = [
        *_attachments(delta, places, copies),
        *_staged(delta, places, staged, copies),
        *((places.ring_of_move(move.subject_id, move.place_id), move) for move in moves_of(delta)),
    ]
    ordered = places.in_ring_order({call.target_id for _, call in calls})
    order = {target_id: place for place, target_id in enumerate(ordered)}
    found: dict[int, list[PlannedCall]] = {}
    for ring, call in sorted(calls, key=lambda one: order[one[1].target_id]):
        found.setdefault(ring, []).append(call)
    return found


def _attachments(
    delta: ChangeDelta, places: RingPlaces, copies: Mapping[str, str]
) -> Iterator[tuple[int, PlannedCall]]:
    new = delta.drafted.units.new
    for policy_id, target_id in delta.attached:
        if target_id not in new:
            bringer = copies.get(policy_id, policy_id)
            yield places.ring_of(target_id), PlannedCall(ATTACH, bringer, target_id)
    for policy_id, target_id in delta.detached:
        if target_id not in new:
            yield places.ring_of(target_id), PlannedCall(DETACH, policy_id, target_id)


def _staged(
    delta: ChangeDelta,
    places: RingPlaces,
    staged: Mapping[str, StagedPolicy],
    copies: Mapping[str, str],
) -> Iterator[tuple[int, PlannedCall]]:
    for policy_id, copy_id in copies.items():
        stays = set(delta.targets_after(policy_id))
        for target_id in delta.targets_before(policy_id):
            if target_id in stays:
                ring = places.ring_of(target_id)
                yield ring, PlannedCall(ATTACH, copy_id, target_id)
                yield ring, PlannedCall(DETACH, policy_id, target_id)
        for ring, target_id in staged[policy_id].trials:
            yield ring, PlannedCall(ATTACH, copy_id, target_id)
    for policy_id, one in staged.items():
        if one.staging is Staging.DIRECT:
            rings = [places.ring_of(target_id) for target_id in delta.targets_before(policy_id)]
            yield max(rings), PlannedCall(UPDATE, policy_id)
