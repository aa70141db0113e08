"""An organization as edits have left it: what is where now, compiled when it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance.edits.collected_policies import CollectedPolicies
from governance.posture.state.organization import (
    CONTROL_TYPES,
    RCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    InForce,
    TargetName,
)
from policies import PolicyLevel, PolicyType, default_compiler
from policies.full_access import full_access
from policies.targets import Target, TargetTree


@dataclass
class OrganizationNow:
    """An organization in the state that edits have brought it to.

    `as_collected`: texts are some that AWS had, so that AWS's own policies may have them too.
    `as_request`: refuse what AWS or Control Tower would not let anybody do, or undo.
    """

    organization: CompiledOrganization
    collected: CollectedPolicies
    as_collected: bool = False
    as_request: bool = False
    policies: dict[str, tuple[PolicyType, ControlPolicy]] = field(init=False)
    attached: dict[PolicyType, dict[str, tuple[ControlPolicy, ...]]] = field(init=False)
    enabled: set[PolicyType] = field(init=False)
    texts: dict[str, str] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    new_units: dict[str, TargetName] = field(default_factory=dict)
    unit_names: dict[str, str] = field(default_factory=dict)
    deleted_units: set[str] = field(default_factory=set)
    detached_to_delete: dict[str, int] = field(default_factory=dict)
    touched: dict[PolicyType, set[str]] = field(init=False)
    _dirty: dict[PolicyType, set[str]] = field(init=False)
    _made: dict[PolicyType, ControlPolicies] = field(init=False)
    stale: set[PolicyType] = field(default_factory=set)
    _levels: dict[tuple[ControlPolicy, ...], PolicyLevel] = field(default_factory=dict)
    disabled: set[PolicyType] = field(default_factory=set)

    def __post_init__(self) -> None:
        controls = [self.organization.control(kind) for kind in CONTROL_TYPES]
        self.policies = dict(self.collected.management)
        for control in controls:
            for policy_id, policy in control.by_id.items():
                self.policies[policy_id] = (control.policy_type, policy)
        self.attached = {kind: dict(held) for kind, held in self.collected.attached.items()}
        self.attached |= {control.policy_type: dict(control.attached) for control in controls}
        self.enabled = set(self.collected.types_on(self.organization))
        self.touched = {kind: set() for kind in CONTROL_TYPES}
        self._dirty = {kind: set() for kind in CONTROL_TYPES}
        self._made = {control.policy_type: control for control in controls}

    def control(self, kind: PolicyType) -> ControlPolicies:
        """Return the SCPs, or RCPs, as they are now, compiled; what did not change is shared."""
        made = self._made[kind]
        dirty = self._dirty[kind]
        if not dirty and kind not in self.stale:
            return made
        in_force = self._in_force(kind)
        tree = made.tree
        gone = dirty & self.deleted_units
        changed = [self._target_of(kind, in_force, one) for one in sorted(dirty - gone)]
        if gone:
            kept = {
                target_id: one for target_id, one in tree.by_id.items() if target_id not in gone
            }
            kept.update((target.target_id, target) for target in changed)
            tree = TargetTree(kept.values())
        elif changed:
            tree = tree.replaced(changed)
        found = ControlPolicies(
            policy_type=kind,
            in_force=in_force,
            tree=tree,
            attached=dict(self.attached[kind]),
            by_id={one: policy for one, (of, policy) in self.policies.items() if of is kind},
        )
        self._made[kind] = found
        dirty.clear()
        self.stale.discard(kind)
        return found

    def targets_of(self, policy_id: str) -> list[str]:
        """Return the targets that a policy is attached to."""
        kind, policy = self.policies[policy_id]
        return [one for one, held in self.attached.get(kind, {}).items() if policy in held]

    def tags_of(self, policy_id: str) -> Mapping[str, str]:
        """Return the tags of a policy as they are now."""
        known = self.tags.get(policy_id)
        return self.collected.details_of(policy_id).tags if known is None else known

    def parent(self, target_id: str) -> str | None:
        """Return the id of a target's parent as it is now."""
        moved = self.parents.get(target_id)
        return self.name(target_id).parent_id if moved is None else moved

    def children(self, unit_id: str) -> list[str]:
        """Return what lies directly below an OU as it is now."""
        places = [*self.organization.names, *self.new_units]
        return [
            one for one in places if one not in self.deleted_units and self.parent(one) == unit_id
        ]

    def kind_of(self, target_id: str) -> str:
        """Return AWS's word for what a target is."""
        return self.name(target_id).kind

    def named(self, target_id: str) -> str:
        """Return what a target is called now."""
        return self.unit_names.get(target_id) or self.name(target_id).name

    def name(self, target_id: str) -> TargetName:
        """Return a target as it was collected, or as it was made."""
        return self.new_units.get(target_id) or self.organization.names[target_id]

    def _in_force(self, kind: PolicyType) -> InForce:
        was = self.organization.control(kind).in_force
        if kind not in self.enabled:
            return InForce.NOT_ENABLED
        return InForce.IN_FORCE if was is InForce.NOT_ENABLED else was

    def _target_of(self, kind: PolicyType, in_force: InForce, target_id: str) -> Target:
        held = self.attached[kind].get(target_id, ())
        level = self._levels.get(held) if in_force is InForce.IN_FORCE else _unlimited(kind)
        if level is None:
            level = self._levels[held] = default_compiler().level(
                policy.document for policy in held if policy.document
            )
        return Target(target_id, self.parent(target_id), level)

    def mark(self, kind: PolicyType, target_id: str) -> None:
        """Have a target compiled again, in the trees of one type."""
        if kind in self._dirty:
            self._dirty[kind].add(target_id)
            self.touched[kind].add(target_id)

    def mark_all(self, kind: PolicyType) -> None:
        """Have all targets compiled again."""
        if kind in self._dirty:
            for target_id in (*self.organization.names, *self.new_units):
                if target_id not in self.deleted_units:
                    self.mark(kind, target_id)


def _unlimited(kind: PolicyType) -> PolicyLevel:
    compiler = default_compiler()
    return compiler.level_of(()) if kind is RCP else compiler.level((full_access(kind),))
