"""The approved plan as a CloudFormation template, and which resources a stack has to import.

AWS::Organizations::Policy takes all targets of a policy (TargetIds), so a template holds the whole
of it. Resources that exist are imported by `Id` (create-change-set --change-set-type IMPORT
--resources-to-import), for which each needs a DeletionPolicy.
"""

import json
from typing import Any

import yaml

from governance.changes.elsewhere.approved import (
    ApprovedPolicy,
    ApprovedResult,
    ApprovedUnit,
)
from governance.changes.elsewhere.resource_names import cloudformation_name, unique_names

_POLICY = "AWS::Organizations::Policy"
_UNIT = "AWS::Organizations::OrganizationalUnit"
_MOST_DESCRIPTION = 1024


def cloudformation_text(result: ApprovedResult, *, heading: str) -> str:
    """Return the plan as a template in YAML. What no resource of it can do stands in comments."""
    units = _unit_names(result)
    resources: dict[str, Any] = {}
    for unit in result.units:
        if not unit.is_deleted:
            resources[units[unit.target_id]] = _unit_resource(unit, units)
    for policy, name in _policies(result):
        resources[name] = _policy_resource(policy, units)
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": " ".join(heading.split())[:_MOST_DESCRIPTION],
        "Resources": resources,
    }
    dumped = yaml.dump(template, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"# {line}\n" for line in _notes(result)) + str(dumped)


def resources_to_import(result: ApprovedResult) -> list[dict[str, Any]]:
    """Return the list for --resources-to-import: what exists already, by its id."""
    units = _unit_names(result)
    found = [
        _import(_UNIT, units[one.target_id], one.target_id)
        for one in result.units
        if not one.is_new and not one.is_deleted
    ]
    found += [
        _import(_POLICY, name, policy.policy_id)
        for policy, name in _policies(result)
        if not policy.is_new
    ]
    return found


class _Dumper(yaml.SafeDumper):
    """YAML in which nothing is an alias of something else: CloudFormation reads none."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that every value is written out."""
        return True


def _unit_names(result: ApprovedResult) -> dict[str, str]:
    named = ((one.target_id, f"{cloudformation_name(one.name)}Unit") for one in result.units)
    return dict(unique_names(named, joined_by=""))


def _policies(result: ApprovedResult) -> list[tuple[ApprovedPolicy, str]]:
    """Return the policies that are resources of a template, with their logical ids."""
    held = [one for one in result.policies if not one.aws_managed and not one.is_deleted]
    named = ((one.policy_id, f"{cloudformation_name(one.name)}Policy") for one in held)
    names = unique_names(named, joined_by="")
    return [(one, names[one.policy_id]) for one in held]


def _import(kind: str, name: str, object_id: str) -> dict[str, Any]:
    return {
        "ResourceType": kind,
        "LogicalResourceId": name,
        "ResourceIdentifier": {"Id": object_id},
    }


def _target(target_id: str, units: dict[str, str]) -> Any:
    return {"Ref": units[target_id]} if target_id.startswith("new-") else target_id


def _unit_resource(unit: ApprovedUnit, units: dict[str, str]) -> dict[str, Any]:
    return {
        "Type": _UNIT,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"Name": unit.name, "ParentId": _target(unit.parent_id, units)},
    }


def _policy_resource(policy: ApprovedPolicy, units: dict[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "Name": policy.name,
        "Type": policy.policy_type,
        "Content": _content(policy.text),
        "TargetIds": [_target(target_id, units) for target_id in policy.target_ids],
    }
    if policy.description:
        properties["Description"] = policy.description
    tags = [
        {"Key": key, "Value": value}
        for key, value in sorted(policy.tags.items())
        if value is not None
    ]
    if tags:
        properties["Tags"] = tags
    return {
        "Type": _POLICY,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _content(text: str) -> Any:
    """Return a policy's text as the object it stands for, so that drift can be detected."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _notes(result: ApprovedResult) -> list[str]:
    """Say what no resource of the template does."""
    notes = []
    for policy_type, enabled in sorted(result.policy_types.items()):
        verb = "Enable" if enabled else "Disable"
        notes.append(f"{verb} the policy type {policy_type} of the root: no resource does it.")
    for policy in result.policies:
        name = f"{' '.join(policy.name.split())} ({policy.policy_id})"
        if policy.is_deleted:
            notes.append(f"Remove the resource of {name}, without DeletionPolicy: it is deleted.")
        if policy.aws_managed:
            calls = [
                *(f"Attach {name} to {target_id}" for target_id in policy.target_ids),
                *(f"Detach {name} from {target_id}" for target_id in policy.detached_ids),
            ]
            notes += [f"{call}: it is AWS's, no resource holds it." for call in calls]
        gone = sorted(key for key, value in policy.tags.items() if value is None)
        if gone:
            notes.append(f"Remove the tags {', '.join(gone)} of {name}.")
    notes += [
        f"Delete the OU {' '.join(unit.name.split())} ({unit.target_id})."
        for unit in result.units
        if unit.is_deleted
    ]
    notes += [
        f"Move account {move.account_id} to {move.parent_id} (ParentIds of its own resource)."
        for move in result.moves
    ]
    return notes
