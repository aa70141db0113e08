"""Edits of an organization's policies, policy types and tree, and their form as JSON.

An operation is named after the AWS call that does it (Organizations API reference: UpdatePolicy,
CreatePolicy, …); `rename_policy` is UpdatePolicy with a name, `tag_policy` TagResource and
UntagResource. AWS has no call that moves an OU: see `OperationKind.MOVE_ORGANIZATIONAL_UNIT`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from policies import ORGANIZATION_POLICY_TYPES, PolicyType

MOST_OPERATIONS: Final = 50
LONGEST_TEXT: Final = 60_000
LONGEST_NAME: Final = 128
MOST_TAGS: Final = 50
LONGEST_TAG_KEY: Final = 128
LONGEST_TAG_VALUE: Final = 256

JsonObject = dict[str, object]


class OperationKind(StrEnum):
    """What an operation does.

    MOVE_ORGANIZATIONAL_UNIT stands for a new OU in the other place and a MoveAccount for each
    account, which is what it takes in AWS.
    """

    UPDATE_POLICY = "update_policy"
    CREATE_POLICY = "create_policy"
    DELETE_POLICY = "delete_policy"
    ATTACH_POLICY = "attach_policy"
    DETACH_POLICY = "detach_policy"
    MOVE_ACCOUNT = "move_account"
    MOVE_ORGANIZATIONAL_UNIT = "move_organizational_unit"
    ENABLE_POLICY_TYPE = "enable_policy_type"
    DISABLE_POLICY_TYPE = "disable_policy_type"
    RENAME_POLICY = "rename_policy"
    TAG_POLICY = "tag_policy"
    CREATE_ORGANIZATIONAL_UNIT = "create_organizational_unit"
    RENAME_ORGANIZATIONAL_UNIT = "rename_organizational_unit"
    DELETE_ORGANIZATIONAL_UNIT = "delete_organizational_unit"


MEMBERS: Final[Mapping[OperationKind, tuple[str, ...]]] = {
    OperationKind.UPDATE_POLICY: ("policy_id", "text"),
    OperationKind.CREATE_POLICY: ("policy_id", "name", "policy_type", "text"),
    OperationKind.DELETE_POLICY: ("policy_id",),
    OperationKind.ATTACH_POLICY: ("policy_id", "target_id"),
    OperationKind.DETACH_POLICY: ("policy_id", "target_id"),
    OperationKind.MOVE_ACCOUNT: ("target_id", "parent_id"),
    OperationKind.MOVE_ORGANIZATIONAL_UNIT: ("target_id", "parent_id"),
    OperationKind.ENABLE_POLICY_TYPE: ("policy_type",),
    OperationKind.DISABLE_POLICY_TYPE: ("policy_type",),
    OperationKind.RENAME_POLICY: ("policy_id", "name"),
    OperationKind.TAG_POLICY: ("policy_id", "tags"),
    OperationKind.CREATE_ORGANIZATIONAL_UNIT: ("target_id", "parent_id", "name"),
    OperationKind.RENAME_ORGANIZATIONAL_UNIT: ("target_id", "name"),
    OperationKind.DELETE_ORGANIZATIONAL_UNIT: ("target_id",),
}
"""The members each kind has besides `kind`. All are required and all are text, but for `tags`: an
object, key → value, where null takes the tag away."""

NEW_POLICY_ID: Final = re.compile(r"new-[a-z0-9]{1,32}")
"""What a policy or OU is called that an earlier operation creates."""
_POLICY_ID: Final = re.compile(r"p-[0-9a-zA-Z_]{1,128}")
_ROOT_ID: Final = re.compile(r"r-[0-9a-z]{4,32}")
_UNIT_ID: Final = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_ACCOUNT_ID: Final = re.compile(r"\d{12}")
POLICY_TYPES: Final = tuple(kind for kind in PolicyType if kind in ORGANIZATION_POLICY_TYPES)
"""The types of policy that operations may name, in AWS's words."""
_TREE_KINDS: Final = frozenset(
    {OperationKind.RENAME_ORGANIZATIONAL_UNIT, OperationKind.DELETE_ORGANIZATIONAL_UNIT}
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One edit. Members that its kind does not have are empty; see `MEMBERS`.

    `policy_id`: `p-…`, or `new-…` for a policy that an earlier operation creates; `target_id` and
    `parent_id` name OUs likewise. `tags`: (key, value) pairs, None takes the tag away.
    """

    kind: OperationKind
    policy_id: str = ""
    target_id: str = ""
    parent_id: str = ""
    name: str = ""
    policy_type: str = ""
    text: str = ""
    tags: tuple[tuple[str, str | None], ...] = ()

    def as_json(self) -> JsonObject:
        """Return the operation as `read_operations` reads it."""
        members = {member: getattr(self, member) for member in MEMBERS[self.kind]}
        if "tags" in members:
            members["tags"] = dict(self.tags)
        return {"kind": self.kind.value, **members}


class OperationsInvalid(ValueError):
    """Operations do not have their form. `errors`: (path from the list on, what to do) pairs."""

    def __init__(self, errors: Iterable[tuple[tuple[int | str, ...], str]]) -> None:
        self.errors = tuple(errors)
        messages = "; ".join(f"{'/'.join(map(str, path))}: {words}" for path, words in self.errors)
        super().__init__(messages)


def read_operations(value: object, *, most: int = MOST_OPERATIONS) -> tuple[Operation, ...]:
    """Read a list of operations from decoded JSON.

    :raises OperationsInvalid: naming every member that is wrong.
    """
    if not isinstance(value, list):
        raise OperationsInvalid([((), "give a list of operations")])
    if len(value) > most:
        raise OperationsInvalid([((), f"give at most {most} operations; these are {len(value)}")])
    errors: list[tuple[tuple[int | str, ...], str]] = []
    found = []
    for number, item in enumerate(value):
        wrong = list(_wrong(item))
        errors += [((number, *path), words) for path, words in wrong]
        if not wrong and isinstance(item, dict):
            found.append(_read(item))
    if errors:
        raise OperationsInvalid(errors)
    return tuple(found)


def _read(item: Mapping[str, Any]) -> Operation:
    kind = OperationKind(item["kind"])
    members: dict[str, Any] = {name: item[name] for name in MEMBERS[kind]}
    if "tags" in members:
        members["tags"] = tuple(members["tags"].items())
    return Operation(kind, **members)


def _wrong(item: object) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield what is wrong with one operation."""
    kinds = ", ".join(OperationKind)
    if not isinstance(item, dict):
        yield (), "give an object with `kind`"
        return
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in set(OperationKind):
        yield ("kind",), f"give one of {kinds}"
        return
    members = MEMBERS[OperationKind(kind)]
    for name in sorted(set(item) - {"kind", *members}):
        yield (name,), f"{kind} has no such member; it has {', '.join(members)}"
    for name in members:
        words = _wrong_member(OperationKind(kind), name, item.get(name))
        if words:
            yield (name,), words


def _wrong_member(kind: OperationKind, name: str, value: object) -> str:
    if name == "tags":
        return _wrong_tags(value)
    if not isinstance(value, str):
        return f"{kind} needs it, as text"
    match name:
        case "text":
            most = LONGEST_TEXT
            return f"give at most {most:,} characters" if len(value) > most else ""
        case "name":
            if not value.strip() or len(value) > LONGEST_NAME:
                return f"give 1 to {LONGEST_NAME} characters"
            return ""
        case "policy_type":
            return "" if value in set(POLICY_TYPES) else f"give one of {', '.join(POLICY_TYPES)}"
        case "policy_id":
            return _wrong_policy_id(kind, value)
        case _:
            return _wrong_target_id(kind, name, value)


def _wrong_policy_id(kind: OperationKind, value: str) -> str:
    if kind is OperationKind.CREATE_POLICY:
        said = "give a name of your own for it such as new-1, by which it can be attached"
        return "" if NEW_POLICY_ID.fullmatch(value) else said
    if _POLICY_ID.fullmatch(value) or NEW_POLICY_ID.fullmatch(value):
        return ""
    return "give a policy id such as p-examplepolicyid"


def _wrong_target_id(kind: OperationKind, name: str, value: str) -> str:
    is_new = NEW_POLICY_ID.fullmatch(value) is not None
    if kind is OperationKind.CREATE_ORGANIZATIONAL_UNIT and name == "target_id":
        said = "give a name of your own for it such as new-1, by which it can be named"
        return "" if is_new else said
    is_unit = is_new or _UNIT_ID.fullmatch(value) is not None
    is_root = _ROOT_ID.fullmatch(value) is not None
    if name == "parent_id":
        return "" if is_unit or is_root else "give the id of the root (r-…) or of an OU (ou-…)"
    if kind is OperationKind.MOVE_ACCOUNT:
        return "" if _ACCOUNT_ID.fullmatch(value) else "give an account id: 12 digits"
    if kind is OperationKind.MOVE_ORGANIZATIONAL_UNIT:
        return "" if _UNIT_ID.fullmatch(value) else "give the id of an OU (ou-…)"
    if kind in _TREE_KINDS:
        return "" if is_unit else "give the id of an OU (ou-…)"
    if is_unit or is_root or _ACCOUNT_ID.fullmatch(value):
        return ""
    return "give the id of a root, an OU or an account"


def _wrong_tags(value: object) -> str:
    """Organizations API reference, Tag: keys of 1 to 128 characters, values of up to 256."""
    if not isinstance(value, dict) or not value:
        return "give an object of tags, key → value, with null to take a tag away"
    if len(value) > MOST_TAGS:
        return f"give at most {MOST_TAGS} tags"
    for key, text in value.items():
        if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_TAG_KEY:
            return f"give keys of 1 to {LONGEST_TAG_KEY} characters"
        if key.lower().startswith("aws:"):
            return "AWS lets nobody write tags that begin with aws:"
        if text is not None and (not isinstance(text, str) or len(text) > LONGEST_TAG_VALUE):
            return f"give values of at most {LONGEST_TAG_VALUE} characters, or null"
    return ""
