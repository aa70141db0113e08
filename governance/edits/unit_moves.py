"""What moving an OU takes in AWS: a new OU, its policies, and MoveAccount for each account.

AWS has no call that moves an OU (Organizations user guide, "Managing organizational units").
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from governance.edits.collected_policies import NOTHING_ELSE_COLLECTED, CollectedPolicies
from governance.edits.operations import Operation, OperationKind
from governance.edits.work import AWS_POLICY_IDS
from governance.posture.state.organization import CONTROL_TYPES, CompiledOrganization


def unit_move_operations(
    organization: CompiledOrganization,
    unit_id: str,
    parent_id: str,
    *,
    collected: CollectedPolicies = NOTHING_ELSE_COLLECTED,
    taken: Collection[str] = (),
) -> tuple[Operation, ...]:
    """Return the operations that bring an OU and all it holds below another parent.

    The new OUs have other ids than the old ones, which are deleted; policies, roles and accounts
    that name the old ids must follow. `taken`: `new-…` ids that other operations use. The list may
    be longer than one change request holds: an account takes one operation.

    :raises KeyError: no such OU.
    """
    made = _UnitMove(organization, collected, set(taken))
    return (*made.built(unit_id, parent_id), *made.moved(), *made.deleted())


@dataclass
class _UnitMove:
    organization: CompiledOrganization
    collected: CollectedPolicies
    taken: set[str]
    new: dict[str, str] = field(default_factory=dict)

    def built(self, unit_id: str, parent_id: str) -> Iterator[Operation]:
        """Yield the new OU with its policies, then those below it."""
        new_id = self.new[unit_id] = self._free()
        yield Operation(
            OperationKind.CREATE_ORGANIZATIONAL_UNIT,
            target_id=new_id,
            parent_id=parent_id,
            name=self.organization.names[unit_id].name,
        )
        yield from self._policies(unit_id, new_id)
        for child in self._children(unit_id, "ORGANIZATIONAL_UNIT"):
            yield from self.built(child, new_id)

    def moved(self) -> Iterator[Operation]:
        """Yield the move of each account."""
        for unit_id, new_id in self.new.items():
            for account_id in self._children(unit_id, "ACCOUNT"):
                yield Operation(OperationKind.MOVE_ACCOUNT, target_id=account_id, parent_id=new_id)

    def deleted(self) -> Iterator[Operation]:
        """Yield the deletion of the old OUs, the deepest first."""
        for unit_id in reversed(self.new):
            yield Operation(OperationKind.DELETE_ORGANIZATIONAL_UNIT, target_id=unit_id)

    def _policies(self, unit_id: str, new_id: str) -> Iterator[Operation]:
        by_type = {kind: self.organization.control(kind).attached for kind in CONTROL_TYPES}
        on = self.collected.types_on(self.organization)
        for kind, attached in {**self.collected.attached, **by_type}.items():
            held = [policy.policy_id for policy in attached.get(unit_id, ())]
            own = AWS_POLICY_IDS.get(kind)
            for policy_id in held:
                if policy_id != own:
                    yield Operation(
                        OperationKind.ATTACH_POLICY, policy_id=policy_id, target_id=new_id
                    )
            if held and own == "p-FullAWSAccess" and own not in held and kind in on:
                yield Operation(OperationKind.DETACH_POLICY, policy_id=own, target_id=new_id)

    def _children(self, unit_id: str, kind: str) -> list[str]:
        names = self.organization.names
        return [
            one for one in self.organization.children.get(unit_id, ()) if names[one].kind == kind
        ]

    def _free(self) -> str:
        number = 1
        while f"new-{number}" in self.taken:
            number += 1
        self.taken.add(f"new-{number}")
        return f"new-{number}"
