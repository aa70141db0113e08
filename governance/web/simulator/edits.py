"""Edits as people give them in the forms of a draft."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from governance.edits.operations import (
    NEW_POLICY_ID,
    Operation,
    OperationKind,
    OperationsInvalid,
    read_operations,
)
from governance.posture.state.organization import CompiledOrganization
from governance.web.simulator.pickers import NotFound, picked
from inventory.models import Connection
from inventory.selectors.policies import policy
from inventory.viewing import Viewer

DENY_NOTHING_YET: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "", "Effect": "Deny", "Action": [], "Resource": "*"}],
    },
    indent=2,
)
_PICKED: Final[Mapping[OperationKind, Mapping[str, str]]] = {
    OperationKind.UPDATE_POLICY: {"policy_id": "policy"},
    OperationKind.DELETE_POLICY: {"policy_id": "policy"},
    OperationKind.ATTACH_POLICY: {"policy_id": "policy", "target_id": "target"},
    OperationKind.DETACH_POLICY: {"policy_id": "policy", "target_id": "target"},
    OperationKind.MOVE_ACCOUNT: {"target_id": "movable", "parent_id": "parent"},
    OperationKind.RENAME_POLICY: {"policy_id": "policy"},
    OperationKind.TAG_POLICY: {"policy_id": "policy"},
    OperationKind.CREATE_ORGANIZATIONAL_UNIT: {"parent_id": "parent"},
    OperationKind.RENAME_ORGANIZATIONAL_UNIT: {"target_id": "parent"},
    OperationKind.DELETE_ORGANIZATIONAL_UNIT: {"target_id": "parent"},
}
# What a picker is called in the form, where that is not its own name.
_FIELD_OF: Final[Mapping[str, str]] = {"movable": "target"}
_NAMED: Final = (
    OperationKind.RENAME_POLICY,
    OperationKind.CREATE_ORGANIZATIONAL_UNIT,
    OperationKind.RENAME_ORGANIZATIONAL_UNIT,
)
_OF_TYPE: Final = (OperationKind.ENABLE_POLICY_TYPE, OperationKind.DISABLE_POLICY_TYPE)


class EditInvalid(ValueError):
    """An edit cannot be read. `errors`: by the name of the field, what to do."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{name}: {words}" for name, words in self.errors.items()))


@dataclass(frozen=True)
class EditReader:
    """Reads edits against the organization that a draft is about.

    `other_policies`: id → name, of policies that are neither SCPs nor RCPs and may be named too.
    """

    viewer: Viewer
    connection: Connection
    organization: CompiledOrganization
    as_of: datetime | None = None
    operations: tuple[Operation, ...] = field(default=())
    other_policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def new_policies(self) -> dict[str, str]:
        """The policies that the draft makes: id → name."""
        return {
            one.policy_id: one.name
            for one in self.operations
            if one.kind is OperationKind.CREATE_POLICY
        }

    def read(self, given: Mapping[str, str]) -> Operation:
        """Read one edit from a form's fields: `kind`, `policy`, `target`, `parent`, `name`, …

        :raises EditInvalid: naming each field that is wrong.
        """
        kind = given.get("kind", "")
        if kind == "move":
            kind = OperationKind.MOVE_ACCOUNT
        if kind not in set(OperationKind):
            raise EditInvalid({"kind": "choose what to do"})
        members: dict[str, str] = {}
        errors: dict[str, str] = {}
        for member, name in _PICKED.get(OperationKind(kind), {}).items():
            shown = _FIELD_OF.get(name, name)
            try:
                members[member] = picked(
                    self.organization,
                    {**self.new_policies, **self.other_policies},
                    name,
                    given.get(shown, ""),
                )
            except NotFound as error:
                errors[shown] = str(error)
        if errors:
            raise EditInvalid(errors)
        return self._checked(OperationKind(kind), members, given)

    def _checked(
        self, kind: OperationKind, picked_ids: dict[str, str], given: Mapping[str, str]
    ) -> Operation:
        members: dict[str, object] = dict(picked_ids)
        if kind is OperationKind.MOVE_ACCOUNT and not picked_ids["target_id"].isdecimal():
            kind = OperationKind.MOVE_ORGANIZATIONAL_UNIT
        if kind is OperationKind.UPDATE_POLICY:
            members["text"] = self._text(picked_ids["policy_id"])
        if kind is OperationKind.CREATE_POLICY:
            members |= {
                "policy_id": self._free_id(),
                "name": given.get("name", "").strip(),
                "policy_type": given.get("policy_type", ""),
                "text": DENY_NOTHING_YET,
            }
        if kind in _NAMED:
            members["name"] = given.get("name", "").strip()
        if kind is OperationKind.CREATE_ORGANIZATIONAL_UNIT:
            members["target_id"] = self._free_id()
        if kind in _OF_TYPE:
            members["policy_type"] = given.get("policy_type", "")
        if kind is OperationKind.TAG_POLICY:
            key, _, value = given.get("tag", "").partition("=")
            members["tags"] = {key.strip(): value.strip() or None}
        try:
            (operation,) = read_operations([{"kind": kind.value, **members}])
        except OperationsInvalid as error:
            raise EditInvalid(
                {str(path[-1]) if path else "kind": words for path, words in error.errors}
            ) from error
        return operation

    def update_of(self, policy_id: str) -> Operation:
        """Return the edit of a policy that begins with its text.

        :raises EditInvalid: there is no such SCP or RCP.
        """
        return self.read({"kind": OperationKind.UPDATE_POLICY, "policy": policy_id})

    def _text(self, policy_id: str) -> str:
        if NEW_POLICY_ID.fullmatch(policy_id) or any(
            one.policy_id == policy_id and one.kind is OperationKind.UPDATE_POLICY
            for one in self.operations
        ):
            raise EditInvalid({"policy": "the draft has an editor for it already"})
        known = {
            **self.organization.service_control.by_id,
            **self.organization.resource_control.by_id,
        }
        if policy_id in known and known[policy_id].aws_managed:
            raise EditInvalid({"policy": "AWS keeps this policy: it cannot be edited"})
        row = policy(
            self.viewer,
            connection=self.connection,
            policy_id=policy_id,
            as_of=self.as_of,
        )
        if row is None:
            raise EditInvalid({"policy": "there is no such policy any more"})
        return _laid_out(row.content.text)

    def _free_id(self) -> str:
        number = 1
        taken = {one.policy_id for one in self.operations} | {
            one.target_id for one in self.operations
        }
        while f"new-{number}" in taken:
            number += 1
        return f"new-{number}"


def _laid_out(text: str) -> str:
    """Lay a text out for the editor, if it came in one line and that changes no meaning."""
    if "\n" in text.strip():
        return text
    try:
        return json.dumps(
            json.loads(text, object_pairs_hook=_without_repeats), indent=2, ensure_ascii=False
        )
    except (ValueError, RecursionError):
        return text


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice, and one of the two would be lost")
    return found
