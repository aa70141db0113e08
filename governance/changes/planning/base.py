"""What a plan is made of: the collected state, and what the operations make of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from governance.changes.planning.steps import AwsCall
from governance.edits.collected_policies import CollectedPolicies
from governance.edits.draft import DraftedOrganization, draft
from governance.edits.operations import Operation
from governance.edits.work import AWS_POLICY_IDS
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    ControlPolicy,
)
from policies import PolicyType

_NOT_CHANGEABLE: Final = frozenset({"SUSPENDED", "PENDING_CLOSURE", "CLOSED"})


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call that attaches, detaches, moves or updates, before it has its place in a plan.

    `subject_id`: the policy, or the account that is moved. `place_id`: the target or the new
    parent, empty for an update.
    """

    call: AwsCall
    subject_id: str
    place_id: str = ""

    @property
    def target_id(self) -> str:
        """The target whose permissions it changes; empty for an update."""
        return self.subject_id if self.call is AwsCall.MOVE_ACCOUNT else self.place_id


@dataclass(frozen=True)
class PlanBase:
    """The state that a plan begins with. `collected`: with details of the policies it names."""

    organization: CompiledOrganization
    collected: CollectedPolicies


@dataclass(frozen=True)
class ChangeDelta:
    """What differs between the collected state and the end, whatever the operations' order.

    `updated`, `renamed`, `deleted`, `created`: policies by id. `tagged`: policies whose tags
    differ, with the tags of the end. `attached`, `detached`: by (policy, target), deleted policies'
    attachments too, but not those that a policy type brings or takes when it is switched.
    """

    base: PlanBase
    drafted: DraftedOrganization
    operations: Sequence[Operation]
    attached: tuple[tuple[str, str], ...] = field(init=False)
    detached: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        gained: list[tuple[str, str]] = []
        lost: list[tuple[str, str]] = []
        for kind, becomes in self.drafted.policies.attached.items():
            if kind in self.disabled:
                continue
            was = self.attached_at_first(kind)
            for target_id in dict.fromkeys((*was, *becomes)):
                if target_id in self.drafted.units.deleted:
                    continue
                old, new = was.get(target_id, ()), becomes.get(target_id, ())
                if old is new:
                    continue
                before, after = _ids(old), _ids(new)
                gained += [(one, target_id) for one in after if one not in before]
                lost += [(one, target_id) for one in before if one not in after]
        object.__setattr__(self, "attached", tuple(gained))
        object.__setattr__(self, "detached", tuple(lost))

    @cached_property
    def before(self) -> Mapping[str, tuple[PolicyType, ControlPolicy]]:
        """All policies of the collected state by id."""
        found = dict(self.base.collected.management)
        for kind in CONTROL_TYPES:
            for policy_id, policy in self.base.organization.control(kind).by_id.items():
                found[policy_id] = (kind, policy)
        return found

    @property
    def after(self) -> Mapping[str, tuple[PolicyType, ControlPolicy]]:
        """All policies of the end by id."""
        return self.drafted.policies.policies

    @cached_property
    def enabled(self) -> tuple[PolicyType, ...]:
        """The types that are switched on."""
        return tuple(kind for kind in PolicyType if kind in self._types - self._types_before)

    @cached_property
    def disabled(self) -> tuple[PolicyType, ...]:
        """The types that are switched off."""
        return tuple(kind for kind in PolicyType if kind in self._types_before - self._types)

    @property
    def _types(self) -> frozenset[PolicyType]:
        return self.drafted.policies.enabled

    @cached_property
    def _types_before(self) -> frozenset[PolicyType]:
        return self.base.collected.types_on(self.base.organization)

    @cached_property
    def updated(self) -> tuple[str, ...]:
        """The policies that get another text and stay."""
        return tuple(
            policy_id
            for policy_id, (_, policy) in self.after.items()
            if policy_id in self.before and policy.sha256 != self.before[policy_id][1].sha256
        )

    @cached_property
    def renamed(self) -> tuple[str, ...]:
        """The policies that get another name and stay."""
        return tuple(
            policy_id
            for policy_id, (_, policy) in self.after.items()
            if policy_id in self.before and policy.name != self.before[policy_id][1].name
        )

    @cached_property
    def created(self) -> tuple[str, ...]:
        """The new policies, in the order of the operations. AWS makes its own by itself."""
        own = set(AWS_POLICY_IDS.values())
        return tuple(one for one in self.after if one not in self.before and one not in own)

    @cached_property
    def deleted(self) -> tuple[str, ...]:
        """The policies that are gone in the end."""
        return tuple(one for one in self.before if one not in self.after)

    def targets_before(self, policy_id: str) -> tuple[str, ...]:
        """Return the targets that a policy of the collected state is attached to."""
        kind, policy = self.before[policy_id]
        held = self.drafted.attached_before(kind)
        return tuple(target_id for target_id, found in held.items() if policy in found)

    def targets_after(self, policy_id: str) -> tuple[str, ...]:
        """Return the targets that a policy of the end is attached to."""
        kind, policy = self.after[policy_id]
        held = self.drafted.policies.attached.get(kind, {})
        return tuple(target_id for target_id, found in held.items() if policy in found)

    def text(self, policy_id: str) -> str:
        """Return the text that a policy gets."""
        return self.drafted.policies.texts[policy_id]

    def name_of(self, target_id: str) -> str:
        """Return what a target is called, for people."""
        found = self.drafted.shown.names.get(target_id)
        return found.name if found is not None else target_id

    def is_changeable(self, target_id: str) -> bool:
        """Whether AWS lets anybody attach and detach at a target: not at suspended accounts."""
        found = self.base.organization.names.get(target_id)
        return found is None or found.state not in _NOT_CHANGEABLE

    def attached_at_first(self, kind: PolicyType) -> Mapping[str, tuple[ControlPolicy, ...]]:
        """Return what is attached once the types are on and the OUs made, before anything else.

        What the operations attach to new OUs is not among it: they hold no accounts then.
        """
        was = self.drafted.attached_before(kind)
        own = self._aws_policy(kind)
        if own is None:
            return was
        if kind in self.enabled:
            places: Iterable[str] = self.drafted.shown.names
            return dict.fromkeys(places, (own,))
        new = self.drafted.units.new
        return {**was, **dict.fromkeys(new, (own,))} if new and kind in self._types else was

    def _aws_policy(self, kind: PolicyType) -> ControlPolicy | None:
        found = self.after.get(AWS_POLICY_IDS.get(kind, ""))
        return found[1] if found else None


def delta_of(base: PlanBase, operations: Sequence[Operation]) -> ChangeDelta:
    """Return what operations change of a state, with the problems of those that cannot be done."""
    drafted = draft(base.organization, operations, collected=base.collected, as_request=True)
    return ChangeDelta(base, drafted, operations)


def units_parents_first(delta: ChangeDelta) -> Iterator[str]:
    """Yield the new OUs, each after the OU it lies in."""
    waiting = dict(delta.drafted.units.new)
    while waiting:
        ready = [one for one, name in waiting.items() if name.parent_id not in waiting]
        for unit_id in ready:
            yield unit_id
            del waiting[unit_id]


def units_children_first(delta: ChangeDelta) -> list[str]:
    """Return the OUs that are deleted, each before the OU it lay in."""
    names = delta.base.organization.names
    deleted = [one for one in delta.drafted.units.deleted if one in names]
    return sorted(deleted, key=lambda one: -_depth(delta.base.organization, one))


def named_in(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Return the ids of AWS's policies that operations name."""
    found = dict.fromkeys(one.policy_id for one in operations if one.policy_id.startswith("p-"))
    return tuple(found)


def moves_of(delta: ChangeDelta) -> tuple[PlannedCall, ...]:
    """Return the accounts' moves."""
    return tuple(
        PlannedCall(AwsCall.MOVE_ACCOUNT, account_id, parent_id)
        for account_id, parent_id in delta.drafted.parents.items()
        if account_id in delta.base.organization.names
    )


def _depth(organization: CompiledOrganization, target_id: str) -> int:
    depth, step = 0, organization.names[target_id].parent_id
    while step is not None:
        depth, step = depth + 1, organization.names[step].parent_id
    return depth


def _ids(policies: Iterable[ControlPolicy]) -> dict[str, None]:
    return dict.fromkeys(policy.policy_id for policy in policies)
