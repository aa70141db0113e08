"""An organization with some operations done to it, as the engine takes it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from governance.edits.operations import Operation, OperationKind
from governance.posture.state.organization import (
    CONTROL_TYPES,
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    InForce,
)
from governance.posture.state.parsed_policies import parsed_policy
from policies import PolicyLevel, PolicyType, default_compiler
from policies.targets import Target

_KEPT_BY_AWS: Final = "AWS keeps this policy: it cannot be changed, only attached and detached"


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
class DraftedOrganization:
    """What the operations make of `before`. `parents`: the moved targets' new parents.

    `detached_to_delete`: by a deleted policy's name, how many targets it was detached from.
    """

    before: CompiledOrganization
    after: Mapping[PolicyType, ControlPolicies]
    parents: Mapping[str, str]
    edited: tuple[EditedPolicy, ...]
    detached_to_delete: Mapping[str, int]
    problems: tuple[OperationProblem, ...]

    @property
    def shown(self) -> CompiledOrganization:
        """The state that answers speak of: names and places are as collected."""
        return self.before

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
                for target_id, target in after.items()
                if target is not before[target_id]
                and (
                    target.level is not before[target_id].level
                    or target.parent_id != before[target_id].parent_id
                    or was.unreadable.get(target_id) != becomes.unreadable.get(target_id)
                )
            )
        return found

    def affected(self, policy_type: PolicyType) -> frozenset[str]:
        """Return the accounts at or below a changed target that policies of a type bind."""
        below: set[str] = set()
        for target_id in self.changed[policy_type]:
            below.update(self.before.accounts_below(target_id))
        below.discard(self.before.management_account_id or "")
        return frozenset(below)

    def as_organization(self) -> CompiledOrganization:
        """Return what was made as an organization, for drafts on top of it.

        :raises ValueError: something was moved; texts and attachments alone may differ.
        """
        if self.parents:
            raise ValueError("a draft that moves targets is no organization of its own")
        texts = tuple((one.policy.policy_id, one.policy.sha256) for one in self.edited)
        return replace(
            self.before,
            key=(*self.before.key, texts),
            service_control=self.after[SCP],
            resource_control=self.after[RCP],
        )

    @cached_property
    def affected_accounts(self) -> frozenset[str]:
        """The accounts at or below a changed target, of any type."""
        return frozenset().union(*(self.affected(kind) for kind in CONTROL_TYPES))


class _Refused(Exception):
    """An operation cannot be done; the message says why."""


def draft(
    organization: CompiledOrganization,
    operations: Iterable[Operation],
    *,
    other_policies: Mapping[str, str] | None = None,
    as_collected: bool = False,
) -> DraftedOrganization:
    """Do operations one after the other; one that cannot be done is passed over and told.

    `other_policies`: id → type, of policies that are neither SCPs nor RCPs, to tell them apart
    from policies that do not exist. `as_collected`: the texts are some that AWS had, so that the
    policies which AWS keeps may have them too.
    """
    work = _Work(organization, other_policies or {}, as_collected)
    problems = []
    for number, operation in enumerate(operations):
        try:
            work.do(operation)
        except _Refused as refused:
            problems.append(OperationProblem(number, str(refused)))
    return work.done(tuple(problems))


def with_policy(
    organization: CompiledOrganization, policy_type: PolicyType, policy: ControlPolicy
) -> DraftedOrganization:
    """Let a policy stand everywhere in the place of the one with its id, whoever keeps that.

    It is another policy if its `sha256` is another.
    """
    work = _Work(organization, {})
    work.put(policy_type, policy)
    return work.done(())


@dataclass
class _Work:
    """The state while operations are done."""

    organization: CompiledOrganization
    other_policies: Mapping[str, str]
    as_collected: bool = False
    policies: dict[str, tuple[PolicyType, ControlPolicy]] = field(init=False)
    texts: dict[str, str] = field(default_factory=dict)
    attached: dict[PolicyType, dict[str, tuple[ControlPolicy, ...]]] = field(init=False)
    parents: dict[str, str] = field(default_factory=dict)
    detached_to_delete: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        controls = [self.organization.control(kind) for kind in CONTROL_TYPES]
        self.policies = {
            policy_id: (control.policy_type, policy)
            for control in controls
            for policy_id, policy in control.by_id.items()
        }
        self.attached = {control.policy_type: dict(control.attached) for control in controls}

    def do(self, operation: Operation) -> None:
        """Do one operation.

        :raises _Refused: it cannot be done.
        """
        _DOES[operation.kind](self, operation)

    def update(self, operation: Operation) -> None:
        kind, policy = self._own(operation.policy_id)
        self.put(kind, _with_text(policy, kind, operation.text))
        self.texts[policy.policy_id] = operation.text

    def create(self, operation: Operation) -> None:
        if operation.policy_id in self.policies:
            raise _Refused(f"{operation.policy_id} names a policy already; take another name")
        kind = PolicyType(operation.policy_type)
        fresh = ControlPolicy(operation.policy_id, operation.name, False, "", None, ())
        made = _with_text(fresh, kind, operation.text)
        self.policies[made.policy_id] = (kind, made)
        self.texts[made.policy_id] = operation.text

    def delete(self, operation: Operation) -> None:
        kind, policy = self._own(operation.policy_id)
        held = [target for target, found in self.attached[kind].items() if policy in found]
        for target_id in held:
            self._detach(kind, policy, target_id)
        if held:
            self.detached_to_delete[policy.name] = len(held)
        del self.policies[policy.policy_id]
        self.texts.pop(policy.policy_id, None)

    def attach(self, operation: Operation) -> None:
        kind, policy = self._policy(operation.policy_id)
        target_id = self._target(operation.target_id)
        held = self.attached[kind].get(target_id, ())
        if policy in held:
            raise _Refused(f"{policy.name} is attached to {self._named(target_id)} already")
        self.attached[kind][target_id] = (*held, policy)

    def detach(self, operation: Operation) -> None:
        kind, policy = self._policy(operation.policy_id)
        target_id = self._target(operation.target_id)
        if policy not in self.attached[kind].get(target_id, ()):
            raise _Refused(f"{policy.name} is not attached to {self._named(target_id)}")
        if policy.policy_id == "p-RCPFullAWSAccess":
            raise _Refused("AWS lets nobody detach RCPFullAWSAccess")
        self._detach(kind, policy, target_id)

    def move(self, operation: Operation) -> None:
        target_id = self._target(operation.target_id)
        parent_id = self._target(operation.parent_id)
        if self.organization.names[parent_id].kind == "ACCOUNT":
            raise _Refused(f"{self._named(parent_id)} is an account: nothing lies below it")
        if self._parent(target_id) == parent_id:
            raise _Refused(f"{self._named(target_id)} lies in {self._named(parent_id)} already")
        step: str | None = parent_id
        while step is not None:
            if step == target_id:
                raise _Refused(f"{self._named(parent_id)} lies below {self._named(target_id)}")
            step = self._parent(step)
        self.parents[target_id] = parent_id

    def done(self, problems: tuple[OperationProblem, ...]) -> DraftedOrganization:
        """Return what was made, compiled."""
        before = self.organization
        moved = {
            target_id: parent_id
            for target_id, parent_id in self.parents.items()
            if before.names[target_id].parent_id != parent_id
        }
        edited = []
        for policy_id, text in self.texts.items():
            kind, policy = self.policies[policy_id]
            was = before.control(kind).by_id.get(policy_id)
            edited.append(EditedPolicy(policy, kind, text, was))
        return DraftedOrganization(
            before=before,
            after={kind: self._control(kind, moved) for kind in CONTROL_TYPES},
            parents=moved,
            edited=tuple(edited),
            detached_to_delete=self.detached_to_delete,
            problems=problems,
        )

    def _control(self, kind: PolicyType, moved: Mapping[str, str]) -> ControlPolicies:
        was = self.organization.control(kind)
        attached = self.attached[kind]
        levels: dict[tuple[ControlPolicy, ...], PolicyLevel] = {}
        targets: dict[str, Target] = {}
        for target_id, target in was.tree.by_id.items():
            policies = attached.get(target_id, ())
            held_before = was.attached.get(target_id, ())
            if policies == held_before and target_id not in moved:
                continue
            level = target.level
            if policies != held_before and was.in_force is InForce.IN_FORCE:
                level = levels.get(policies) or default_compiler().level(
                    policy.document for policy in policies if policy.document
                )
                levels[policies] = level
            parent_id = moved.get(target_id, target.parent_id)
            targets[target_id] = Target(target_id, parent_id, level)
        by_id = {
            policy_id: policy for policy_id, (of, policy) in self.policies.items() if of is kind
        }
        return ControlPolicies(
            policy_type=kind,
            in_force=was.in_force,
            tree=was.tree.replaced(targets.values()),
            attached=attached,
            by_id=by_id,
        )

    def put(self, kind: PolicyType, policy: ControlPolicy) -> None:
        """Let a policy stand everywhere in the place of the one with its id."""
        was = self.policies[policy.policy_id][1]
        if policy.sha256 == was.sha256:
            return
        self.policies[policy.policy_id] = (kind, policy)
        for target_id, held in self.attached[kind].items():
            if was in held:
                self.attached[kind][target_id] = tuple(
                    policy if one is was else one for one in held
                )

    def _detach(self, kind: PolicyType, policy: ControlPolicy, target_id: str) -> None:
        held = self.attached[kind][target_id]
        self.attached[kind][target_id] = tuple(one for one in held if one is not policy)

    def _policy(self, policy_id: str) -> tuple[PolicyType, ControlPolicy]:
        found = self.policies.get(policy_id)
        if found is not None:
            return found
        if policy_id in self.other_policies:
            raise _Refused(
                f"{policy_id} is of type {self.other_policies[policy_id]}: only service and "
                "resource control policies decide requests"
            )
        raise _Refused(f"there is no policy {policy_id} at that time")

    def _own(self, policy_id: str) -> tuple[PolicyType, ControlPolicy]:
        kind, policy = self._policy(policy_id)
        if policy.aws_managed and not self.as_collected:
            raise _Refused(_KEPT_BY_AWS)
        return kind, policy

    def _target(self, target_id: str) -> str:
        if target_id in self.organization.names:
            return target_id
        if target_id in self.organization.unplaced:
            raise _Refused(f"the parent of {target_id} was not collected: its place is not known")
        raise _Refused(f"there is no root, OU or account {target_id} at that time")

    def _parent(self, target_id: str) -> str | None:
        return self.parents.get(target_id, self.organization.names[target_id].parent_id)

    def _named(self, target_id: str) -> str:
        return self.organization.names[target_id].name


_DOES: Final[Mapping[OperationKind, Callable[[_Work, Operation], None]]] = {
    OperationKind.UPDATE_POLICY: _Work.update,
    OperationKind.CREATE_POLICY: _Work.create,
    OperationKind.DELETE_POLICY: _Work.delete,
    OperationKind.ATTACH_POLICY: _Work.attach,
    OperationKind.DETACH_POLICY: _Work.detach,
    OperationKind.MOVE_ACCOUNT: _Work.move,
    OperationKind.MOVE_ORGANIZATIONAL_UNIT: _Work.move,
}


def _with_text(policy: ControlPolicy, kind: PolicyType, text: str) -> ControlPolicy:
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    parsed = parsed_policy(sha256, text, kind)
    return replace(policy, sha256=sha256, document=parsed.document, diagnostics=parsed.diagnostics)
