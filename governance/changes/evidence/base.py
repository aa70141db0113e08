"""The collected state that a plan was made against: what its calls touch, and nothing else."""

from typing import Any, Final

from governance.changes.evidence.collected import CollectedState
from governance.changes.planning.steps import ChangePlan
from governance.posture.state.organization import CONTROL_TYPES
from inventory.selectors.roles import policy_texts

_NOT_IDS: Final = frozenset({"Content", "Name", "Description", "Tags", "TagKeys", "Type"})


def touched_by(plan: ChangePlan, state: CollectedState) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the targets and of the policies that a plan's calls touch, in order.

    A policy's new text touches every target that it is attached to.
    """
    names, policy_ids = state.organization.names, _policy_types(state)
    targets: dict[str, None] = {}
    policies: dict[str, None] = {}
    for step in plan.steps:
        for name, value in step.parameters.items():
            if name in _NOT_IDS or not isinstance(value, str):
                continue
            if value in names:
                targets[value] = None
            elif value in policy_ids:
                policies[value] = None
    for policy_id in policies:
        targets.update(dict.fromkeys(attached_to(state, policy_id)))
    return tuple(sorted(targets)), tuple(sorted(policies))


def attached_to(state: CollectedState, policy_id: str) -> list[str]:
    """Return the targets that a policy of any type is attached to."""
    found = []
    for kind in CONTROL_TYPES:
        for target_id, held in state.organization.control(kind).attached.items():
            if any(policy.policy_id == policy_id for policy in held):
                found.append(target_id)
    for by_target in state.management.attached.values():
        for target_id, others in by_target.items():
            if any(policy.policy_id == policy_id for policy in others):
                found.append(target_id)
    return sorted(set(found))


def base_of(
    state: CollectedState, target_ids: tuple[str, ...], policy_ids: tuple[str, ...]
) -> dict[str, Any]:
    """Return the base as JSON: policies with their texts, targets with parent and attachments.

    `accounts` of a target are all below it: one that joins makes another base.
    """
    found = _policy_types(state)
    texts = policy_texts({found[policy_id][2] for policy_id in policy_ids})
    return {
        "policies": {
            policy_id: {
                "name": found[policy_id][1],
                "type": found[policy_id][0],
                "sha256": found[policy_id][2],
                "text": state.live_texts.get(policy_id, texts.get(found[policy_id][2])),
                "attached_to": attached_to(state, policy_id),
            }
            for policy_id in policy_ids
        },
        "targets": {target_id: _target(state, target_id) for target_id in target_ids},
        "enabled_types": sorted(_enabled(state)),
    }


def _target(state: CollectedState, target_id: str) -> dict[str, Any]:
    organization = state.organization
    name = organization.names[target_id]
    attached = {
        kind.value: sorted(
            policy.policy_id for policy in organization.control(kind).attached.get(target_id, ())
        )
        for kind in CONTROL_TYPES
    }
    for kind, by_target in state.management.attached.items():
        if target_id in by_target:
            attached[kind] = sorted(policy.policy_id for policy in by_target[target_id])
    return {
        "name": name.name,
        "kind": name.kind,
        "parent_id": name.parent_id,
        "attached": attached,
        "accounts": sorted(organization.accounts_below(target_id)),
    }


def _policy_types(state: CollectedState) -> dict[str, tuple[str, str, str]]:
    """Return every policy's type, name and SHA-256 by id."""
    found = {
        policy.policy_id: (kind.value, policy.name, policy.sha256)
        for kind in CONTROL_TYPES
        for policy in state.organization.control(kind).by_id.values()
    }
    for policy_id, policy in state.management.policies.items():
        kind = state.management.types[policy_id]
        found[policy_id] = (kind, policy.name, policy.sha256)
    return found


def _enabled(state: CollectedState) -> set[str]:
    return set(state.management.enabled)
