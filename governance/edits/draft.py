"""An organization with some operations done to it, as the engine takes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from governance.edits.collected_policies import NOTHING_ELSE_COLLECTED, CollectedPolicies
from governance.edits.operations import Operation, OperationKind
from governance.edits.work import EditRefused, OrganizationWork
from governance.posture.state.organization import (
    CONTROL_TYPES,
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    TargetName,
)
from policies import PolicyType


@dataclass(frozen=True, slots=True)
class OperationProblem:
    """Why an operation cannot be done; it was passed over. `number`: its place, from 0."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class EditedPolicy:
    """A policy with a text of the draft's. `was`: what AWS has now, None for one that is new."""

    policy: ControlPolicy
    policy_type: PolicyType
    text: str
    was: ControlPolicy | None


@dataclass(frozen=True)
class DraftedPolicies:
    """All policies after a draft, of all types, by what AWS calls them.

    `policies`: by id. `attached`: by type and target. `tags`: of the policies whose tags were
    written. `texts`: that were written.
    """

    policies: Mapping[str, tuple[PolicyType, ControlPolicy]]
    attached: Mapping[PolicyType, Mapping[str, tuple[ControlPolicy, ...]]]
    enabled: frozenset[PolicyType]
    tags: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class DraftedUnits:
    """What a draft does to OUs. `names`: the other names of those that are renamed."""

    new: Mapping[str, TargetName] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    deleted: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.new or self.names or self.deleted)


@dataclass(frozen=True)
class DraftedOrganization:
    """What the operations make of `before`. `parents`: the moved targets' new parents.

    `detached_to_delete`: by a deleted policy's name, how many targets it was detached from.
    `touched`: by type, the targets that were worked on; no other is changed.
    """

    before: CompiledOrganization
    after: Mapping[PolicyType, ControlPolicies]
    parents: Mapping[str, str]
    edited: tuple[EditedPolicy, ...]
    detached_to_delete: Mapping[str, int]
    problems: tuple[OperationProblem, ...]
    policies: DraftedPolicies
    units: DraftedUnits
    touched: Mapping[PolicyType, frozenset[str]]
    collected: CollectedPolicies

    def attached_before(self, kind: PolicyType) -> Mapping[str, tuple[ControlPolicy, ...]]:
        """Return the policies of a type at each target before the draft."""
        if kind in CONTROL_TYPES:
            return self.before.control(kind).attached
        return self.collected.attached.get(kind, {})

    @cached_property
    def shown(self) -> CompiledOrganization:
        """The state that answers speak of: names and places are as collected, and new OUs."""
        if not self.units.new:
            return self.before
        return replace(self.before, names={**self.before.names, **self.units.new})

    @property
    def unplaced(self) -> tuple[str, ...]:
        """The accounts whose place was not collected, if anything changes."""
        if not any(self.changed.values()):
            return ()
        return self.before.unplaced_account_ids

    @cached_property
    def changed(self) -> Mapping[PolicyType, tuple[str, ...]]:
        """The targets whose level, parent or unreadable policies differ, by type."""
        found: dict[PolicyType, tuple[str, ...]] = {}
        for kind in CONTROL_TYPES:
            was, becomes = self.before.control(kind), self.after[kind]
            before, after = was.tree.by_id, becomes.tree.by_id
            found[kind] = tuple(
                target_id
                for target_id in self._worked_on(kind)
                if target_id in before
                and target_id in after
                and (
                    after[target_id].level is not before[target_id].level
                    or after[target_id].parent_id != before[target_id].parent_id
                    or was.unreadable.get(target_id) != becomes.unreadable.get(target_id)
                )
            )
        return found

    def _worked_on(self, kind: PolicyType) -> Iterable[str]:
        """Return the touched targets in the order of the tree, so that answers keep one order."""
        order = self.before.order
        return sorted(self.touched[kind], key=lambda one: order.get(one, len(order)))

    def affected(self, policy_type: PolicyType) -> frozenset[str]:
        """Return the accounts at or below a changed target that policies of a type bind."""
        below: set[str] = set()
        for target_id in self.changed[policy_type]:
            below.update(self.before.accounts_below(target_id))
        below.discard(self.before.management_account_id or "")
        return frozenset(below)

    def as_organization(self) -> CompiledOrganization:
        """Return what was made as an organization, for drafts on top of it.

        :raises ValueError: OUs were made, renamed or deleted; texts, attachments and accounts'
            parents alone may differ.
        """
        if self.units:
            raise ValueError("a draft that changes OUs is not an organization of its own")
        texts = tuple((one.policy.policy_id, one.policy.sha256) for one in self.edited)
        names = self.before.names
        if self.parents:
            names = {
                one: replace(name, parent_id=self.parents.get(one, name.parent_id))
                for one, name in names.items()
            }
        return replace(
            self.before,
            key=(*self.before.key, texts, tuple(self.parents.items())),
            names=names,
            service_control=self.after[SCP],
            resource_control=self.after[RCP],
        )

    @cached_property
    def affected_accounts(self) -> frozenset[str]:
        """The accounts at or below a changed target, of any type."""
        return frozenset().union(*(self.affected(kind) for kind in CONTROL_TYPES))


def draft(
    organization: CompiledOrganization,
    operations: Iterable[Operation],
    *,
    collected: CollectedPolicies = NOTHING_ELSE_COLLECTED,
    as_collected: bool = False,
    as_request: bool = False,
) -> DraftedOrganization:
    """Do operations one after the other; one that cannot be done is passed over and told.

    `collected`: the management policies and the types that are on. `as_collected`: the texts are
    some that AWS had, so that the policies which AWS keeps may have them too. `as_request`: refuse
    also what AWS or Control Tower lets nobody do: move an OU, touch Control Tower's policies.
    """
    work = OrganizationWork(
        organization, collected, as_collected=as_collected, as_request=as_request
    )
    problems = []
    for number, operation in enumerate(operations):
        try:
            do_operation(work, operation)
        except EditRefused as refused:
            problems.append(OperationProblem(number, str(refused)))
    return drafted_of(work, tuple(problems))


def with_policy(
    organization: CompiledOrganization, policy_type: PolicyType, policy: ControlPolicy
) -> DraftedOrganization:
    """Let a policy stand everywhere in the place of the one with its id, whoever keeps that.

    It is another policy if its `sha256` is another.
    """
    work = OrganizationWork(organization, NOTHING_ELSE_COLLECTED)
    work.put(policy_type, policy)
    return drafted_of(work)


def do_operation(work: OrganizationWork, operation: Operation) -> None:
    """Do one operation.

    :raises EditRefused: it cannot be done.
    """
    _DOES[operation.kind](work, operation)


def drafted_of(
    work: OrganizationWork, problems: tuple[OperationProblem, ...] = ()
) -> DraftedOrganization:
    """Return what was made, compiled; work may go on afterwards."""
    before = work.organization
    edited = []
    for policy_id, text in work.texts.items():
        kind, policy = work.policies[policy_id]
        known = before.control(kind).by_id.get(policy_id) if kind in CONTROL_TYPES else None
        if known is None and policy_id in work.collected.management:
            known = work.collected.management[policy_id][1]
        edited.append(EditedPolicy(policy, kind, text, known))
    return DraftedOrganization(
        before=before,
        after={kind: work.control(kind) for kind in CONTROL_TYPES},
        parents={
            target_id: parent_id
            for target_id, parent_id in work.parents.items()
            if target_id in work.new_units or before.names[target_id].parent_id != parent_id
        },
        edited=tuple(edited),
        detached_to_delete=dict(work.detached_to_delete),
        problems=problems,
        policies=DraftedPolicies(
            policies=dict(work.policies),
            attached={
                kind: work.control(kind).attached if kind in CONTROL_TYPES else dict(held)
                for kind, held in work.attached.items()
            },
            enabled=frozenset(work.enabled),
            tags={policy_id: dict(tags) for policy_id, tags in work.tags.items()},
            texts=dict(work.texts),
        ),
        units=DraftedUnits(
            dict(work.new_units), dict(work.unit_names), frozenset(work.deleted_units)
        ),
        touched={kind: frozenset(found) for kind, found in work.touched.items()},
        collected=work.collected,
    )


_DOES: Final[Mapping[OperationKind, Callable[[OrganizationWork, Operation], None]]] = {
    OperationKind.UPDATE_POLICY: lambda work, one: work.update(one.policy_id, one.text),
    OperationKind.CREATE_POLICY: lambda work, one: work.create(
        one.policy_id, one.name, PolicyType(one.policy_type), one.text
    ),
    OperationKind.DELETE_POLICY: lambda work, one: work.delete(one.policy_id),
    OperationKind.ATTACH_POLICY: lambda work, one: work.attach(one.policy_id, one.target_id),
    OperationKind.DETACH_POLICY: lambda work, one: work.detach(one.policy_id, one.target_id),
    OperationKind.MOVE_ACCOUNT: lambda work, one: work.move(one.target_id, one.parent_id),
    OperationKind.MOVE_ORGANIZATIONAL_UNIT: lambda work, one: work.move(
        one.target_id, one.parent_id
    ),
    OperationKind.ENABLE_POLICY_TYPE: lambda work, one: work.enable(PolicyType(one.policy_type)),
    OperationKind.DISABLE_POLICY_TYPE: lambda work, one: work.disable(PolicyType(one.policy_type)),
    OperationKind.RENAME_POLICY: lambda work, one: work.rename(one.policy_id, one.name),
    OperationKind.TAG_POLICY: lambda work, one: work.tag(one.policy_id, one.tags),
    OperationKind.CREATE_ORGANIZATIONAL_UNIT: lambda work, one: work.create_unit(
        one.target_id, one.parent_id, one.name
    ),
    OperationKind.RENAME_ORGANIZATIONAL_UNIT: lambda work, one: work.rename_unit(
        one.target_id, one.name
    ),
    OperationKind.DELETE_ORGANIZATIONAL_UNIT: lambda work, one: work.delete_unit(one.target_id),
}
