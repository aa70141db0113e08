"""The operations that bring back what was agreed, as drafts and change requests take them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from governance.baseline.structure.document import Structure, subject_parts
from governance.drift.models import DriftItem
from governance.edits.operations import Operation, OperationKind

Kind = DriftItem.Kind
_AGAIN: Final = "new-again"


def restoring_operations(
    kind: Kind, name: str, attribute: str, desired: Structure, collected: Structure
) -> tuple[Operation, ...]:
    """Return the operations that undo one drift of a subject; empty where no edit does.

    What the operations create is called `new-again`: `merged_operations` numbers it.
    """
    return tuple(_operations(kind, subject_parts(name)[1], attribute, desired, collected))


def _operations(
    kind: Kind, ids: tuple[str, ...], attribute: str, desired: Structure, collected: Structure
) -> Iterator[Operation]:
    one = ids[0]
    match kind:
        case Kind.ACCOUNT_MOVED:
            parent_id = desired.accounts[one].parent_id
            yield Operation(OperationKind.MOVE_ACCOUNT, target_id=one, parent_id=parent_id)
        case Kind.POLICY_ADDED:
            yield Operation(OperationKind.DELETE_POLICY, policy_id=one)
        case Kind.POLICY_UPDATED | Kind.POLICY_REMOVED:
            yield from _of_policy(kind, one, attribute, desired)
        case Kind.POLICY_ATTACHED_TO_OU | Kind.POLICY_ATTACHED_TO_ACCOUNT:
            yield Operation(OperationKind.DETACH_POLICY, policy_id=one, target_id=ids[1])
        case Kind.POLICY_DETACHED_FROM_OU | Kind.POLICY_DETACHED_FROM_ACCOUNT:
            yield Operation(OperationKind.ATTACH_POLICY, policy_id=one, target_id=ids[1])
        case Kind.OU_ADDED | Kind.OU_RENAMED | Kind.OU_DELETED:
            yield _of_unit(kind, one, desired)
        case Kind.POLICY_TYPE_CHANGED:
            on = one in (desired.policy_types or ())
            edit = OperationKind.ENABLE_POLICY_TYPE if on else OperationKind.DISABLE_POLICY_TYPE
            yield Operation(edit, policy_type=one)
        case Kind.POLICY_TAGS_CHANGED:
            was, now = ((side.policy_tags or {}).get(one, {}) for side in (desired, collected))
            tags = {**dict.fromkeys(now), **was}
            differs = [(key, text) for key, text in sorted(tags.items()) if text != now.get(key)]
            yield Operation(OperationKind.TAG_POLICY, policy_id=one, tags=tuple(differs))


def _of_policy(
    kind: Kind, policy_id: str, attribute: str, desired: Structure
) -> Iterator[Operation]:
    was = desired.policies[policy_id]
    if kind == Kind.POLICY_REMOVED:
        yield Operation(
            OperationKind.CREATE_POLICY,
            policy_id=_AGAIN,
            name=was.name,
            policy_type=was.type,
            text=was.text,
        )
        for target_id in sorted(desired.attachments.get(policy_id, ())):
            yield Operation(OperationKind.ATTACH_POLICY, policy_id=_AGAIN, target_id=target_id)
    elif attribute == "content":
        yield Operation(OperationKind.UPDATE_POLICY, policy_id=policy_id, text=was.text)
    else:
        yield Operation(OperationKind.RENAME_POLICY, policy_id=policy_id, name=was.name)


def _of_unit(kind: Kind, target_id: str, desired: Structure) -> Operation:
    if kind == Kind.OU_ADDED:
        return Operation(OperationKind.DELETE_ORGANIZATIONAL_UNIT, target_id=target_id)
    was = desired.units[target_id]
    if kind == Kind.OU_RENAMED:
        return Operation(
            OperationKind.RENAME_ORGANIZATIONAL_UNIT, target_id=target_id, name=was.name
        )
    return Operation(
        OperationKind.CREATE_ORGANIZATIONAL_UNIT,
        target_id=_AGAIN,
        parent_id=was.parent_id,
        name=was.name,
    )


def merged_operations(parts: Iterable[tuple[Operation, ...]]) -> tuple[Operation, ...]:
    """Return the operations of several drifts as one list, what they create told apart."""
    merged: list[Operation] = []
    for number, operations in enumerate(parts, start=1):
        own = f"{_AGAIN}{number}"
        merged += [
            replace(
                one,
                policy_id=own if one.policy_id == _AGAIN else one.policy_id,
                target_id=own if one.target_id == _AGAIN else one.target_id,
            )
            for one in operations
        ]
    return tuple(merged)
