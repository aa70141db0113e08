"""A change request's plan, and the states that its calls pass through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from governance.changes.evidence.collected import CollectedState
from governance.changes.planning.steps import AwsCall, ChangePlan, PlanRing, Step
from governance.edits.draft import DraftedOrganization, draft
from governance.edits.operations import Operation, OperationKind
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
    def ceiling_maker(self) -> CeilingMaker:
        """Makes ceilings over the catalogue with nothing assumed."""
        return CeilingMaker(load_catalogue())

    @cached_property
    def ceilings(self) -> Mapping[PolicyType, Mapping[str, Ceiling]]:
        """What policies of each type leave every target in the end, nothing assumed."""
        return {
            kind: self.ceiling_maker.ceilings(control.tree)
            for kind, control in self.final.after.items()
        }


_CALLS: Final[Mapping[OperationKind, AwsCall]] = {
    OperationKind.UPDATE_POLICY: AwsCall.UPDATE_POLICY,
    OperationKind.CREATE_POLICY: AwsCall.CREATE_POLICY,
    OperationKind.DELETE_POLICY: AwsCall.DELETE_POLICY,
    OperationKind.ATTACH_POLICY: AwsCall.ATTACH_POLICY,
    OperationKind.DETACH_POLICY: AwsCall.DETACH_POLICY,
    OperationKind.MOVE_ACCOUNT: AwsCall.MOVE_ACCOUNT,
}
_PARAMETERS: Final = {
    "policy_id": "PolicyId",
    "target_id": "TargetId",
    "text": "Content",
    "name": "Name",
    "policy_type": "Type",
}


def planned_change(
    state: CollectedState,
    operations: Sequence[Operation],
    rings: Sequence[Mapping[str, Any]],
    *,
    policy_ids: str,
    today: date,
) -> PlannedChange:
    """Plan operations: one call each, in their order."""
    found = tuple(
        PlanRing(
            number, ring["name"], tuple(ring["targets"]), ring["soak_minutes"], str(ring["gate"])
        )
        for number, ring in enumerate(rings, 1)
    )
    steps = tuple(
        Step(number, 1, _CALLS[operation.kind], _parameters(operation))
        for number, operation in enumerate(operations, 1)
        if operation.kind in _CALLS
    )
    states = tuple(
        draft(state.organization, operations[:count]) for count in range(len(operations) + 1)
    )
    return PlannedChange(ChangePlan(found, steps), states, states[-1])


def _parameters(operation: Operation) -> dict[str, str]:
    members = {name: found for name, found in operation.as_json().items() if name != "kind"}
    return {_PARAMETERS.get(name, name): str(found) for name, found in members.items()}
