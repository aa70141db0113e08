"""Which accounts a change affects, as approvals ask: only where something differs, or may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from governance.approvals.effects import TargetEffect
from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation, OperationKind
from governance.effects.request_effects import Effects, Verdict
from governance.posture.state.organization import CONTROL_TYPES
from policies import PolicyType

_SWITCHES: Final = (OperationKind.ENABLE_POLICY_TYPE, OperationKind.DISABLE_POLICY_TYPE)
_MOVES: Final = (OperationKind.MOVE_ACCOUNT, OperationKind.MOVE_ORGANIZATIONAL_UNIT)


@dataclass
class _GatheredTarget:
    newly_denied: bool = False
    newly_allowed: bool = False
    undecided: bool = False
    policy_types: set[str] = field(default_factory=set)


def affected_targets(
    effects: Effects,
    drafted: DraftedOrganization,
    operations: Sequence[Operation],
    management: Mapping[str, frozenset[str]],
) -> tuple[TargetEffect, ...]:
    """Return the accounts with a difference or without a decision, by id.

    `management`: by type of management policy, the accounts whose effective policy differs. Such a
    difference may restrict and may loosen, so it counts as both.
    """
    gathered: dict[str, _GatheredTarget] = {}
    for effect in effects.effects:
        for account_id in effect.account_ids:
            one = gathered.setdefault(account_id, _GatheredTarget())
            one.newly_denied |= effect.verdict is Verdict.NEWLY_DENIED
            one.newly_allowed |= effect.verdict is Verdict.NEWLY_ALLOWED
            one.undecided |= effect.verdict is Verdict.UNDECIDED
            one.policy_types.add(effect.policy_type.value)
    changed = {kind.value for kind, targets in drafted.changed.items() if targets}
    for account_id in effects.unknown_accounts:
        one = gathered.setdefault(account_id, _GatheredTarget())
        one.undecided = True
        one.policy_types |= changed
    for kind, account_ids in management.items():
        for account_id in account_ids:
            one = gathered.setdefault(account_id, _GatheredTarget())
            one.newly_denied = one.newly_allowed = True
            one.policy_types.add(kind)
    reached = _Reached(drafted, operations)
    return tuple(
        TargetEffect(
            target_id=account_id,
            newly_denied=one.newly_denied,
            newly_allowed=one.newly_allowed,
            undecided=one.undecided,
            policy_types=frozenset(one.policy_types),
            operations=reached.operations(account_id, one.policy_types),
            at_root=reached.is_from_root(one.policy_types),
        )
        for account_id, one in sorted(gathered.items())
    )


class _Reached:
    """Operations on the way from the root to an account, before or after the change."""

    def __init__(self, drafted: DraftedOrganization, operations: Sequence[Operation]) -> None:
        self._drafted = drafted
        self._all = frozenset(operation.kind.value for operation in operations)
        self._by_target: dict[str, set[tuple[str, str]]] = {}
        for operation in operations:
            for target_id, kind in self._targets(operation):
                self._by_target.setdefault(target_id, set()).add((kind, operation.kind.value))
        self._known: dict[str | None, frozenset[tuple[str, str]]] = {}

    def operations(self, account_id: str, policy_types: set[str]) -> frozenset[str]:
        """Return the kinds of operations that reach an account by policies of some types."""
        names = self._drafted.before.names
        if account_id not in names:
            return self._all
        found = self._above(account_id)
        parent = self._drafted.parents.get(account_id)
        if parent is not None:
            found |= self._above(parent)
        return frozenset(name for kind, name in found if not kind or kind in policy_types)

    def is_from_root(self, policy_types: set[str]) -> bool:
        """Whether an operation acts at the root by policies of some types."""
        found = self._by_target.get(self._drafted.before.root_id or "", set())
        return any(not kind or kind in policy_types for kind, _ in found)

    def _above(self, target_id: str | None) -> frozenset[tuple[str, str]]:
        if target_id is None:
            return frozenset()
        found = self._known.get(target_id)
        if found is None:
            name = self._drafted.shown.names.get(target_id)
            above = self._above(name.parent_id) if name else frozenset()
            found = self._known[target_id] = above | frozenset(self._by_target.get(target_id, ()))
        return found

    def _targets(self, operation: Operation) -> list[tuple[str, str]]:
        """Return where an operation acts, each with the type of policy, empty for a move."""
        drafted = self._drafted
        if operation.kind in _MOVES:
            return [(operation.target_id, "")]
        if operation.kind in _SWITCHES:
            root_id = drafted.before.root_id
            return [] if root_id is None else [(root_id, operation.policy_type)]
        if operation.target_id:
            kind = self._type_of(operation.policy_id)
            return [] if kind is None else [(operation.target_id, kind.value)]
        return [
            (target_id, kind.value)
            for kind, becomes in drafted.policies.attached.items()
            for attached in (drafted.attached_before(kind), becomes)
            for target_id, held in attached.items()
            if any(policy.policy_id == operation.policy_id for policy in held)
        ]

    def _type_of(self, policy_id: str) -> PolicyType | None:
        """Return the type of a policy, of one that is deleted too."""
        drafted = self._drafted
        found = drafted.policies.policies.get(policy_id) or drafted.collected.management.get(
            policy_id
        )
        if found is not None:
            return found[0]
        controls = map(drafted.before.control, CONTROL_TYPES)
        return next((one.policy_type for one in controls if policy_id in one.by_id), None)
