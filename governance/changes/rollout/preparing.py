"""What is done before the first call: AWS is read and compared with what was reviewed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from governance.changes.aws_writer import OrganizationsApi
from governance.changes.models import Rollout
from governance.changes.planning.rollback import steps_back
from governance.changes.planning.tables import (
    Table,
    after_steps,
    changed,
    differences,
    is_placeholder,
    resolved,
    touched,
)
from governance.changes.rollout.joined import joined_or_left
from governance.changes.rollout.journal import record_of, skipped_steps
from governance.changes.rollout.live import find_created, read_base, read_keys
from governance.changes.rollout.plans import steps_of

# Policies of these names are Control Tower's: it repairs them itself.
_CONTROL_TOWER = "aws-guardrails-"
_WRITES_TO_POLICY = frozenset({"UpdatePolicy", "DeletePolicy"})


class NotPrepared(Exception):
    """The rollout cannot begin; `differs`: what is not as reviewed."""

    def __init__(self, reason: str, *, differs: Sequence[str] = ()) -> None:
        """Keep the sentences."""
        super().__init__(reason)
        self.differs = tuple(differs)


def prepare(
    rollout: Rollout, api: Callable[[], OrganizationsApi], *, now: datetime
) -> tuple[Table, dict[str, Any]]:
    """Return what AWS holds of all that a rollout touches, and its plan.

    :raises NotPrepared: it is not what was reviewed, or somebody still writes.
    :raises AwsWriteError: AWS could not be read.
    """
    if rollout.kind == Rollout.Kind.FORWARD:
        base = read_base(api(), steps_of(rollout))
        _check_owners(rollout, base)
        evidence = rollout.change_request.evidence
        reviewed = reviewed_table(evidence.base) if evidence is not None else {}
        found = list(differences(reviewed, base, [key for key in base if key in reviewed]))
        found += joined_or_left(rollout, api())
        if found:
            raise NotPrepared(f"not as reviewed: {'; '.join(found)}", differs=found)
        return base, rollout.plan
    return _prepare_way_back(rollout, api())


def reviewed_table(base: Mapping[str, Any]) -> Table:
    """Return the base of an evidence (`governance.changes.evidence.base`) as a table.

    The enabled types are left out: the evidence has their names and AWS their status.
    """
    table: Table = {}
    for policy_id, policy in base.get("policies", {}).items():
        known = {name: policy[name] for name in ("name", "type", "text") if policy.get(name)}
        table[f"policy/{policy_id}"] = known
        table[f"targets/{policy_id}"] = sorted(policy["attached_to"])
    for target_id, target in base.get("targets", {}).items():
        for policy_type, policy_ids in target["attached"].items():
            table[f"attached/{target_id}/{policy_type}"] = sorted(policy_ids)
        if target.get("parent_id"):
            table[f"parent/{target_id}"] = target["parent_id"]
        if target_id.startswith("ou-"):
            table[f"unit/{target_id}"] = {"name": target["name"]}
    return table


def _check_owners(rollout: Rollout, base: Mapping[str, Any]) -> None:
    for step in steps_of(rollout):
        policy_id = str(step.parameters.get("PolicyId", ""))
        if not policy_id or is_placeholder(policy_id):
            continue
        policy = base.get(f"policy/{policy_id}") or {}
        name = str(policy.get("name", ""))
        if name.startswith(_CONTROL_TOWER):
            raise NotPrepared(f"policy {name} is Control Tower's and is changed there alone")
        if policy_id.endswith("FullAWSAccess") and step.call in _WRITES_TO_POLICY:
            raise NotPrepared(f"policy {name} is managed by AWS")


def _prepare_way_back(rollout: Rollout, api: OrganizationsApi) -> tuple[Table, dict[str, Any]]:
    """Settle what the rollout had begun, and turn around what it has done."""
    there = rollout.undoes
    if there is None:
        raise NotPrepared("the rollout to roll back is not known")
    steps = steps_of(there)
    skipped = frozenset(skipped_steps(there))
    created = dict(there.created)
    done = list(steps[: there.position])
    table = after_steps(there.base or {}, done, created, skipped=skipped)
    if there.position < len(steps):
        begun = _begun(there, api, table, created)
        if begun:
            done.append(steps[there.position])
            table = after_steps(table, done[-1:], created)
    back = steps_back(there.base or {}, done, created, skipped=skipped)
    plan = {"steps": [step.as_json() for step in back], "rings": []}
    keys = _keys_of(back, table)
    live = read_keys(api, keys)
    found = list(differences(table, live, keys))
    if found:
        raise NotPrepared(f"not as last read back: {'; '.join(found)}", differs=found)
    return table, plan


def _begun(there: Rollout, api: OrganizationsApi, table: Table, created: dict[str, str]) -> bool:
    """Whether AWS has done the step that the rollout was about to make when it was left."""
    step = steps_of(there)[there.position]
    record = record_of(there, step)
    if not record.unsettled:
        return False
    given = resolved(step, created)
    placeholder = step.creates
    if placeholder:
        found = record.created_id or find_created(
            api, step, given, step_tag=f"{there.pk}-{step.number}"
        )
        if found:
            created[placeholder] = found
        return bool(found)
    after = changed(step, given, table)
    keys = [key for key in touched(step, given, table) if key in after]
    live = read_keys(api, keys)
    return any(differences(table, live, keys)) and not any(differences(after, live, keys))


def _keys_of(steps: Sequence[Any], table: Mapping[str, Any]) -> list[str]:
    """Return the keys that a way back touches and that are known."""
    found: dict[str, None] = {}
    for step in steps:
        names = [str(value) for value in step.parameters.values() if isinstance(value, str)]
        if not any(is_placeholder(name) for name in names):
            found.update(
                dict.fromkeys(key for key in touched(step, step.parameters, table) if key in table)
            )
    return list(found)
