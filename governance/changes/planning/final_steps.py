"""The steps that follow the last ring: copies give way, names and tags, what is deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.changes.planning.base import ChangeDelta, PlannedCall, units_children_first
from governance.changes.planning.made_steps import MadeSteps, tag_list
from governance.changes.planning.ordering import ATTACH, DETACH
from governance.changes.planning.rings import RingPlaces
from governance.changes.planning.staging import StagedPolicy
from governance.changes.planning.steps import AwsCall


@dataclass(frozen=True)
class FinalSteps:
    """Adds the steps that follow the last ring to those `made`.

    `staged`: how each new text was brought out. `copies`: policy id → the placeholder of its copy.
    `puts_back`: the policies return to the places of their copies; else the copies stay.
    """

    delta: ChangeDelta
    made: MadeSteps
    places: RingPlaces
    staged: Mapping[str, StagedPolicy]
    copies: Mapping[str, str]
    puts_back: bool

    def add(self) -> None:
        """Add them all to the steps made so far."""
        self._end_trials()
        for policy_id, copy_id in self.copies.items():
            if self.puts_back:
                self._put_back(policy_id, copy_id)
            else:
                self._leave_copy(policy_id, copy_id)
        self._names_and_tags()
        for policy_id in self.delta.deleted:
            name = self.delta.before[policy_id][1].name
            stuck = [
                one
                for one in self.delta.targets_before(policy_id)
                if not self.delta.is_changeable(one)
            ]
            self.made.add(
                AwsCall.DELETE_POLICY,
                {"PolicyId": policy_id},
                optional=bool(stuck),
                reason=f"{name} is no longer attached anywhere.",
            )
        for unit_id in units_children_first(self.delta):
            self.made.add(
                AwsCall.DELETE_ORGANIZATIONAL_UNIT,
                {"OrganizationalUnitId": unit_id},
                reason="The OU is empty.",
            )
        for kind in self.delta.disabled:
            self.made.add(
                AwsCall.DISABLE_POLICY_TYPE,
                {"RootId": self.delta.base.organization.root_id, "PolicyType": kind.value},
                waits=True,
                reason="AWS disables a policy type for the whole organization at once.",
            )

    def _end_trials(self) -> None:
        """Detach the copies that were tried below their policies: the new text stands above.

        First of all, so that what is put back finds its slot.
        """
        tried = [
            (copy_id, target_id)
            for policy_id, copy_id in self.copies.items()
            for _, target_id in self.staged[policy_id].trials
        ]
        if tried:
            self.made.wait()
        for copy_id, target_id in tried:
            self.made.call(PlannedCall(DETACH, copy_id, target_id), "It is attached above.")

    def _put_back(self, policy_id: str, copy_id: str) -> None:
        name = self.delta.after[policy_id][1].name
        self.made.update(policy_id, "Its copy has replaced it everywhere.")
        targets = self.places.in_ring_order(list(self.delta.targets_after(policy_id)))
        for target_id in targets:
            self.made.call(
                PlannedCall(ATTACH, policy_id, target_id),
                f"{name} returns beside its copy, which has the same text.",
            )
        if targets:
            self.made.wait()
        self._drop_copy(policy_id, copy_id, targets)

    def _drop_copy(self, policy_id: str, copy_id: str, targets: Sequence[str]) -> None:
        for target_id in targets:
            self.made.call(
                PlannedCall(DETACH, copy_id, target_id), "The policy itself is back here."
            )
        self.made.add(
            AwsCall.DELETE_POLICY, {"PolicyId": copy_id}, reason="The copy is no longer needed."
        )

    def _leave_copy(self, policy_id: str, copy_id: str) -> None:
        policy = self.delta.after[policy_id][1]
        stuck = any(
            not self.delta.is_changeable(one) for one in self.delta.targets_before(policy_id)
        )
        self.made.add(
            AwsCall.DELETE_POLICY,
            {"PolicyId": policy_id},
            optional=stuck,
            reason="Its copy stays in its place.",
        )
        if not stuck:
            self.made.add(
                AwsCall.UPDATE_POLICY,
                {"PolicyId": copy_id, "Name": policy.name},
                reason="The copy takes the policy's name.",
            )

    def _names_and_tags(self) -> None:
        delta = self.delta
        copied = set() if self.puts_back else set(self.copies)
        for policy_id in delta.renamed:
            if policy_id not in copied:
                self.made.add(
                    AwsCall.UPDATE_POLICY,
                    {"PolicyId": policy_id, "Name": delta.after[policy_id][1].name},
                    reason="A name has no effect on permissions.",
                )
        for policy_id, tags in delta.drafted.policies.tags.items():
            if policy_id in delta.before and policy_id not in copied:
                self._tag(policy_id, delta.base.collected.details_of(policy_id).tags, tags)
        units = delta.drafted.units
        for unit_id, name in units.names.items():
            if unit_id not in units.new and unit_id not in units.deleted:
                self.made.add(
                    AwsCall.UPDATE_ORGANIZATIONAL_UNIT,
                    {"OrganizationalUnitId": unit_id, "Name": name},
                    reason="A name has no effect on permissions.",
                )

    def _tag(self, policy_id: str, was: Mapping[str, str], becomes: Mapping[str, str]) -> None:
        written = {key: value for key, value in becomes.items() if was.get(key) != value}
        gone = [key for key in was if key not in becomes]
        if written:
            self.made.add(
                AwsCall.TAG_RESOURCE,
                {"ResourceId": policy_id, "Tags": tag_list(written)},
                reason="A policy's tags have no effect on permissions.",
            )
        if gone:
            self.made.add(
                AwsCall.UNTAG_RESOURCE,
                {"ResourceId": policy_id, "TagKeys": gone},
                reason="A policy's tags have no effect on permissions.",
            )
