"""What AWS holds of the things that a plan touches, as a table, and what each step makes of it.

Keys and values of the table:

    policy/ID              {"name", "type", "description", "text"}, None: there is none
    targets/ID             the targets that the policy is attached to, sorted; None: as above
    attached/TARGET/TYPE   the policies of a type that are attached to a target, sorted
    parent/ID              the parent of an account or OU
    unit/ID                {"name"}, None: there is none
    tags/ID                the tags of a resource
    types                  the enabled policy types and their status
    policies/TYPE          the ids of all policies of a type; only read, never kept
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from governance.changes.planning.steps import AwsCall, Step

Table = dict[str, Any]

TYPES: Final = "types"
ENABLED: Final = "ENABLED"
REQUEST_TAG: Final = "orgwarden:change-request"
STEP_TAG: Final = "orgwarden:rollout-step"
OWN_TAGS: Final = frozenset({REQUEST_TAG, STEP_TAG})
PLACEHOLDERS: Final = ("new-", "copy-", "back-")
# What AWS attaches everywhere when a type is enabled, and to each new OU.
_ATTACHED_BY_AWS: Final[Mapping[str, str]] = {
    "SERVICE_CONTROL_POLICY": "p-FullAWSAccess",
    "RESOURCE_CONTROL_POLICY": "p-RCPFullAWSAccess",
}
_OF_UNITS: Final = frozenset(
    {AwsCall.CREATE_ORGANIZATIONAL_UNIT, AwsCall.DELETE_ORGANIZATIONAL_UNIT}
)
_ID_PARAMETERS: Final = (
    *("PolicyId", "TargetId", "AccountId", "OrganizationalUnitId", "ParentId"),
    *("SourceParentId", "DestinationParentId", "ResourceId", "RootId"),
)


class UnknownObject(Exception):
    """A step names what no earlier step of its plan has created."""


def is_placeholder(object_id: str) -> bool:
    """Whether an id stands for what a step creates."""
    return object_id.startswith(PLACEHOLDERS)


def resolved(step: Step, created: Mapping[str, str]) -> dict[str, Any]:
    """Return a step's parameters with the ids that AWS gave in place of placeholders.

    :raises UnknownObject: see there.
    """
    given = dict(step.parameters)
    for name in _ID_PARAMETERS:
        value = given.get(name)
        if isinstance(value, str) and is_placeholder(value):
            if value not in created:
                raise UnknownObject(f"step {step.number} needs {value}, which was not created")
            given[name] = created[value]
    return given


def attached_by_aws(policy_type: str) -> list[str]:
    """Return what AWS itself attaches everywhere when a type is enabled, and to each new OU."""
    default = _ATTACHED_BY_AWS.get(policy_type)
    return [default] if default else []


def _enabled_types(table: Mapping[str, Any]) -> list[str]:
    return [name for name, status in (table.get(TYPES) or {}).items() if status == ENABLED]


def attached_to(target_id: str, table: Mapping[str, Any]) -> list[str]:
    """Return the policies that are attached to a target, of the types that are enabled."""
    keys = (f"attached/{target_id}/{each}" for each in _enabled_types(table))
    return [policy_id for key in keys for policy_id in table.get(key) or ()]


def policy_type_of(policy_id: str, table: Mapping[str, Any]) -> str:
    """Return a policy's type.

    :raises UnknownObject: the table does not have the policy.
    """
    policy = table.get(f"policy/{policy_id}")
    if not policy:
        raise UnknownObject(f"there is no policy {policy_id}")
    return str(policy["type"])


def touched(step: Step, given: Mapping[str, Any], table: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values must be as reviewed before a step's call.

    `given`: the resolved parameters. `table`: holds at least the policies concerned.
    """
    match step.call:
        case AwsCall.ATTACH_POLICY | AwsCall.DETACH_POLICY:
            policy_type = policy_type_of(given["PolicyId"], table)
            return [f"policy/{given['PolicyId']}", f"attached/{given['TargetId']}/{policy_type}"]
        case AwsCall.UPDATE_POLICY:
            return [f"policy/{given['PolicyId']}", f"targets/{given['PolicyId']}"]
        case AwsCall.DELETE_POLICY:
            return [f"{kind}/{given['PolicyId']}" for kind in ("policy", "targets", "tags")]
        case AwsCall.MOVE_ACCOUNT:
            return [f"parent/{given['AccountId']}"]
        case AwsCall.UPDATE_ORGANIZATIONAL_UNIT:
            unit_id = given["OrganizationalUnitId"]
            return [f"unit/{unit_id}", f"parent/{unit_id}"]
        case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
            unit_id = given["OrganizationalUnitId"]
            held = [f"attached/{unit_id}/{each}" for each in _enabled_types(table)]
            return [f"unit/{unit_id}", f"parent/{unit_id}", *held]
        case AwsCall.ENABLE_POLICY_TYPE | AwsCall.DISABLE_POLICY_TYPE:
            return [TYPES]
        case AwsCall.TAG_RESOURCE | AwsCall.UNTAG_RESOURCE:
            return [f"tags/{given['ResourceId']}"]
        case AwsCall.CREATE_POLICY | AwsCall.CREATE_ORGANIZATIONAL_UNIT:
            return []


def changed(
    step: Step, given: Mapping[str, Any], table: Mapping[str, Any], created_id: str = ""
) -> Table:
    """Return the keys that a step changes, with the values that they have after it.

    `created_id`: what AWS named the thing that the step creates.
    """
    match step.call:
        case AwsCall.CREATE_POLICY:
            return {
                f"policy/{created_id}": {
                    "name": given["Name"],
                    "type": given["Type"],
                    "description": given.get("Description", ""),
                    "text": given["Content"],
                },
                f"targets/{created_id}": [],
                f"tags/{created_id}": {
                    tag["Key"]: tag["Value"]
                    for tag in given.get("Tags", ())
                    if tag["Key"] not in OWN_TAGS
                },
            }
        case AwsCall.UPDATE_POLICY:
            before = table[f"policy/{given['PolicyId']}"]
            names = (("Name", "name"), ("Description", "description"), ("Content", "text"))
            new = {ours: given[theirs] for theirs, ours in names if theirs in given}
            return {f"policy/{given['PolicyId']}": {**before, **new}}
        case AwsCall.DELETE_POLICY:
            return dict.fromkeys(touched(step, given, table))
        case AwsCall.ATTACH_POLICY | AwsCall.DETACH_POLICY:
            return _changed_attachments(step.call, given, table)
        case AwsCall.MOVE_ACCOUNT:
            return {f"parent/{given['AccountId']}": given["DestinationParentId"]}
        case AwsCall.CREATE_ORGANIZATIONAL_UNIT:
            return {
                f"unit/{created_id}": {"name": given["Name"]},
                f"parent/{created_id}": given["ParentId"],
                **{
                    f"attached/{created_id}/{policy_type}": attached_by_aws(policy_type)
                    for policy_type in _enabled_types(table)
                },
            }
        case AwsCall.UPDATE_ORGANIZATIONAL_UNIT:
            return {f"unit/{given['OrganizationalUnitId']}": {"name": given["Name"]}}
        case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
            return dict.fromkeys(touched(step, given, table))
        case AwsCall.ENABLE_POLICY_TYPE | AwsCall.DISABLE_POLICY_TYPE:
            return _changed_types(step.call, given["PolicyType"], table)
        case AwsCall.TAG_RESOURCE:
            key = f"tags/{given['ResourceId']}"
            new = {tag["Key"]: tag["Value"] for tag in given["Tags"]}
            return {key: {**table[key], **new}}
        case AwsCall.UNTAG_RESOURCE:
            key = f"tags/{given['ResourceId']}"
            return {
                key: {
                    name: value
                    for name, value in table[key].items()
                    if name not in given["TagKeys"]
                }
            }


def _changed_attachments(
    call: AwsCall, given: Mapping[str, Any], table: Mapping[str, Any]
) -> Table:
    policy_id, target_id = given["PolicyId"], given["TargetId"]
    here = f"attached/{target_id}/{policy_type_of(policy_id, table)}"
    everywhere = f"targets/{policy_id}"
    found: Table = {here: _with(table.get(here, []), policy_id, call)}
    if everywhere in table:
        found[everywhere] = _with(table[everywhere], target_id, call)
    return found


def _with(values: Sequence[str] | None, value: str, call: AwsCall) -> list[str]:
    others = [each for each in values or () if each != value]
    return sorted([*others, value]) if call is AwsCall.ATTACH_POLICY else others


def _changed_types(call: AwsCall, policy_type: str, table: Mapping[str, Any]) -> Table:
    enabled = {name: status for name, status in table[TYPES].items() if name != policy_type}
    attached: list[str] = []
    if call is AwsCall.ENABLE_POLICY_TYPE:
        enabled[policy_type] = ENABLED
        attached = attached_by_aws(policy_type)
    found: Table = {TYPES: enabled}
    for key, value in table.items():
        if key.startswith("attached/") and key.endswith(f"/{policy_type}"):
            found[key] = attached
        policy_id = key.removeprefix("targets/")
        if policy_id != key and (table.get(f"policy/{policy_id}") or {}).get("type") == policy_type:
            found[key] = []
            found |= {f"attached/{target_id}/{policy_type}": attached for target_id in value or ()}
    return found


def base_of(read: Callable[[str], Any], steps: Sequence[Step]) -> Table:
    """Return the values of all that `steps` touch and that no step creates, by `read`.

    Each key is read once; what a step only reads behind others is as those leave it.
    """
    base: Table = {}
    created = {step.creates: f"made-{step.number}" for step in steps if step.creates}
    made = frozenset(created.values())
    if any(step.call in _OF_UNITS for step in steps):
        base[TYPES] = read(TYPES)
    for step in steps:
        policy_id = str(step.parameters.get("PolicyId", ""))
        key = f"policy/{policy_id}"
        if policy_id and not is_placeholder(policy_id) and key not in base:
            base[key] = read(key)
        if step.call is AwsCall.DISABLE_POLICY_TYPE:
            # Disabling a type forgets where its policies are attached.
            for each in read(f"policies/{step.parameters['PolicyType']}"):
                base |= {name: read(name) for name in (f"policy/{each}", f"targets/{each}")}
    table = after_steps(base, (), created)
    for step in steps:
        given = resolved(step, created)
        for key in touched(step, given, table):
            if key not in table and not made.intersection(key.split("/")):
                base[key] = table[key] = read(key)
        if step.call is AwsCall.DELETE_ORGANIZATIONAL_UNIT:
            # What is attached to an OU is attached again if the OU is made again.
            for policy_id in attached_to(given["OrganizationalUnitId"], table):
                key = f"policy/{policy_id}"
                if key not in table:
                    base[key] = table[key] = read(key)
        table = after_steps(table, (step,), created)
    return base


def after_steps(
    base: Mapping[str, Any],
    steps: Iterable[Step],
    created: Mapping[str, str],
    *,
    skipped: frozenset[int] = frozenset(),
) -> Table:
    """Return the table after `steps` were made from `base`. `skipped`: numbers of others."""
    table = dict(base)
    for step in steps:
        if step.number not in skipped:
            given = resolved(step, created)
            table.update(changed(step, given, table, created.get(step.creates, "")))
    return table


def differences(
    expected: Mapping[str, Any], live: Mapping[str, Any], keys: Iterable[str]
) -> Iterator[str]:
    """Yield a sentence for each key whose live value is not the expected one."""
    for key in keys:
        if not same(key, expected.get(key), live.get(key)):
            yield _difference(key, expected.get(key), live.get(key))


def same(key: str, expected: Any, live: Any) -> bool:
    """Whether two values of a key are equal; texts of policies by the JSON they hold."""
    if key.startswith("policy/") and expected and live:
        return all(
            (same_text if name == "text" else str.__eq__)(value, live[name])
            for name, value in expected.items()
        )
    return bool(expected == live)


def same_text(one: str, other: str) -> bool:
    """Whether two policy texts hold the same JSON, whatever their whitespace."""
    if one == other:
        return True
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def _difference(key: str, expected: Any, live: Any) -> str:
    kind, _, name = key.partition("/")
    match kind:
        case "policy":
            if live is None:
                return f"policy {name} was deleted"
            if expected is None:
                return f"policy {name} exists already"
            parts = [
                part
                for part in ("name", "description", "text")
                if part in expected
                and not (same_text if part == "text" else str.__eq__)(expected[part], live[part])
            ]
            return f"policy {live['name']} ({name}): its {' and '.join(parts)} changed"
        case "attached":
            target_id, _, policy_type = name.partition("/")
            return f"{target_id}: {_set_difference(expected, live)} ({policy_type})"
        case "targets":
            return f"targets of policy {name}: {_set_difference(expected, live)}"
        case "parent":
            return f"{name} is in {live or 'no OU'}, not in {expected}"
        case "unit":
            if live is None:
                return f"OU {name} was deleted"
            return f"OU {name} is named {live['name']}"
        case "tags":
            return f"tags of {name} changed"
        case _:
            return (
                f"policy types: {_set_difference(sorted(expected or ()), sorted(live or ()))}"
                if set(expected or ()) != set(live or ())
                else f"policy types: {live}"
            )


def _set_difference(expected: Sequence[str] | None, live: Sequence[str] | None) -> str:
    if live is None:
        return "not there any more"
    more = sorted(set(live) - set(expected or ()))
    less = sorted(set(expected or ()) - set(live))
    said = [f"{', '.join(more)} added"] if more else []
    return "; ".join([*said, *([f"{', '.join(less)} removed"] if less else [])])
