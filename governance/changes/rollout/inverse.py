"""The way back from any place of a rollout: through the same states as the way there, reversed.

Each call is undone by its opposite, the last one first, so every state on the way back is one that
the evidence has proven on the way there. What AWS does not give back as it was is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance.changes.planning.steps import AwsCall, Step
from governance.changes.rollout.expected import (
    Table,
    changed,
    creates,
    resolved,
)


def steps_back(
    base: Mapping[str, Any],
    done: Sequence[Step],
    created: Mapping[str, str],
    *,
    skipped: frozenset[int] = frozenset(),
) -> tuple[Step, ...]:
    """Return the steps that undo `done`, which were made from `base`, in order.

    A policy or OU created again stands under the placeholder `back-NUMBER` of the step that had
    deleted it.
    """
    table: Table = dict(base)
    undone: list[list[dict[str, Any]]] = []
    again: dict[str, str] = {}
    waits = False
    for step in done:
        if step.number in skipped:
            continue
        given = resolved(step, created)
        created_id = created.get(creates(step), "")
        calls = list(_opposite(step, given, table, created_id, again))
        # Two states that a wait lay between on the way there have one between them on the way back.
        for number, call in enumerate(calls):
            call["waits"] = waits and number == len(calls) - 1
        undone.append(calls)
        table.update(changed(step, given, table, created_id))
        waits = step.waits
    flat = [call for calls in reversed(undone) for call in calls]
    return tuple(
        Step(
            number=number,
            ring=1,
            call=call["call"],
            parameters=_named_again(call["parameters"], again, flat[: number - 1]),
            waits=call["waits"],
            reason=call["reason"],
        )
        for number, call in enumerate(flat, start=1)
    )


def _named_again(
    parameters: Mapping[str, Any], again: Mapping[str, str], before: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Name what a call before this one creates again by its placeholder."""
    made = {
        call["parameters"].get("PolicyId") or call["parameters"].get("OrganizationalUnitId")
        for call in before
        if call["call"] in (AwsCall.CREATE_POLICY, AwsCall.CREATE_ORGANIZATIONAL_UNIT)
    }
    return {
        name: again[value]
        if isinstance(value, str) and again.get(value) in made and value in again
        else value
        for name, value in parameters.items()
    }


def _opposite(
    step: Step,
    given: Mapping[str, Any],
    table: Mapping[str, Any],
    created_id: str,
    again: dict[str, str],
) -> Iterable[dict[str, Any]]:
    """Yield the calls that undo a step. `table`: before it."""

    def call(name: AwsCall, reason: str, **parameters: Any) -> dict[str, Any]:
        return {"call": name, "parameters": parameters, "reason": reason}

    match step.call:
        case AwsCall.ATTACH_POLICY:
            yield call(
                AwsCall.DETACH_POLICY,
                "Detach what this request attached.",
                PolicyId=given["PolicyId"],
                TargetId=given["TargetId"],
            )
        case AwsCall.DETACH_POLICY:
            yield call(
                AwsCall.ATTACH_POLICY,
                "Attach what this request detached.",
                PolicyId=given["PolicyId"],
                TargetId=given["TargetId"],
            )
        case AwsCall.CREATE_POLICY:
            yield call(
                AwsCall.DELETE_POLICY, "Delete what this request created.", PolicyId=created_id
            )
        case AwsCall.UPDATE_POLICY:
            before = table[f"policy/{given['PolicyId']}"]
            names = (("Name", "name"), ("Description", "description"), ("Content", "text"))
            yield call(
                AwsCall.UPDATE_POLICY,
                "Restore the text and name from before.",
                PolicyId=given["PolicyId"],
                **{theirs: before[ours] for theirs, ours in names if theirs in given},
            )
        case AwsCall.DELETE_POLICY:
            before = table[f"policy/{given['PolicyId']}"]
            again[given["PolicyId"]] = f"back-{step.number}"
            yield call(
                AwsCall.CREATE_POLICY,
                "Create the deleted policy again; it gets another id.",
                PolicyId=f"back-{step.number}",
                Name=before["name"],
                Type=before["type"],
                Description=before["description"],
                Content=before["text"],
            )
        case AwsCall.MOVE_ACCOUNT:
            yield call(
                AwsCall.MOVE_ACCOUNT,
                "Move the account back.",
                AccountId=given["AccountId"],
                SourceParentId=given["DestinationParentId"],
                DestinationParentId=given["SourceParentId"],
            )
        case AwsCall.CREATE_ORGANIZATIONAL_UNIT:
            yield call(
                AwsCall.DELETE_ORGANIZATIONAL_UNIT,
                "Delete the OU that this request created.",
                OrganizationalUnitId=created_id,
            )
        case AwsCall.UPDATE_ORGANIZATIONAL_UNIT:
            yield call(
                AwsCall.UPDATE_ORGANIZATIONAL_UNIT,
                "Restore the OU's name.",
                OrganizationalUnitId=given["OrganizationalUnitId"],
                Name=table[f"unit/{given['OrganizationalUnitId']}"]["name"],
            )
        case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
            unit_id = given["OrganizationalUnitId"]
            again[unit_id] = f"back-{step.number}"
            yield call(
                AwsCall.CREATE_ORGANIZATIONAL_UNIT,
                "Create the deleted OU again; it gets another id.",
                OrganizationalUnitId=f"back-{step.number}",
                ParentId=table[f"parent/{unit_id}"],
                Name=table[f"unit/{unit_id}"]["name"],
            )
        case _:
            yield from _opposite_of_types_and_tags(step, given, table, call)


def _opposite_of_types_and_tags(
    step: Step, given: Mapping[str, Any], table: Mapping[str, Any], call: Any
) -> Iterable[dict[str, Any]]:
    match step.call:
        case AwsCall.ENABLE_POLICY_TYPE:
            yield call(
                AwsCall.DISABLE_POLICY_TYPE,
                "Disable the policy type again.",
                RootId=given["RootId"],
                PolicyType=given["PolicyType"],
            )
        case AwsCall.DISABLE_POLICY_TYPE:
            yield call(
                AwsCall.ENABLE_POLICY_TYPE,
                "Enable the policy type again; AWS has lost its attachments.",
                RootId=given["RootId"],
                PolicyType=given["PolicyType"],
            )
            yield from _attached_again(given["PolicyType"], table, call)
        case AwsCall.TAG_RESOURCE | AwsCall.UNTAG_RESOURCE:
            resource_id = given["ResourceId"]
            before = table[f"tags/{resource_id}"]
            names = (
                given["TagKeys"]
                if step.call is AwsCall.UNTAG_RESOURCE
                else [tag["Key"] for tag in given["Tags"]]
            )
            old = [{"Key": name, "Value": before[name]} for name in names if name in before]
            new = [name for name in names if name not in before]
            if new and step.call is AwsCall.TAG_RESOURCE:
                yield call(
                    AwsCall.UNTAG_RESOURCE,
                    "Remove the tags that this request added.",
                    ResourceId=resource_id,
                    TagKeys=new,
                )
            if old:
                yield call(
                    AwsCall.TAG_RESOURCE,
                    "Restore the tags from before.",
                    ResourceId=resource_id,
                    Tags=old,
                )


def _attached_again(
    policy_type: str, table: Mapping[str, Any], call: Any
) -> Iterable[dict[str, Any]]:
    for key, target_ids in sorted(table.items()):
        policy_id = key.removeprefix("targets/")
        policy = table.get(f"policy/{policy_id}")
        if policy_id == key or not policy or policy["type"] != policy_type:
            continue
        if policy_id.endswith("FullAWSAccess"):
            continue
        for target_id in target_ids:
            yield call(
                AwsCall.ATTACH_POLICY,
                "Attach again what disabling the type has detached.",
                PolicyId=policy_id,
                TargetId=target_id,
            )


def comes_back_otherwise(steps: Sequence[Step], table: Mapping[str, Any]) -> list[str]:
    """Return sentences on what a rollback of `steps` does not give back as it was."""
    found = []
    for step in steps:
        match step.call:
            case AwsCall.DELETE_POLICY:
                policy_id = str(step.parameters["PolicyId"])
                name = (table.get(f"policy/{policy_id}") or {}).get("name", policy_id)
                found.append(f"Policy {name} comes back with another id.")
            case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
                unit_id = step.parameters["OrganizationalUnitId"]
                found.append(f"OU {unit_id} comes back with another id.")
            case AwsCall.DISABLE_POLICY_TYPE:
                found.append(
                    f"{step.parameters['PolicyType']} comes back with the attachments that this "
                    "rollout has read; AWS loses all when the type is disabled."
                )
            case _:
                pass
    return found
