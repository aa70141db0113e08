"""What the engine decides of states between the first and the last one, for a few targets.

Only the levels on the way to these targets are compiled and compared.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from governance.changes.planning.base import ChangeDelta, PlannedCall
from governance.changes.planning.steps import AwsCall
from governance.posture.state.organization import (
    CONTROL_TYPES,
    SCP,
    ControlPolicy,
    InForce,
)
from policies import PolicyDocument, PolicyLevel, PolicyType, default_compiler, policy_limits
from policies.comparison import find_transients
from policies.targets import Target, TargetTree

_MOST_COMPARISONS: Final = 64
_TRANSIENT, _UNDECIDED, _NOT_ASKED = 100.0, 10.0, 5.0


@dataclass
class DecidedStates:
    """Says how harmful it is to have done some calls and not others. 0 is proven harmless.

    `documents`: by policy id, copies too, as calls attach and detach them. `kinds`: their types.
    `copies`: policy id → the copy that brings its new text.
    """

    delta: ChangeDelta
    documents: Mapping[str, PolicyDocument | None]
    kinds: Mapping[str, PolicyType]
    copies: Mapping[str, str]
    today: date
    comparisons: int = 0
    _costs: dict[object, float] = field(default_factory=dict)
    _first: dict[PolicyType, Mapping[str, tuple[ControlPolicy, ...]]] = field(default_factory=dict)
    _held: dict[PolicyType, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def held_at_first(self, kind: PolicyType, target_id: str) -> tuple[str, ...]:
        """Return the policies at a target before the rings: types on, OUs made and furnished."""
        known = self._held.setdefault(kind, {})
        found = known.get(target_id)
        if found is None:
            if target_id in self.delta.drafted.units.new:
                held = self.delta.drafted.policies.attached.get(kind, {}).get(target_id, ())
                ids = [self.copies.get(one.policy_id, one.policy_id) for one in held]
            else:
                held = self._at_first(kind).get(target_id, ())
                ids = [one.policy_id for one in held]
            found = known[target_id] = tuple(ids)
        return found

    def _at_first(self, kind: PolicyType) -> Mapping[str, tuple[ControlPolicy, ...]]:
        if kind not in self._first:
            self._first[kind] = self.delta.attached_at_first(kind)
        return self._first[kind]

    def is_possible(self, done: Collection[PlannedCall]) -> bool:
        """Whether AWS lets a state be: no target without an SCP, none with more than it takes."""
        changed: dict[tuple[PolicyType, str], int] = {}
        for call in done:
            if call.call in (AwsCall.ATTACH_POLICY, AwsCall.DETACH_POLICY):
                key = (self.kinds[call.subject_id], call.place_id)
                more = 1 if call.call is AwsCall.ATTACH_POLICY else -1
                changed[key] = changed.get(key, 0) + more
        for (kind, target_id), more in changed.items():
            held = len(self.held_at_first(kind, target_id))
            most = policy_limits(kind, on=self.today).attached_per_target
            if most is not None and held + more > max(most, held):
                return False
            if kind is SCP and held and held + more < 1:
                return False
        return True

    def cost(
        self, done: Collection[PlannedCall], calls: Sequence[PlannedCall], kept: Sequence[str]
    ) -> float:
        """Return how harmful it is to have done only some of `calls`, at the targets `kept`."""
        total = 0.0
        for kind in CONTROL_TYPES:
            if not self._binds(kind):
                continue
            if any(call.call is AwsCall.MOVE_ACCOUNT for call in calls) or any(
                self.kinds.get(call.subject_id) is kind for call in calls
            ):
                total += self._cost(kind, done, calls, kept)
        return total

    def _binds(self, kind: PolicyType) -> bool:
        control = self.delta.base.organization.control(kind)
        return kind in self.delta.enabled or control.in_force is InForce.IN_FORCE

    def _cost(
        self,
        kind: PolicyType,
        done: Collection[PlannedCall],
        calls: Sequence[PlannedCall],
        kept: Sequence[str],
    ) -> float:
        first, between, last = (self._tree(kind, some, kept) for some in ((), done, calls))
        # Keyed by the levels themselves: the number of one that is gone is given again.
        chains: dict[tuple[tuple[PolicyLevel, ...], ...], str] = {}
        for target_id in kept:
            passed = tuple(tree.chain(target_id) for tree in (first, between, last))
            if passed[1] not in (passed[0], passed[2]):
                chains.setdefault(passed, target_id)
        if not chains:
            return 0.0
        key = (kind, frozenset(chains))
        known = self._costs.get(key)
        if known is None:
            known = self._costs[key] = self._compared(
                kind, [first, between, last], list(chains.values())
            )
        return known

    def _compared(
        self, kind: PolicyType, states: Sequence[TargetTree], report_on: Sequence[str]
    ) -> float:
        if self.comparisons >= _MOST_COMPARISONS:
            return _NOT_ASKED
        self.comparisons += 1
        found = find_transients(
            states,
            compiler=default_compiler(),
            report_on=report_on,
            policy_type=kind,
            organization=self.delta.base.organization.organization,
        )
        transient = {one.target_id for one in found.transients}
        undecided = {one.target_id for one in found.undecided}
        return _TRANSIENT * len(transient) + _UNDECIDED * len(undecided)

    def _tree(
        self, kind: PolicyType, done: Collection[PlannedCall], kept: Sequence[str]
    ) -> TargetTree:
        names = self.delta.drafted.shown.names
        parents = {
            call.subject_id: call.place_id for call in done if call.call is AwsCall.MOVE_ACCOUNT
        }
        targets: dict[str, str | None] = {}
        for target_id in kept:
            step: str | None = target_id
            while step is not None and step not in targets:
                targets[step] = parents.get(step, names[step].parent_id)
                step = targets[step]
        updated = {call.subject_id for call in done if call.call is AwsCall.UPDATE_POLICY}
        return TargetTree(
            Target(one, parent_id, self._level(kind, one, done, updated))
            for one, parent_id in targets.items()
        )

    def _level(
        self,
        kind: PolicyType,
        target_id: str,
        done: Collection[PlannedCall],
        updated: Collection[str],
    ) -> PolicyLevel:
        held = dict.fromkeys(self.held_at_first(kind, target_id))
        for call in done:
            if call.place_id != target_id or self.kinds.get(call.subject_id) is not kind:
                continue
            if call.call is AwsCall.ATTACH_POLICY:
                held[call.subject_id] = None
            elif call.call is AwsCall.DETACH_POLICY:
                held.pop(call.subject_id, None)
        documents = (
            self.delta.after[one][1].document if one in updated else self.documents.get(one)
            for one in held
        )
        return default_compiler().level(document for document in documents if document)
