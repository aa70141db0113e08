"""What the engine proves of single policies while a plan is made.

Only the levels on the way to the targets in question are compared, so that it costs the same in an
organization of ten accounts and of ten thousand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from governance.changes.planning.base import ChangeDelta
from governance.changes.planning.management_proofs import ManagementProofs
from governance.posture.state.organization import (
    CONTROL_TYPES,
    ControlPolicy,
    InForce,
)
from policies import ManagementPolicy, PolicyLevel, PolicyType, default_compiler, parse_policy
from policies.comparison import TargetComparison, compare
from policies.management import (
    AttachedSettings,
    ComputedEffectivePolicy,
    SettingsLevel,
    effective_policy,
    setting_changes,
    setting_key,
)
from policies.targets import Target, TargetTree

Held = Mapping[str, tuple[ControlPolicy, ...]]
_MOST_COMPARED: Final = 40


@dataclass(frozen=True)
class PolicyProofs:
    """Proves things of the policies that a change touches."""

    delta: ChangeDelta
    _settings: dict[tuple[str, str], ManagementPolicy | None] = field(default_factory=dict)

    @cached_property
    def _management(self) -> ManagementProofs:
        return ManagementProofs(self.delta)

    def are_equal(self, policy_id: str, target_ids: Sequence[str]) -> bool:
        """Whether a policy's new text is proven to decide everything as its old one does."""
        kind, becomes = self.delta.after[policy_id]
        was = self.delta.before[policy_id][1]
        if kind not in CONTROL_TYPES:
            old, new = self._read(was, kind, self.old_text(policy_id)), self._new(policy_id)
            return old is not None and new is not None and not setting_changes(old, new)
        if was.document is None or becomes.document is None:
            return False
        if self._levels_equal(was, becomes):
            return True
        alike = self._distinct(kind, target_ids)
        return len(alike) <= _MOST_COMPARED and all(
            self._unchanged(kind, target_id, self._with(kind, target_id, {was: becomes}))
            for target_id in alike
        )

    def tightens_below(self, policy_id: str, target_id: str) -> bool:
        """Whether the new text attached at a target below the old one is proven to do there what
        it will do above: an SCP or RCP denies more and allows nothing more, a management policy
        sets the same.
        """
        kind, becomes = self.delta.after[policy_id]
        was = self.delta.before[policy_id][1]
        if kind not in CONTROL_TYPES:
            return self._management.tries_below(policy_id, target_id)
        control = self.delta.base.organization.control(kind)
        if (
            was.document is None
            or becomes.document is None
            or control.in_force is not InForce.IN_FORCE
            or control.is_unknown(target_id)
        ):
            return False
        own = control.attached.get(target_id, ())
        before = self._tree(kind, target_id, {})
        trial = self._tree(kind, target_id, {target_id: (*own, becomes)})
        end = self._tree(kind, target_id, self._with(kind, target_id, {was: becomes}))
        tried = self._compared(kind, before, trial, target_id)
        if tried.newly_allowed or tried.undecided or self._compared(kind, trial, end, target_id):
            return False
        # The trial still stands there for a while once the new text stands above.
        above = self._with(kind, target_id, {was: becomes})
        both = self._tree(kind, target_id, {**above, target_id: (*above[target_id], becomes)})
        return not self._compared(kind, both, end, target_id)

    def moves_unchanged(
        self, policy: ControlPolicy, kind: PolicyType, from_id: str, to_ids: Sequence[str]
    ) -> bool:
        """Whether a policy that leaves a target for others below it is proven to decide every
        request there as before, at the end and while it is attached to both.
        """
        if kind not in CONTROL_TYPES:
            return self._management.moves_unchanged(policy, kind, from_id, to_ids)
        control = self.delta.base.organization.control(kind)
        if policy.document is None:
            return False
        alike = self._distinct(kind, to_ids)
        if len(alike) > _MOST_COMPARED:
            return False
        for target_id in alike:
            was = self._with(kind, target_id, {})
            both = {**was, target_id: (*control.attached.get(target_id, ()), policy)}
            left = tuple(one for one in was[from_id] if one != policy)
            if not (
                self._unchanged(kind, target_id, both)
                and self._unchanged(kind, target_id, {**both, from_id: left})
            ):
                return False
        return True

    def merge_otherwise(self, policy_id: str, target_ids: Iterable[str]) -> list[str]:
        """Return the targets at which a management policy and its copy, side by side, would set
        what neither the old nor the new text alone sets.
        """
        kind = self.delta.after[policy_id][0]
        if kind in CONTROL_TYPES:
            return []
        was = self.delta.before[policy_id][1]
        old, new = self._read(was, kind, self.old_text(policy_id)), self._new(policy_id)
        if old is None or new is None:
            return list(target_ids)
        return list(target_ids) if _merge(kind, old, new) else []

    def swaps_merging(self) -> dict[PolicyType, list[str]]:
        """Return the targets at which one management policy replaces another although both,
        attached side by side for a while, would set what neither sets alone.
        """
        gained: dict[tuple[PolicyType, str], list[str]] = {}
        for policy_id, target_id in self.delta.attached:
            kind = self.delta.after[policy_id][0]
            if kind not in CONTROL_TYPES:
                gained.setdefault((kind, target_id), []).append(policy_id)
        found: dict[PolicyType, list[str]] = {}
        for policy_id, target_id in self.delta.detached:
            kind, was = self.delta.before[policy_id]
            for other in gained.get((kind, target_id), ()):
                old = self._read(was, kind, self.old_text(policy_id))
                becomes = self.delta.after[other][1]
                written = self.delta.drafted.policies.texts.get(other)
                new = self._read(becomes, kind, written or self.old_text(other))
                if old is None or new is None or _merge(kind, old, new):
                    found.setdefault(kind, []).append(target_id)
        return found

    def old_text(self, policy_id: str) -> str | None:
        """Return the collected text of a policy, None where it was not read."""
        return self.delta.base.collected.details_of(policy_id).text

    def _new(self, policy_id: str) -> ManagementPolicy | None:
        kind, becomes = self.delta.after[policy_id]
        return self._read(becomes, kind, self.delta.text(policy_id))

    def _read(
        self, policy: ControlPolicy, kind: PolicyType, text: str | None
    ) -> ManagementPolicy | None:
        key = (policy.policy_id, policy.sha256)
        if key not in self._settings:
            parsed = parse_policy(text, kind) if text is not None else None
            self._settings[key] = None if parsed is None or parsed.errors else parsed.management
        return self._settings[key]

    def _levels_equal(self, was: ControlPolicy, becomes: ControlPolicy) -> bool:
        return _level([was]) is _level([becomes])

    def _distinct(self, kind: PolicyType, target_ids: Iterable[str]) -> list[str]:
        """Return one target of each chain of levels."""
        tree = self.delta.base.organization.control(kind).tree
        found: dict[tuple[int, ...], str] = {}
        for target_id in target_ids:
            found.setdefault(tuple(map(id, tree.chain(target_id))), target_id)
        return list(found.values())

    def _with(
        self,
        kind: PolicyType,
        target_id: str,
        instead: Mapping[ControlPolicy, ControlPolicy],
    ) -> Held:
        """Return what is attached on the way to a target with other policies in some's place."""
        control = self.delta.base.organization.control(kind)
        return {
            step.target_id: tuple(
                instead.get(one, one) for one in control.attached.get(step.target_id, ())
            )
            for step in control.tree.path(target_id)
        }

    def _tree(self, kind: PolicyType, target_id: str, held: Held) -> TargetTree:
        control = self.delta.base.organization.control(kind)
        return TargetTree(
            Target(step.target_id, step.parent_id, _level(held[step.target_id]))
            if step.target_id in held
            else step
            for step in control.tree.path(target_id)
        )

    def _unchanged(self, kind: PolicyType, target_id: str, held: Held) -> bool:
        control = self.delta.base.organization.control(kind)
        if control.in_force is not InForce.IN_FORCE or control.is_unknown(target_id):
            return False
        before, after = self._tree(kind, target_id, {}), self._tree(kind, target_id, held)
        return not self._compared(kind, before, after, target_id)

    def _compared(
        self, kind: PolicyType, before: TargetTree, after: TargetTree, target_id: str
    ) -> TargetComparison:
        return compare(
            before,
            after,
            compiler=default_compiler(),
            report_on=[target_id],
            policy_type=kind,
            organization=self.delta.base.organization.organization,
        ).targets[target_id]


def _level(policies: Iterable[ControlPolicy]) -> PolicyLevel:
    return default_compiler().level(one.document for one in policies if one.document)


def _merge(kind: PolicyType, old: ManagementPolicy, new: ManagementPolicy) -> bool:
    """Whether two policies at one target set what neither sets alone; `old` came first."""
    alone = [_effective(kind, [one]) for one in (old, new)]
    return _is_neither(kind, _effective(kind, [old, new]), alone)


def _effective(kind: PolicyType, policies: Sequence[ManagementPolicy]) -> ComputedEffectivePolicy:
    attached = tuple(
        AttachedSettings(f"p-{place}", policy, place) for place, policy in enumerate(policies)
    )
    return effective_policy(kind, [SettingsLevel("target", attached)])


def _is_neither(
    kind: PolicyType, found: ComputedEffectivePolicy, alone: Sequence[ComputedEffectivePolicy]
) -> bool:
    """Whether two policies together set something else than each of them alone."""

    def settings(computed: ComputedEffectivePolicy) -> dict[tuple[str, ...], list[str]]:
        return {setting_key(kind, one.path): sorted(one.values) for one in computed.settings}

    return settings(found) not in [settings(one) for one in alone]
