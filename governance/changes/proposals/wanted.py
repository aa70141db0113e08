"""From what a file says to operations: names become ids, wanted policies what leads to them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from governance.changes.proposals.named_objects import NamedObjects, NamedPolicy, NotNamed
from governance.edits.canonical_text import canonical_text
from governance.edits.operations import (
    MEMBERS,
    NEW_POLICY_ID,
    OperationKind,
    OperationsInvalid,
    read_operations,
)

Errors = Iterator[tuple[tuple[int | str, ...], str]]
_ALIASES: Final = {"policy": "policy_id", "target": "target_id", "parent": "parent_id"}
_TEXT_WAYS: Final = ("text", "document", "file")
_POLICY_MEMBERS: Final = frozenset(
    {"id", "type", "name", "name_before", "deleted", "targets", "detached_from", "tags"}
    | {"aws_managed", *_TEXT_WAYS}
)


@dataclass(frozen=True, slots=True)
class ProposalError:
    """What is wrong in a file, and where, such as `change.yaml, line 12`."""

    place: str
    message: str


class OperationsWork:
    """Gathers operations. `text_of_file`: of a file's name its text; ValueError: it has none."""

    def __init__(self, known: NamedObjects, text_of_file: Callable[[str], str]) -> None:
        self.known = known
        self.text_of_file = text_of_file
        self.operations: list[dict[str, Any]] = []
        self._new: dict[str, str] = {}

    def operation(self, one: Any) -> Errors:
        """Take one operation as a file gives it; yield what is wrong."""
        if not isinstance(one, dict):
            yield (), "give an operation with kind"
            return
        kind = one.get("kind")
        if not isinstance(kind, str) or kind not in set(OperationKind):
            yield ("kind",), f"give one of {', '.join(OperationKind)}"
            return
        made = {_ALIASES.get(str(name), str(name)): value for name, value in one.items()}
        if len(made) != len(one):
            yield (), "give policy or policy_id, target or target_id, not both"
            return
        members = MEMBERS[OperationKind(kind)]
        errors = [*self._put_text(made, members)]
        if kind in {OperationKind.CREATE_POLICY, "create_organizational_unit"}:
            column = "policy_id" if kind == OperationKind.CREATE_POLICY else "target_id"
            errors += self._put_new(made, column)
        errors += self._put_ids(made, kind)
        errors += _wrong_form(made)
        if errors:
            written = {_ALIASES.get(name, name): name for name in one}
            for path, message in errors:
                yield tuple(written.get(str(step), step) for step in path), message
            return
        self.operations.append(made)

    def policy(self, one: Any) -> Errors:
        """Take a policy as it is to stand; yield what is wrong."""
        if not isinstance(one, dict):
            yield (), "give a policy with name and type"
            return
        for name in one:
            if name not in _POLICY_MEMBERS:
                known = ", ".join(sorted(_POLICY_MEMBERS))
                yield (name,), f"{name} is not understood; known are {known}"
                return
        name, policy_type = one.get("name"), one.get("type")
        before = one.get("name_before") or name
        if not all(isinstance(each, str) for each in (name, policy_type, before)):
            yield (), "give name and type as texts"
            return
        found: NamedPolicy | None = None
        try:
            found = self.known.policy(str(before), str(policy_type))
        except NotNamed as error:
            if error.several:
                yield ("name",), str(error)
                return
        made = {key: value for key, value in one.items() if key in _TEXT_WAYS and value is not None}
        errors = [*self._put_text(made, ("text",))] if made else []
        targets, wrong = self._targets(one.get("targets"))
        detached, also_wrong = self._targets(one.get("detached_from"))
        errors += wrong + also_wrong
        if errors:
            yield from errors
            return
        if _is_true(one.get("deleted")):
            if found is not None:
                self._add("delete_policy", policy_id=found.policy_id)
            return
        yield from self._stand(one, found, made.get("text"), targets, detached or ())

    def target(self, words: Any) -> str:
        """Return a target's id by its id or name, new OUs included.

        :raises ValueError: it names none.
        """
        if not isinstance(words, str):
            raise NotNamed("give an id or a name")
        if words in self._new:
            return self._new[words]
        return words if NEW_POLICY_ID.fullmatch(words) else self.known.target(words)

    def finish(self) -> Errors:
        """Yield what is wrong with all operations together."""
        try:
            read_operations(self.operations)
        except OperationsInvalid as error:
            for path, message in error.errors:
                yield (), f"operation {'/'.join(map(str, path))}: {message}"

    def _stand(
        self,
        one: Mapping[str, Any],
        found: NamedPolicy | None,
        text: str | None,
        targets: tuple[str, ...] | None,
        detached: tuple[str, ...],
    ) -> Errors:
        """Add what makes one policy stand as wanted."""
        if found is None:
            if text is None:
                yield (), "there is no such policy yet: give its text, document or file"
                return
            policy_id = self._next_new()
            self._add(
                "create_policy",
                policy_id=policy_id,
                name=one["name"],
                policy_type=one["type"],
                text=text,
            )
            held: frozenset[str] = frozenset()
        else:
            policy_id, held = found.policy_id, found.target_ids
            differs = text is not None and canonical_text(
                text, found.policy_type
            ) != canonical_text(found.text, found.policy_type)
            if differs:
                self._add("update_policy", policy_id=policy_id, text=text)
            if one["name"] != found.name:
                self._add("rename_policy", policy_id=policy_id, name=one["name"])
        if one.get("tags"):
            self._add("tag_policy", policy_id=policy_id, tags=one["tags"])
        if targets is not None:
            for target_id in (each for each in targets if each not in held):
                self._add("attach_policy", policy_id=policy_id, target_id=target_id)
        # Of AWS's own policies a file names what is attached and detached, never all targets.
        everything = targets is not None and found is not None and not found.aws_managed
        gone = held - set(targets or ()) if everything else held & set(detached)
        for target_id in sorted(gone):
            self._add("detach_policy", policy_id=policy_id, target_id=target_id)

    def _targets(
        self, given: Any
    ) -> tuple[tuple[str, ...] | None, list[tuple[tuple[int | str, ...], str]]]:
        if given is None:
            return None, []
        if not isinstance(given, list):
            return None, [(("targets",), "give a list of targets")]
        found: list[str] = []
        errors: list[tuple[tuple[int | str, ...], str]] = []
        for number, words in enumerate(given):
            try:
                found.append(self.target(words))
            except ValueError as error:
                errors.append((("targets", number), str(error)))
        return tuple(dict.fromkeys(found)), errors

    def _add(self, kind: str, **members: Any) -> None:
        self.operations.append({"kind": kind, **members})

    def _put_text(self, made: dict[str, Any], members: tuple[str, ...]) -> Errors:
        """Let `text` stand for whichever way a policy's text is given."""
        given = [name for name in _TEXT_WAYS if name in made]
        if "text" not in members or not given:
            return
        if len(given) > 1:
            yield (given[1],), f"give one of {', '.join(_TEXT_WAYS)}"
            return
        value = made.pop(given[0])
        if given[0] == "document":
            if not isinstance(value, dict):
                yield ("document",), "give the policy as an object"
                return
            made["text"] = json.dumps(value, ensure_ascii=False, indent=2)
        elif not isinstance(value, str):
            yield (given[0],), "give a text"
        elif given[0] == "file":
            try:
                made["text"] = self.text_of_file(value)
            except ValueError as error:
                yield ("file",), str(error)
        else:
            made["text"] = value

    def _put_new(self, made: dict[str, Any], column: str) -> Errors:
        """Give what an operation creates an id of its own, by which others name it."""
        name = made.get("name")
        if column not in made:
            made[column] = self._next_new()
        if isinstance(name, str) and isinstance(made[column], str):
            if name in self._new:
                yield ("name",), f"{name!r} is created twice"
                return
            self._new[name] = made[column]

    def _put_ids(self, made: dict[str, Any], kind: str) -> Errors:
        creates = "policy_id" if kind == OperationKind.CREATE_POLICY else ""
        if kind == "create_organizational_unit":
            creates = "target_id"
        for column in ("policy_id", "target_id", "parent_id"):
            words = made.get(column)
            if column == creates or not isinstance(words, str):
                continue
            try:
                if column != "policy_id":
                    made[column] = self.target(words)
                elif words in self._new:
                    made[column] = self._new[words]
                elif not NEW_POLICY_ID.fullmatch(words):
                    made[column] = self.known.policy(words).policy_id
            except NotNamed as error:
                yield (column,), str(error)

    def _next_new(self) -> str:
        taken = set(self._new.values()) | {each.get("policy_id") for each in self.operations}
        taken |= {each.get("target_id") for each in self.operations}
        number = 1
        while f"new-{number}" in taken:
            number += 1
        return f"new-{number}"


def _wrong_form(made: Mapping[str, Any]) -> Errors:
    try:
        read_operations([made])
    except OperationsInvalid as error:
        for path, message in error.errors:
            yield path[1:], message


def _is_true(value: Any) -> bool:
    return value is True or value == "true"
