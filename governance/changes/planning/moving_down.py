"""Moves a policy's attachment from an OU to what lies below it, so that rings can part there.

What a policy newly allows cannot be tried below the place that it is attached to: its old text
still denies there. Once its old text is attached to the OUs and accounts below instead, each of
them is changed in its own ring.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from governance.changes.planning.base import ChangeDelta, PlanBase, delta_of
from governance.changes.planning.proofs import PolicyProofs
from governance.changes.planning.rings import RingPlaces
from governance.edits.draft import draft
from governance.edits.operations import MOST_OPERATIONS, JsonObject, Operation, OperationKind
from governance.posture.state.organization import CONTROL_TYPES
from policies import policy_limits

_ATTACH, _DETACH = OperationKind.ATTACH_POLICY, OperationKind.DETACH_POLICY


@dataclass(frozen=True, slots=True)
class MovedAttachment:
    """A policy that leaves `from_id` for `to_ids`, all that lies below it, in the tree's order."""

    policy_id: str
    from_id: str
    to_ids: tuple[str, ...]

    def operations(self) -> tuple[Operation, ...]:
        """Return what does it, attachments first."""
        return (
            *(
                Operation(_ATTACH, policy_id=self.policy_id, target_id=target_id)
                for target_id in self.to_ids
            ),
            Operation(_DETACH, policy_id=self.policy_id, target_id=self.from_id),
        )

    def operations_json(self) -> tuple[JsonObject, ...]:
        """Return the operations as a change request holds them."""
        return tuple(one.as_json() for one in self.operations())


def attachments_moved_down(delta: ChangeDelta, today: date) -> tuple[MovedAttachment, ...]:
    """Return the attachments that a request moves down beside giving their policies a new text.

    Only those that are proven to change nothing while the policies have their old texts. Where
    accounts or OUs move as well, none.
    """
    if delta.drafted.parents or delta.drafted.units:
        return ()
    proofs = PolicyProofs(delta)
    gained = set(delta.attached)
    found = []
    for policy_id in delta.updated:
        after = set(delta.targets_after(policy_id))
        for from_id in delta.targets_before(policy_id):
            covering = None if from_id in after else _covering(delta, from_id, after)
            if not covering:
                continue
            new = tuple(one for one in covering if (policy_id, one) in gained)
            moved = MovedAttachment(policy_id, from_id, new)
            if new and _is_harmless(delta, proofs, moved, today, slots=1):
                found.append(moved)
    return tuple(found)


def offered_move(
    delta: ChangeDelta,
    places: RingPlaces,
    proofs: PolicyProofs,
    policy_id: str,
    from_id: str,
    today: date,
) -> MovedAttachment | None:
    """Return how a policy with a new text can leave a target for what lies below, ring by ring.

    None: AWS does not let it, a request cannot hold it, or it is not proven to change nothing.
    """
    held = set(delta.targets_after(policy_id))
    if delta.drafted.parents or delta.drafted.units:
        return None
    to_ids = tuple(one for one in _parted(delta, places, from_id) if one not in held)
    moved = MovedAttachment(policy_id, from_id, to_ids)
    if not to_ids or len(delta.operations) + len(to_ids) + 1 > MOST_OPERATIONS:
        return None
    # A second slot for the copy that brings the new text.
    return moved if _is_harmless(delta, proofs, moved, today, slots=2) else None


def moved_base(base: PlanBase, moved: Sequence[MovedAttachment]) -> PlanBase:
    """Return the state in which the attachments are moved already."""
    operations = [each for one in moved for each in one.operations()]
    drafted = draft(base.organization, operations, collected=base.collected)
    organization = drafted.as_organization()
    marks = tuple((one.policy_id, one.from_id, one.to_ids) for one in moved)
    held = drafted.policies.attached.items()
    return PlanBase(
        replace(organization, key=(*organization.key, marks)),
        replace(
            base.collected, attached={kind: by for kind, by in held if kind not in CONTROL_TYPES}
        ),
    )


def delta_once_moved(delta: ChangeDelta, moved: Sequence[MovedAttachment]) -> ChangeDelta:
    """Return what is left to do of a request once its attachments are moved."""
    done = {each for one in moved for each in one.operations()}
    left = [one for one in delta.operations if one not in done]
    return delta_of(moved_base(delta.base, moved), left)


def _covering(delta: ChangeDelta, target_id: str, held: set[str]) -> list[str] | None:
    """Return those of `held` below a target that hold all of it between them, None: not all."""
    found: list[str] = []
    for child in delta.base.organization.children.get(target_id, ()):
        if child in held:
            found.append(child)
            continue
        below = _covering(delta, child, held)
        if below is None:
            return None
        found += below
    return found or None


def _parted(delta: ChangeDelta, places: RingPlaces, target_id: str) -> Iterator[str]:
    """Yield the highest targets below one that lie in one ring each."""
    for child in delta.base.organization.children.get(target_id, ()):
        if places.below(child, places.ring_of(child)):
            yield from _parted(delta, places, child)
        else:
            yield child


def _is_harmless(
    delta: ChangeDelta, proofs: PolicyProofs, moved: MovedAttachment, today: date, *, slots: int
) -> bool:
    kind, policy = delta.before[moved.policy_id]
    attached = delta.drafted.attached_before(kind)
    most = policy_limits(kind, on=today).attached_per_target
    # AWS lets no target be without an SCP.
    if kind in CONTROL_TYPES and len(attached.get(moved.from_id, ())) < 2:
        return False
    if most is not None and any(len(attached.get(one, ())) + slots > most for one in moved.to_ids):
        return False
    return proofs.moves_unchanged(policy, kind, moved.from_id, moved.to_ids)
