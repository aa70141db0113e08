"""Reads from AWS what the table of `governance.changes.planning.tables` has keys for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance.changes.aws_writer import AwsWriteError, OrganizationsApi
from governance.changes.planning.steps import AwsCall, Step
from governance.changes.planning.tables import OWN_TAGS, STEP_TAG, Table, base_of


def read_key(api: OrganizationsApi, key: str) -> Any:
    """Return the live value of a key; None: the thing is not there.

    :raises AwsWriteError: AWS refused, or did not answer.
    """
    kind, _, name = key.partition("/")
    try:
        match kind:
            case "policy":
                return _policy(api, name)
            case "targets":
                found = api.read_all("ListTargetsForPolicy", "Targets", PolicyId=name)
                return sorted(each["TargetId"] for each in found)
            case "attached":
                target_id, _, policy_type = name.partition("/")
                found = api.read_all(
                    "ListPoliciesForTarget", "Policies", TargetId=target_id, Filter=policy_type
                )
                return sorted(each["Id"] for each in found)
            case "parent":
                return api.read("ListParents", ChildId=name)["Parents"][0]["Id"]
            case "unit":
                unit = api.read("DescribeOrganizationalUnit", OrganizationalUnitId=name)
                return {"name": unit["OrganizationalUnit"]["Name"]}
            case "tags":
                return tags_of(api, name)
            case "policies":
                found = api.read_all("ListPolicies", "Policies", Filter=name)
                return [each["Id"] for each in found]
            case _:
                root = api.read("ListRoots")["Roots"][0]
                return {each["Type"]: each["Status"] for each in root["PolicyTypes"]}
    except AwsWriteError as error:
        if error.not_found:
            # A type that is not enabled has nothing attached anywhere.
            return [] if error.code == "PolicyTypeNotEnabledException" else None
        raise


def _policy(api: OrganizationsApi, policy_id: str) -> dict[str, str]:
    found = api.read("DescribePolicy", PolicyId=policy_id)["Policy"]
    summary = found["PolicySummary"]
    return {
        "name": summary["Name"],
        "type": summary["Type"],
        "description": summary.get("Description", ""),
        "text": found["Content"],
    }


def tags_of(api: OrganizationsApi, resource_id: str) -> dict[str, str]:
    """Return the tags of a resource, without those by which a rollout finds its own."""
    return {
        name: value for name, value in _all_tags(api, resource_id).items() if name not in OWN_TAGS
    }


def _all_tags(api: OrganizationsApi, resource_id: str) -> dict[str, str]:
    found = api.read_all("ListTagsForResource", "Tags", ResourceId=resource_id)
    return {tag["Key"]: tag["Value"] for tag in found}


def read_keys(api: OrganizationsApi, keys: Iterable[str]) -> Table:
    """Return the live values of keys."""
    return {key: read_key(api, key) for key in keys}


def read_base(api: OrganizationsApi, steps: Sequence[Step]) -> Table:
    """Return the live values of all that `steps` touch and that no step creates."""
    return base_of(lambda key: read_key(api, key), steps)


def accounts_below(
    api: OrganizationsApi, unit_id: str, listed: dict[str, tuple[list[str], list[str]]]
) -> set[str]:
    """Return the ids of the accounts at or below a root or OU; none where there is no such OU.

    `listed`: the OUs and accounts of each that was listed already; what is listed is added.

    :raises AwsWriteError: AWS refused, or did not answer.
    """
    found: set[str] = set()
    waiting = [unit_id]
    while waiting:
        each = waiting.pop()
        if each not in listed:
            listed[each] = (
                _ids_below(api, "ListOrganizationalUnitsForParent", "OrganizationalUnits", each),
                _ids_below(api, "ListAccountsForParent", "Accounts", each),
            )
        units, accounts = listed[each]
        waiting += units
        found.update(accounts)
    return found


def _ids_below(api: OrganizationsApi, operation: str, member: str, unit_id: str) -> list[str]:
    try:
        return [one["Id"] for one in api.read_all(operation, member, ParentId=unit_id)]
    except AwsWriteError as error:
        if error.not_found:
            return []
        raise


def find_created(
    api: OrganizationsApi, step: Step, given: Mapping[str, Any], *, step_tag: str
) -> str:
    """Return the id of what a step created, whose answer was lost, by its tag; empty: nothing.

    Names are unique among the policies of a type and the OUs of a parent.
    """
    if step.call is AwsCall.CREATE_POLICY:
        found = api.read_all("ListPolicies", "Policies", Filter=given["Type"])
    else:
        found = api.read_all(
            "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=given["ParentId"]
        )
    for each in found:
        if each["Name"] == given["Name"]:
            tagged = _all_tags(api, each["Id"]).get(STEP_TAG) == step_tag
            return str(each["Id"]) if tagged else ""
    return ""
