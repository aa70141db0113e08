"""Reads `[{"target_id": …, "parent_id": …, "policies": […]}, …]`, a tree of targets."""

from __future__ import annotations

import json
from typing import Final

from policies.cli.json_input import BadInput, as_list, as_object, as_text, member, refuse_unknown
from policies.compiled import Compiler, PolicyLevel
from policies.language.document import PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_decoded_policy, parse_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree, TreeError

TARGETS_HELP: Final = """\
A target is {"target_id": "r-...", "ou-..." or 12 digits, "parent_id": its parent's id (null for
the root), "policies": [every policy attached right here, FullAWSAccess too]}. A policy is a JSON
object, or its text in quotes.
"""
_TYPES: Final = (PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY)
_TARGET: Final = frozenset({"target_id", "parent_id", "policies"})


class TreeReader:
    """Reads trees of one policy type; equal policies and equal attachments are compiled once."""

    def __init__(self, compiler: Compiler, policy_type: PolicyType) -> None:
        self._compiler = compiler
        self._policy_type = policy_type
        self._documents: dict[str, PolicyDocument] = {}
        self._levels: dict[tuple[str, ...], PolicyLevel] = {}

    def read(self, value: JsonValue, what: str) -> TargetTree:
        """Read a tree.

        :raises BadInput: it is none; the message names the target that is wrong.
        """
        targets = [self._target(item, what) for item in as_list(value, what)]
        try:
            return TargetTree(targets)
        except TreeError as error:
            raise BadInput(f"{what}: {error}") from error

    def _target(self, value: JsonValue, what: str) -> Target:
        given = as_object(value, f"a target of {what}")
        target_id = as_text(member(given, "target_id", f"a target of {what}"), '"target_id"')
        name = f"{what}, target {target_id}"
        refuse_unknown(given, _TARGET, name)
        parent = member(given, "parent_id", name)
        parent_id = None if parent is None else as_text(parent, f'{name}: "parent_id"')
        listed = as_list(member(given, "policies", name), f'{name}: "policies"')
        return Target(target_id, parent_id, self._level(listed, name))

    def _level(self, listed: list[JsonValue], name: str) -> PolicyLevel:
        texts = tuple(
            json.dumps(policy, separators=(",", ":"), sort_keys=True) for policy in listed
        )
        found = self._levels.get(texts)
        if found is None:
            documents = [
                self._document(policy, text, f"{name}, policy {number}")
                for number, (policy, text) in enumerate(zip(listed, texts, strict=True), 1)
            ]
            found = self._levels[texts] = self._compiler.level(documents)
        return found

    def _document(self, policy: JsonValue, text: str, name: str) -> PolicyDocument:
        found = self._documents.get(text)
        if found is None:
            if isinstance(policy, str):
                parsed = parse_policy(policy, self._policy_type)
            else:
                parsed = parse_decoded_policy(as_object(policy, name), self._policy_type)
            if parsed.document is None:
                said = parsed.errors[0] if parsed.errors else None
                reason = f"{said.path}: {said.message}" if said else "it has no statements"
                raise BadInput(f"{name} is not a policy: {reason.removeprefix(': ')}")
            found = self._documents[text] = parsed.document
        return found


def policy_type_of(given: dict[str, JsonValue]) -> PolicyType:
    """Return the member `policy_type`, SERVICE_CONTROL_POLICY if it is not there.

    :raises BadInput: it is no type that binds by levels.
    """
    value = given.get("policy_type", PolicyType.SERVICE_CONTROL_POLICY.value)
    for policy_type in _TYPES:
        if value == policy_type.value:
            return policy_type
    raise BadInput(f'"policy_type" must be one of {", ".join(_TYPES)}')


def target_ids(given: dict[str, JsonValue], name: str) -> list[str] | None:
    """Return a list of target ids, None if it is not there.

    :raises BadInput: it is no list of texts.
    """
    if name not in given:
        return None
    return [as_text(item, f'an item of "{name}"') for item in as_list(given[name], f'"{name}"')]
