"""How a policy's new text reaches its targets ring by ring, and why it cannot where it cannot.

UpdatePolicy hits all targets at once. So a copy gets the new text and takes the policy's place at
one target after the other.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from governance.changes.planning.base import ChangeDelta
from governance.changes.planning.moving_down import offered_move
from governance.changes.planning.proofs import PolicyProofs
from governance.changes.planning.rings import RingPlaces
from governance.changes.planning.steps import PlanNotice
from governance.posture.state.organization import CONTROL_TYPES
from policies import PolicyType, policy_limits

SHOWN_TARGETS = 3


class Staging(StrEnum):
    """How a new text is brought out.

    BEFORE: at once, while the policy is attached nowhere. COPY: by a copy, ring by ring. DIRECT: by
    one call, for all targets at once.
    """

    BEFORE = "before"
    COPY = "copy"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class StagedPolicy:
    """What is decided for one policy. `trials`: (ring, target) that get the copy beside the policy
    attached above them. `notices`: what people should know of it.
    """

    policy_id: str
    staging: Staging
    trials: tuple[tuple[int, str], ...] = ()
    notices: tuple[PlanNotice, ...] = ()


@dataclass(frozen=True)
class StagingChoice:
    """Chooses for each policy with a new text how it is brought out.

    `put_back`: in the end the policies come back beside their copies, which takes a slot again.
    """

    delta: ChangeDelta
    places: RingPlaces
    proofs: PolicyProofs
    today: date
    put_back: bool = True
    _copied: set[tuple[PolicyType, str]] = field(default_factory=set)
    _tried: Counter[tuple[PolicyType, str]] = field(default_factory=Counter)

    def of_policy(self, policy_id: str) -> StagedPolicy:
        """Return how a policy's new text is brought out; slots given to a copy stay given."""
        found = self._chosen(policy_id)
        if found.staging is Staging.COPY:
            kind = self.delta.after[policy_id][0]
            self._copied.update((kind, target_id) for target_id in self._beside_copy(policy_id))
            self._tried.update((kind, target_id) for _, target_id in found.trials)
        return found

    def _chosen(self, policy_id: str) -> StagedPolicy:
        delta = self.delta
        kind, policy = delta.after[policy_id]
        targets = delta.targets_before(policy_id)
        if not targets or kind in delta.disabled:
            return StagedPolicy(policy_id, Staging.BEFORE)
        stays = [one for one in targets if one in set(delta.targets_after(policy_id))]
        if not stays:
            return StagedPolicy(policy_id, Staging.DIRECT)
        trials, above = self._trials(policy_id, stays)
        # Where it is attached newly, too: there its copy comes in that target's ring.
        held = (*targets, *delta.targets_after(policy_id))
        rings = {self.places.ring_of(target_id) for target_id in held}
        if len(rings) == 1 and not trials:
            return self._direct(policy_id, stays, above)
        if self.proofs.are_equal(policy_id, stays):
            return self._direct(
                policy_id,
                stays,
                [
                    PlanNotice(
                        "proven_equal",
                        f"The new text of {policy.name} is proven to decide every request as the "
                        "old one does: it is changed by one UpdatePolicy, without rings.",
                    )
                ],
            )
        full = self._full(kind, self._beside_copy(policy_id), [one for _, one in trials])
        if full:
            names = ", ".join(delta.name_of(one) for one in full[:SHOWN_TARGETS])
            return self._direct(
                policy_id,
                stays,
                [
                    PlanNotice(
                        "no_free_slot",
                        f"{names} {'have' if len(full) > 1 else 'has'} no free slot for a copy of "
                        f"{policy.name}: it is changed by one UpdatePolicy for all targets at "
                        "once, without rings.",
                        tuple(full),
                    )
                ],
            )
        merging = self.proofs.merge_otherwise(policy_id, stays)
        if merging:
            names = ", ".join(delta.name_of(one) for one in merging[:SHOWN_TARGETS])
            return self._direct(
                policy_id,
                stays,
                [
                    PlanNotice(
                        "would_merge",
                        f"Beside a copy with the new text, {policy.name} would merge at {names} "
                        "into settings that neither has alone: it is changed by one UpdatePolicy "
                        "for all targets at once, without rings.",
                        tuple(merging),
                    )
                ],
            )
        return StagedPolicy(policy_id, Staging.COPY, tuple(trials), tuple(above))

    def _direct(
        self, policy_id: str, stays: Sequence[str], notices: Sequence[PlanNotice]
    ) -> StagedPolicy:
        if not notices:
            policy = self.delta.after[policy_id][1]
            count = len(self.delta.targets_before(policy_id))
            places = self.delta.name_of(stays[0]) if count == 1 else f"{count:,} targets"
            notices = [
                PlanNotice(
                    "direct_update",
                    f"{policy.name} is changed by one UpdatePolicy, at {places} at once: one ring "
                    "holds everything it is attached to.",
                    tuple(self.delta.targets_before(policy_id)),
                )
            ]
        return StagedPolicy(policy_id, Staging.DIRECT, notices=tuple(notices))

    def _beside_copy(self, policy_id: str) -> list[str]:
        """Return the targets at which a policy and its copy stand side by side for a while."""
        after = self.delta.targets_after(policy_id)
        before = set(self.delta.targets_before(policy_id))
        return [one for one in after if self.put_back or one in before]

    def _full(self, kind: PolicyType, copied: Sequence[str], tried: Sequence[str]) -> list[str]:
        """Return the targets without slots for a copy there, one beside it and all trials.

        Copies take the policies' places one after the other, so that they share one slot; a trial
        holds its own until the last ring is done.
        """
        most = policy_limits(kind, on=self.today).attached_per_target
        if most is None:
            return []
        before = self.delta.drafted.attached_before(kind)
        after = self.delta.drafted.policies.attached.get(kind, {})
        beside = {*copied, *(one for kind_, one in self._copied if kind_ is kind)}
        found = []
        for one in dict.fromkeys((*copied, *tried)):
            held = max(len(before.get(one, ())), len(after.get(one, ())))
            taken = self._tried[kind, one] + tried.count(one) + (one in beside)
            if held + taken > most:
                found.append(one)
        return found

    def _trials(
        self, policy_id: str, targets: Sequence[str]
    ) -> tuple[list[tuple[int, str]], list[PlanNotice]]:
        """Return where the copy is tried below the policy, and what cannot be tried."""
        # Once each: a target may lie below two places that the policy is attached to.
        tried: dict[tuple[int, str], None] = {}
        notices: list[PlanNotice] = []
        for above_id, below in self._below(policy_id, targets):
            refused: list[tuple[int, str]] = []
            for ring, target_id in below:
                if self.proofs.tightens_below(policy_id, target_id):
                    tried[ring, target_id] = None
                else:
                    refused.append((ring, target_id))
            if refused:
                notices.append(self._above_notice(policy_id, above_id, refused))
        return list(tried), notices

    def _below(
        self, policy_id: str, targets: Sequence[str]
    ) -> Iterator[tuple[str, list[tuple[int, str]]]]:
        """Yield each target with (ring, target) of those that earlier rings name below it.

        Not those that the policy itself comes to: the copy brings it there.
        """
        own = {*targets, *self.delta.targets_after(policy_id)}
        for target_id in targets:
            rings = self.places.below(target_id, self.places.ring_of(target_id))
            found = [(ring, named) for ring, named in rings if named not in own]
            if found:
                yield target_id, found

    def _above_notice(
        self, policy_id: str, above_id: str, below: Sequence[tuple[int, str]]
    ) -> PlanNotice:
        name, above = self.delta.after[policy_id][1].name, self.delta.name_of(above_id)
        rings = ", ".join(dict.fromkeys(self.places.rings[ring - 1].name for ring, _ in below))
        offer = offered_move(self.delta, self.places, self.proofs, policy_id, above_id, self.today)
        kept, new = "access", "what it newly allows"
        if self.delta.after[policy_id][0] not in CONTROL_TYPES:
            kept, new = "effective policies", "what it newly sets"
        if offer is None:
            instead = (
                "Moving its attachment to the OUs and accounts below is not proven to leave their "
                f"{kept} unchanged, or AWS or this request has no room for it."
            )
        else:
            places = ", ".join(map(self.delta.name_of, offer.to_ids[:SHOWN_TARGETS]))
            more = len(offer.to_ids) - SHOWN_TARGETS
            tail = f" and {more:,} more" if more > 0 else ""
            instead = (
                f"Its attachment can move from {above} to {places}{tail}, which is proven to "
                f"leave all {kept} unchanged; then each ring changes by itself."
            )
        return PlanNotice(
            "attached_above",
            f"{name} is attached to {above}, above the targets of {rings}, and {new} cannot be "
            f"tried below it: those targets change when {above} does. {instead}",
            tuple(target_id for _, target_id in below),
            () if offer is None else offer.operations_json(),
        )
