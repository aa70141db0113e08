"""What a change does to effective management policies: tag policies, backup policies and so on."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation
from governance.posture.effective.organization import (
    AttachedManagementPolicy,
    ManagementOrganization,
    management_policy,
)
from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.parsed_policies import parsed_policy
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from policies import PolicyType
from policies.management import ComputedEffectivePolicy
from policies.management.effective import setting_key

MANAGEMENT_LABELS: Final = {
    "TAG_POLICY": "tag policy",
    "BACKUP_POLICY": "backup policy",
    "AISERVICES_OPT_OUT_POLICY": "AI services opt-out policy",
    "CHATBOT_POLICY": "chat applications policy",
    "DECLARATIVE_POLICY_EC2": "declarative policy for EC2",
}


@dataclass(frozen=True, slots=True)
class SettingDifference:
    """One setting of effective policies that differs, and the accounts in which it does.

    `before`, `after`: its values, None where it is not set. `is_known` is False where a policy on
    the way cannot be read or was not collected; then the others are empty.
    """

    policy_type: str
    path: tuple[str, ...]
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    account_ids: tuple[str, ...]
    is_known: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the difference for pages and the API."""
        return {
            "policy_type": self.policy_type,
            "setting": ".".join(self.path),
            "before": None if self.before is None else list(self.before),
            "after": None if self.after is None else list(self.after),
            "known": self.is_known,
            "account_ids": list(self.account_ids),
        }


def management_label(policy_type: str) -> str:
    """Return what people call policies of a type."""
    return MANAGEMENT_LABELS.get(policy_type, policy_type.replace("_", " ").lower())


def management_differences(
    before: ManagementOrganization, after: ManagementOrganization
) -> tuple[SettingDifference, ...]:
    """Return how the effective policies of accounts differ between two states."""
    found: list[SettingDifference] = []
    for kind in MANAGEMENT_POLICY_TYPES:
        if kind in before.enabled or kind in after.enabled:
            found += _of_type(kind, before, after)
    return tuple(found)


def _of_type(
    kind: str, before: ManagementOrganization, after: ManagementOrganization
) -> Iterator[SettingDifference]:
    if before.attached[kind] == after.attached[kind] and (kind in before.enabled) is (
        kind in after.enabled
    ):
        moved = _moved(before.organization, after.organization)
        account_ids: Iterable[str] = moved
    else:
        account_ids = before.organization.account_ids
    alike: dict[tuple[Any, ...], list[str]] = {}
    for account_id in account_ids:
        if account_id in after.organization.names:
            was = before.on_way(kind, account_id) if kind in before.enabled else ()
            becomes = after.on_way(kind, account_id) if kind in after.enabled else ()
            if was != becomes:
                alike.setdefault((was, becomes), []).append(account_id)
    changed: dict[tuple[Any, ...], list[str]] = {}
    for accounts in alike.values():
        first = accounts[0]
        old = before.computed(kind, first) if kind in before.enabled else None
        new = after.computed(kind, first) if kind in after.enabled else None
        if kind not in before.collected or not _are_known(old, new):
            changed.setdefault(((), None, None, False), []).extend(accounts)
            continue
        for path, was_set, is_set in _settings_differing(PolicyType(kind), old, new):
            changed.setdefault((path, was_set, is_set, True), []).extend(accounts)
    for (path, was_set, is_set, known), accounts in changed.items():
        yield SettingDifference(kind, path, was_set, is_set, tuple(sorted(accounts)), known)


def _moved(before: CompiledOrganization, after: CompiledOrganization) -> list[str]:
    found: list[str] = []
    for target_id, name in before.names.items():
        becomes = after.names.get(target_id)
        if becomes is not None and becomes is not name and becomes.parent_id != name.parent_id:
            found += before.accounts_below(target_id)
    return found


def _are_known(*policies: ComputedEffectivePolicy | None) -> bool:
    return all(
        policy is None or (policy.is_known and all(one.is_certain for one in policy.settings))
        for policy in policies
    )


def _settings_differing(
    kind: PolicyType, old: ComputedEffectivePolicy | None, new: ComputedEffectivePolicy | None
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...] | None]]:
    was, becomes = _by_key(kind, old), _by_key(kind, new)
    for key in dict.fromkeys((*was, *becomes)):
        before, after = was.get(key), becomes.get(key)
        if before is None or after is None or sorted(before[1]) != sorted(after[1]):
            path = (after or before or ((), ()))[0]
            yield path, before and before[1], after and after[1]


def _by_key(
    kind: PolicyType, policy: ComputedEffectivePolicy | None
) -> dict[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]]:
    if policy is None:
        return {}
    return {setting_key(kind, one.path): (one.path, one.values) for one in policy.settings}


def management_after(
    before: ManagementOrganization,
    operations: Sequence[Operation],
    drafted: DraftedOrganization,
) -> ManagementOrganization:
    """Return management policies with operations done to them; those on other types are left out.

    `drafted`: what all operations make; those that it refused are not done.
    """
    work = _ManagementWork(before)
    refused = {problem.number for problem in drafted.problems}
    for number, operation in enumerate(operations):
        if number not in refused:
            work.do(operation)
    return work.done(drafted)


class _ManagementWork:
    """The management policies while operations are done."""

    def __init__(self, before: ManagementOrganization) -> None:
        self._before = before
        self._enabled = set(before.enabled)
        self._policies = dict(before.policies)
        self._attached = {kind: dict(found) for kind, found in before.attached.items()}
        self._types = dict(before.types)

    def do(self, operation: Operation) -> None:
        """Do one operation, if it is of a management policy."""
        kind = operation.policy_type or self._types.get(operation.policy_id, "")
        name = operation.kind.value
        if kind not in self._attached:
            return
        if name == "enable_policy_type":
            self._enabled.add(kind)
        elif name == "disable_policy_type":
            self._enabled.discard(kind)
            self._attached[kind] = {}
        elif name in ("create_policy", "update_policy"):
            self._put(kind, operation)
        elif name == "delete_policy":
            for target_id in list(self._attached[kind]):
                self._detach(kind, operation.policy_id, target_id)
            self._policies.pop(operation.policy_id, None)
        elif name == "attach_policy" and operation.policy_id in self._policies:
            held = self._attached[kind].get(operation.target_id, ())
            policy = self._policies[operation.policy_id]
            if policy not in held:
                self._attached[kind][operation.target_id] = (*held, policy)
        elif name == "detach_policy":
            self._detach(kind, operation.policy_id, operation.target_id)

    def _put(self, kind: str, operation: Operation) -> None:
        known = self._policies.get(operation.policy_id)
        sha256 = hashlib.sha256(operation.text.encode("utf-8", "surrogatepass")).hexdigest()
        if known is not None and known.sha256 == sha256:
            return
        made = management_policy(
            operation.policy_id,
            known.name if known else operation.name,
            sha256,
            parsed_policy(sha256, operation.text, PolicyType(kind)),
        )
        self._policies[operation.policy_id] = made
        self._types[operation.policy_id] = kind
        for target_id, held in self._attached[kind].items():
            if known in held:
                self._attached[kind][target_id] = tuple(
                    made if one is known else one for one in held
                )

    def _detach(self, kind: str, policy_id: str, target_id: str) -> None:
        held: tuple[AttachedManagementPolicy, ...] = self._attached[kind].get(target_id, ())
        left = tuple(one for one in held if one.policy_id != policy_id)
        if left:
            self._attached[kind][target_id] = left
        else:
            self._attached[kind].pop(target_id, None)

    def done(self, drafted: DraftedOrganization) -> ManagementOrganization:
        """Return what was made."""
        organization, parents = self._before.organization, drafted.parents
        if parents or drafted.units.new:
            names = {
                target_id: replace(name, parent_id=parents[target_id])
                if target_id in parents
                else name
                for target_id, name in organization.names.items()
            }
            organization = replace(organization, names={**names, **drafted.units.new})
        return replace(
            self._before,
            organization=organization,
            enabled=frozenset(self._enabled),
            attached=self._attached,
            policies=self._policies,
            types=self._types,
            _chains={},
            _below={},
            _computed={},
        )
