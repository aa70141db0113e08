"""The collected state that a plan begins with, as the table that its way back is read from."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from governance.changes.planning.base import PlanBase
from governance.changes.planning.rollback import steps_back
from governance.changes.planning.steps import Step
from governance.changes.planning.tables import ENABLED, Table, base_of
from governance.edits.work import OrganizationWork
from policies import PolicyType


def rollback_of(
    steps: Sequence[Step],
    table: Mapping[str, Any],
    *,
    position: int | None = None,
    skipped: Collection[int] = (),
) -> tuple[Step, ...]:
    """Return the way back after the first `position` steps of a plan; None: after all of them.

    `table`: of `plan_table`. What the plan creates goes by its placeholder.
    """
    made = {step.creates: step.creates for step in steps if step.creates}
    return steps_back(table, steps[:position], made, skipped=skipped)


def plan_table(base: PlanBase, steps: Sequence[Step]) -> Table:
    """Return what the collected state holds of all that steps touch."""
    work = OrganizationWork(base.organization, base.collected, as_collected=True)

    def policy(policy_id: str) -> Any:
        if policy_id not in work.policies:
            return None
        kind, found = work.policies[policy_id]
        details = base.collected.details_of(policy_id)
        return {
            "name": found.name,
            "type": kind.value,
            "description": details.description,
            "text": details.text or "",
        }

    def read(key: str) -> Any:
        kind, _, name = key.partition("/")
        match kind:
            case "policy":
                return policy(name)
            case "targets":
                return sorted(work.targets_of(name)) if name in work.policies else None
            case "attached":
                target_id, _, policy_type = name.partition("/")
                held = work.attached.get(PolicyType(policy_type), {}).get(target_id, ())
                return sorted(each.policy_id for each in held)
            case "parent":
                return work.parent(name)
            case "unit":
                return {"name": work.named(name)}
            case "tags":
                return dict(work.tags_of(name))
            case "policies":
                return [one for one, (of, _) in work.policies.items() if of.value == name]
            case _:
                return {each.value: ENABLED for each in work.enabled}

    return base_of(read, steps)
