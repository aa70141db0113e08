"""Operations and rings → a plan: single AWS calls in order.

Source of the calls and their members: Organizations API reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from governance.changes.planning.base import (
    ChangeDelta,
    PlanBase,
    PlannedCall,
    delta_of,
    units_parents_first,
)
from governance.changes.planning.decided_states import DecidedStates
from governance.changes.planning.final_steps import FinalSteps
from governance.changes.planning.made_steps import MadeSteps
from governance.changes.planning.moving_down import (
    MovedAttachment,
    attachments_moved_down,
    delta_once_moved,
)
from governance.changes.planning.offered_unit_moves import unit_move_notices
from governance.changes.planning.ordering import ATTACH, DETACH, MOVE, UPDATE, CallOrder
from governance.changes.planning.plan_notices import (
    merging_notice,
    order_notices,
    suspended_notices,
)
from governance.changes.planning.plan_table import plan_table, rollback_of
from governance.changes.planning.proofs import PolicyProofs
from governance.changes.planning.ring_calls import ring_calls
from governance.changes.planning.rings import ALL_TARGETS, RingPlaces, plan_rings
from governance.changes.planning.rollback import rollback_differs
from governance.changes.planning.staging import StagedPolicy, Staging, StagingChoice
from governance.changes.planning.steps import AwsCall, ChangePlan, PlanNotice, PlanRing
from governance.edits.operations import LONGEST_NAME, Operation
from governance.posture.state.organization import CONTROL_TYPES
from policies import PolicyDocument, PolicyType

KEEP, COPY = "keep", "copy"


def plan_of(
    base: PlanBase,
    operations: Sequence[Operation],
    rings: Sequence[Mapping[str, Any]] = (),
    *,
    policy_ids: str = KEEP,
    number: int,
    today: date,
) -> ChangePlan:
    """Return the plan that brings an organization from its collected state to what is asked.

    `rings`: as a change request holds them; none: one ring. `policy_ids`: `keep` puts a policy
    whose text was staged by a copy back in the copy's place, `copy` leaves the copy. `number`: the
    request's. `today`: the day whose limits of AWS's hold. Operations that cannot be done are left
    out; `delta_of(…).drafted.problems` says why.
    """
    delta = delta_of(base, operations)
    moved = attachments_moved_down(delta, today)
    if moved:
        delta = delta_once_moved(delta, moved)
    return _Planner(base, delta, plan_rings(rings), policy_ids, number, today, moved).plan()


@dataclass
class _Planner:
    """`begins`: the collected state. `delta`: what is to do once attachments are `moved` down."""

    begins: PlanBase
    delta: ChangeDelta
    rings: tuple[PlanRing, ...]
    policy_ids: str
    number: int
    today: date
    moved: tuple[MovedAttachment, ...] = ()
    made: MadeSteps = field(init=False)
    notices: list[PlanNotice] = field(default_factory=list)
    staged: dict[str, StagedPolicy] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = MadeSteps(self.delta, self.number)
        if not self.rings:
            self.rings = (PlanRing(1, ALL_TARGETS, (), 0, "automatic"),)
        self.places = RingPlaces(self.delta, self.rings)
        proofs = PolicyProofs(self.delta)
        for kind, target_ids in proofs.swaps_merging().items():
            self.notices.append(merging_notice(self.delta, kind, target_ids))
        back = self.policy_ids != COPY
        choice = StagingChoice(self.delta, self.places, proofs, self.today, put_back=back)
        for policy_id in self.delta.updated:
            found = self.staged[policy_id] = choice.of_policy(policy_id)
            self.notices += found.notices
            if found.staging is Staging.COPY:
                self.copies[policy_id] = f"copy-{len(self.copies) + 1}"

    def plan(self) -> ChangePlan:
        """Put all steps in order."""
        self._prepare()
        by_ring = ring_calls(self.delta, self.places, self.staged, self.copies)
        states = DecidedStates(
            self.delta, self._documents(), self._kinds(), self.copies, self.today
        )
        ordered = CallOrder(self.delta, states).of_calls(by_ring)
        for ring in self.rings:
            self.made.ring = ring.number
            self._waves(ordered.waves.get(ring.number, ()))
            if ring.soak_minutes == 0 and ring is not self.rings[-1]:
                self.made.wait()
        self.made.ring = len(self.rings) + 1
        FinalSteps(
            self.delta,
            self.made,
            self.places,
            self.staged,
            self.copies,
            puts_back=self.policy_ids != COPY,
        ).add()
        self.notices += order_notices(self.delta, ordered)
        self.notices += suspended_notices(self.delta, self.made.steps)
        self.notices += unit_move_notices(self.begins, self.delta.operations)
        rings = tuple(
            replace(ring, targets=ring.targets or self._touched(by_ring.get(ring.number, [])))
            for ring in self.rings
        )
        plan = ChangePlan(rings, tuple(self.made.steps), notices=tuple(self.notices))
        table = plan_table(self.begins, plan.steps)
        return replace(
            plan,
            rollback=rollback_of(plan.steps, table),
            notices=(*plan.notices, *rollback_differs(plan.steps, table)),
        )

    # What prepares and decides nothing.

    def _prepare(self) -> None:
        self._move_down()
        delta = self.delta
        for kind in delta.enabled:
            self.made.add(
                AwsCall.ENABLE_POLICY_TYPE,
                {"RootId": delta.base.organization.root_id, "PolicyType": kind.value},
                waits=True,
                reason="AWS enables a policy type for the whole organization at once.",
            )
        for unit_id in units_parents_first(delta):
            name = delta.drafted.units.new[unit_id]
            self.made.add(
                AwsCall.CREATE_ORGANIZATIONAL_UNIT,
                {
                    "ParentId": name.parent_id,
                    "Name": delta.drafted.units.names.get(unit_id) or name.name,
                    "Tags": self.made.tags({}),
                },
                reason="A new OU holds no accounts yet.",
                creates=unit_id,
            )
        for policy_id, staged in self.staged.items():
            if staged.staging is Staging.BEFORE:
                self.made.update(policy_id, "It is not attached yet.")
        for policy_id in delta.created:
            kind, policy = delta.after[policy_id]
            self.made.create(
                policy_id,
                policy.name,
                kind.value,
                delta.text(policy_id),
                "",
                delta.drafted.policies.tags.get(policy_id, {}),
                "A new policy has no effect until it is attached.",
            )
        for policy_id, copy_id in self.copies.items():
            kind, policy = delta.after[policy_id]
            details = delta.base.collected.details_of(policy_id)
            tags = delta.drafted.policies.tags.get(policy_id, details.tags)
            self.made.create(
                copy_id,
                self._copy_name(policy.name),
                kind.value,
                delta.text(policy_id),
                details.description,
                tags,
                f"A copy of {policy.name} with its new text, to be rolled out ring by ring.",
            )
        self._attach_to_new_units()

    def _move_down(self) -> None:
        for one in self.moved:
            above = self.delta.name_of(one.from_id)
            is_control = self.delta.before[one.policy_id][0] in CONTROL_TYPES
            what = "access" if is_control else "effective policy"
            why = f"It moves here from {above} with its old text: no {what} changes."
            for target_id in one.to_ids:
                self.made.call(PlannedCall(ATTACH, one.policy_id, target_id), why)
            self.made.wait()
            why = "It is attached to everything below."
            self.made.call(PlannedCall(DETACH, one.policy_id, one.from_id), why)
            self.made.wait()

    def _attach_to_new_units(self) -> None:
        new = self.delta.drafted.units.new
        here = [pair for pair in self.delta.attached if pair[1] in new]
        gone = [pair for pair in self.delta.detached if pair[1] in new]
        why = "No account is in the new OU yet."
        # An OU begins with one policy a type: where another than its own comes, that one may go.
        first: dict[tuple[PolicyType, str], tuple[str, str]] = {}
        for pair in here:
            first.setdefault((self.delta.after[pair[0]][0], pair[1]), pair)
        for policy_id, target_id in first.values():
            self.made.call(PlannedCall(ATTACH, self._bringer(policy_id), target_id), why)
        for policy_id, target_id in gone:
            self.made.call(PlannedCall(DETACH, policy_id, target_id), why)
        for policy_id, target_id in here:
            if (policy_id, target_id) not in first.values():
                self.made.call(PlannedCall(ATTACH, self._bringer(policy_id), target_id), why)
        if here or gone:
            self.made.wait()

    # The rings.

    def _waves(self, waves: Sequence[Sequence[PlannedCall]]) -> None:
        for place, wave in enumerate(waves):
            for call in wave:
                self.made.call(call, self._why(call))
            if place < len(waves) - 1:
                self.made.wait()

    # Names and words.

    def _bringer(self, policy_id: str) -> str:
        """Return what brings a policy's new text to a target in the rings."""
        return self.copies.get(policy_id, policy_id)

    def _documents(self) -> dict[str, PolicyDocument | None]:
        found = {one: policy.document for one, (_, policy) in self.delta.after.items()}
        found |= {one: policy.document for one, (_, policy) in self.delta.before.items()}
        for policy_id, staged in self.staged.items():
            if staged.staging is Staging.BEFORE:
                found[policy_id] = self.delta.after[policy_id][1].document
        for policy_id, copy_id in self.copies.items():
            found[copy_id] = self.delta.after[policy_id][1].document
        return found

    def _kinds(self) -> dict[str, PolicyType]:
        found = {one: kind for one, (kind, _) in self.delta.after.items()}
        found |= {one: kind for one, (kind, _) in self.delta.before.items()}
        return found | {copy_id: found[one] for one, copy_id in self.copies.items()}

    def _copy_name(self, name: str) -> str:
        tail = f"-change-{self.number}"
        return name[: LONGEST_NAME - len(tail)] + tail

    def _why(self, call: PlannedCall) -> str:
        if call.call is MOVE:
            return f"{self.delta.name_of(call.subject_id)} moves."
        if call.call is UPDATE:
            return "It takes effect at all of its targets at once."
        copied = {copy_id: policy_id for policy_id, copy_id in self.copies.items()}
        place = self.delta.name_of(call.place_id)
        if call.subject_id in copied:
            name = self.delta.after[copied[call.subject_id]][1].name
            return f"The new text of {name} comes to {place}."
        if call.call is DETACH and call.subject_id in self.copies:
            return f"{place} already has its new text."
        return ""

    def _touched(self, calls: Sequence[PlannedCall]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for call in calls:
            if call.call is UPDATE:
                found |= dict.fromkeys(self.delta.targets_before(call.subject_id))
            else:
                found[call.target_id] = None
        return tuple(found)
