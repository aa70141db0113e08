"""A change request's plan, and the states that its calls pass through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from governance.changes.evidence.collected import EVERYTHING, CollectedState
from governance.changes.planning import PlanBase, delta_of, plan_of, states_of
from governance.changes.planning.base import named_in
from governance.changes.planning.steps import ChangePlan
from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation
from governance.edits.read_policies import all_policies
from policies import PolicyType, load_catalogue
from policies.ceiling import Ceiling, CeilingMaker


@dataclass(frozen=True)
class PlannedChange:
    """A plan with its states. `states[n]` is what stands after step `n`; the first is what is.

    `final`: what the operations make, however they are done.
    """

    plan: ChangePlan
    states: tuple[DraftedOrganization, ...]
    final: DraftedOrganization

    @cached_property
    def ceiling_makers(self) -> Mapping[PolicyType, CeilingMaker]:
        """What makes ceilings over the catalogue with nothing assumed, by type of policy."""
        return {kind: CeilingMaker(load_catalogue(), policy_type=kind) for kind in self.final.after}

    @cached_property
    def ceilings(self) -> Mapping[PolicyType, Mapping[str, Ceiling]]:
        """What policies of each type leave every target in the end, nothing assumed."""
        return {
            kind: self.ceiling_makers[kind].ceilings(control.tree)
            for kind, control in self.final.after.items()
        }


def ends_differently(planned: PlannedChange) -> tuple[str, ...]:
    """Return the targets at which a plan ends with other policies than the operations ask for.

    Only a faulty plan has any. Copies that are kept stand for their originals by their texts.
    """
    last, found = planned.states[-1], set[str]()
    for kind, asked in planned.final.after.items():
        ends = last.after[kind].tree.by_id
        for target_id in {*planned.final.changed[kind], *last.changed[kind]}:
            target, end = asked.tree.by_id.get(target_id), ends.get(target_id)
            if (
                target is None
                or end is None
                or target.level is not end.level
                or target.parent_id != end.parent_id
            ):
                found.add(target_id)
    return tuple(sorted(found))


def planned_change(
    state: CollectedState,
    operations: Sequence[Operation],
    rings: Sequence[Mapping[str, Any]],
    *,
    policy_ids: str,
    number: int,
    today: date,
) -> PlannedChange:
    """Plan operations and compile the state after each step. `number`: the change request's."""
    base = plan_base(state, operations)
    plan = plan_of(base, operations, rings, policy_ids=policy_ids, number=number, today=today)
    return PlannedChange(plan, states_of(plan, base), delta_of(base, operations).drafted)


def plan_base(state: CollectedState, operations: Sequence[Operation]) -> PlanBase:
    """Return what a plan begins with: the collected state with the policies that are named."""
    collected = all_policies(
        EVERYTHING,
        connection=state.connection,
        management=state.management,
        policy_ids=named_in(operations),
        as_of=state.as_of,
    )
    details = {
        policy_id: replace(one, text=state.live_texts.get(policy_id, one.text))
        for policy_id, one in collected.details.items()
    }
    return PlanBase(state.organization, replace(collected, details=details))
