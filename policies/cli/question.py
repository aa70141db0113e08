"""Reads `{"request": …, "organization": …, policies …}`, the question of `evaluate` and `explain`.

Policies are parsed and compiled once and found again by their text, without decoding it.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NoReturn, cast

from policies.cli.json_input import (
    BadInput,
    as_list,
    as_object,
    as_text,
    member,
    refuse_unknown,
)
from policies.cli.policy_input import organization_of
from policies.evaluation.evaluate import TRUST_ACTIONS, Evaluator
from policies.evaluation.explain import Explanation
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import NotAPrincipal
from policies.evaluation.request import (
    NotARequest,
    OrganizationIds,
    RawValue,
    Request,
    make_request,
)
from policies.language.document import PolicyDocument
from policies.language.json_reader import JsonValue, NumberText
from policies.language.parse import parse_decoded_policy, parse_policy
from policies.language.policy_types import PolicyType

QUESTION_HELP: Final = """\
A question:
  {"request": {"principal": an ARN, a service principal such as lambda.amazonaws.com, or anonymous,
               "action": "s3:GetObject", "resource": an ARN (default "*"),
               "resource_account_id": 12 digits (default: the ARN's, else the caller's),
               "context": {"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ["a", "b"]},
               "unknown_context": keys that may be absent or have any value},
   "organization": {"id": "o-...", "management_account_id": 12 digits},
   "service_control_policies":  [{"target_id": "r-...", "policies": [...]}, ...],  root first;
   "resource_control_policies": [{"target_id": "r-...", "policies": [...]}, ...],  root first;
                                absent: the account is in no organization
   "identity_policies": [...], "permission_boundary": {...},
   "session_policy": one, or a list, "resource_policy": {...}, "vpc_endpoint_policy": {...}}
Everything but the request may be left out. Each policy is a JSON object, or its text in quotes.
A key is absent from the request unless it is given, declared unknown, or follows from the rest
(aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalOrgID, aws:ResourceAccount and the like).
"""

_REQUEST: Final = frozenset(
    {"principal", "action", "resource", "resource_account_id", "context", "unknown_context"}
)
_POLICIES: Final = {
    "service_control_policies": PolicyType.SERVICE_CONTROL_POLICY,
    "resource_control_policies": PolicyType.RESOURCE_CONTROL_POLICY,
    "identity_policies": PolicyType.IDENTITY_POLICY,
    "permission_boundary": PolicyType.PERMISSION_BOUNDARY,
    "session_policy": PolicyType.SESSION_POLICY,
    "resource_policy": PolicyType.RESOURCE_POLICY,
    "vpc_endpoint_policy": PolicyType.VPC_ENDPOINT_POLICY,
}
_MEMBERS: Final = frozenset({"request", "organization", *_POLICIES})
_NEXT_MEMBER = re.compile(r'[ \t\r\n]*"([^"\\]*)"[ \t\r\n]*:[ \t\r\n]*')
_AFTER = re.compile(r"[ \t\r\n]*([,}])")
_START = re.compile(r"\ufeff?[ \t\r\n]*\{")
_END = re.compile(r"[ \t\r\n]*")
_EMPTY = re.compile(r"[ \t\r\n]*\}")

_RECENT: Final = 8
_MOST_PARTS: Final = 4096
_MOST_EVALUATORS: Final = 1024


class _PolicyMember:
    """A policy member as it was read. `text` is its JSON; documents come by type, once."""

    __slots__ = ("documents", "name", "text", "value")

    def __init__(self, name: str, text: str, value: JsonValue) -> None:
        self.name = name
        self.text = text
        self.value = value
        self.documents: dict[PolicyType, tuple[PolicyDocument, ...]] = {}


class QuestionReader:
    """Reads questions one after another; reuse it, since it remembers policies by their text."""

    def __init__(self) -> None:
        self._recent: dict[str, list[_PolicyMember]] = {name: [] for name in _MEMBERS}
        self._parts: OrderedDict[tuple[str, str], _PolicyMember] = OrderedDict()
        self._evaluators: OrderedDict[tuple[bool, frozenset[_PolicyMember]], Evaluator] = (
            OrderedDict()
        )

    def explain(self, text: str) -> Explanation:
        """Answer one question.

        :raises BadInput: the text is no question; the message says what is wrong.
        """
        return self._explain(*self._split(text))

    def answer(self, text: str) -> str:
        """Answer one question with one line of JSON, unknown keys spelled as the question does.

        :raises BadInput: see `explain`.
        """
        request, parts = self._split(text)
        explanation = self._explain(request, parts)
        keys = explanation.decision.unknown_keys
        return explanation.json_with_keys(_spelled(keys, request) if keys else keys)

    def _explain(self, value: dict[str, JsonValue], parts: list[_PolicyMember]) -> Explanation:
        request = _request(value)
        trust = request.action.lower() in TRUST_ACTIONS
        key = (trust, frozenset(parts))
        evaluator = self._evaluators.get(key)
        if evaluator is None:
            evaluator = Evaluator(_policy_set({part.name: part for part in parts}, trust))
            if len(self._evaluators) >= _MOST_EVALUATORS:
                self._evaluators.popitem(last=False)
            self._evaluators[key] = evaluator
        return evaluator.explain(request)

    def _split(self, text: str) -> tuple[dict[str, JsonValue], list[_PolicyMember]]:
        start = _START.match(text)
        if start is None:
            _decode_whole(text)
        at = start.end()
        parts: dict[str, _PolicyMember] = {}
        request: list[JsonValue] = []
        while True:
            name_found = _NEXT_MEMBER.match(text, at)
            if name_found is None:
                if not parts and not request and _EMPTY.match(text, at):
                    raise BadInput('the question lacks "request"')
                _decode_whole(text)
            name, at = name_found[1], name_found.end()
            if name not in _MEMBERS:
                refuse_unknown({name: None}, _MEMBERS, "a question")
            if name in parts or (name == "request" and request):
                raise BadInput(f'"{name}" appears twice; keep one')
            if name == "request":
                value, at = _decode(text, at)
                request.append(value)
            else:
                parts[name], at = self._part(name, text, at)
            after = _AFTER.match(text, at)
            if after is None:
                _decode_whole(text)
            at = after.end()
            if after[1] == "}":
                break
        end = _END.match(text, at)
        if end is None or end.end() != len(text):
            _decode_whole(text)
        if not request:
            raise BadInput('the question lacks "request"')
        return as_object(request[0], '"request"'), list(parts.values())

    def _part(self, name: str, text: str, at: int) -> tuple[_PolicyMember, int]:
        recent = self._recent[name]
        for number, part in enumerate(recent):
            # An object or list ends where it closes, so the same text is the same value.
            if text.startswith(part.text, at):
                if number:
                    recent.insert(0, recent.pop(number))
                return part, at + len(part.text)
        value, end = _decode(text, at)
        written = text[at:end]
        found = self._parts.get((name, written))
        if found is None:
            found = _PolicyMember(name, written, value)
            if len(self._parts) >= _MOST_PARTS:
                self._parts.popitem(last=False)
            self._parts[name, written] = found
        if written[0] in "[{":
            recent.insert(0, found)
            del recent[_RECENT:]
        return found, end


class _Duplicate(ValueError):
    """An object has a member twice."""


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Duplicate(next(name for name in names if names.count(name) > 1))
    return found


def _constant(text: str) -> NoReturn:
    raise BadInput(f"this is not JSON: {text} is not a value of it")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=NumberText,
    parse_float=NumberText,
    parse_constant=_constant,
)


def _decode(text: str, at: int) -> tuple[JsonValue, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except _Duplicate as error:
        raise BadInput(f'"{error}" appears twice in one object; keep one') from error
    except json.JSONDecodeError as error:
        raise BadInput(f"this is not JSON: {error.msg} at column {error.pos + 1}") from error
    except RecursionError as error:
        raise BadInput("this is not JSON of a policy: it nests too deep") from error
    return cast(JsonValue, value), end


def decode_value(text: str) -> JsonValue:
    """Decode a whole text as one JSON value; numbers stay as they are written.

    :raises BadInput: it is not JSON, or an object of it has a member twice.
    """
    text = text.removeprefix("\ufeff").strip(" \t\r\n")
    value, end = _decode(text, 0)
    if end != len(text):
        raise BadInput(f"this is not JSON: more follows at column {end + 1}")
    return value


def _decode_whole(text: str) -> NoReturn:
    """Say why a text is no object of members.

    :raises BadInput: always.
    """
    try:
        value = cast(JsonValue, _DECODER.decode(text.removeprefix("\ufeff")))
    except _Duplicate as error:
        raise BadInput(f'"{error}" appears twice in one object; keep one') from error
    except json.JSONDecodeError as error:
        raise BadInput(f"this is not JSON: {error.msg} at column {error.pos + 1}") from error
    except RecursionError as error:
        raise BadInput("this is not JSON of a policy: it nests too deep") from error
    if isinstance(value, dict):
        refuse_unknown(value, _MEMBERS, "a question")
        raise BadInput("write the members' names without escapes")
    as_object(value, "a question")
    raise BadInput("a question must be an object in braces")


def _request(value: dict[str, JsonValue]) -> Request:
    if not value.keys() <= _REQUEST:
        refuse_unknown(value, _REQUEST, '"request"')
    account = value.get("resource_account_id")
    context = value.get("context")
    unknown = value.get("unknown_context")
    try:
        return make_request(
            as_text(member(value, "principal", '"request"'), '"principal"'),
            as_text(member(value, "action", '"request"'), '"action"'),
            as_text(value.get("resource", "*"), '"resource"'),
            resource_account_id=None
            if account is None
            else as_text(account, '"resource_account_id"'),
            context=cast(
                Mapping[str, RawValue], {} if context is None else as_object(context, '"context"')
            ),
            unknown_context=()
            if unknown is None
            else [as_text(key, "a key") for key in as_list(unknown, '"unknown_context"')],
        )
    except (NotAPrincipal, NotARequest) as error:
        raise BadInput(str(error)) from error


def _spelled(keys: tuple[str, ...], request: dict[str, JsonValue]) -> tuple[str, ...]:
    given = {
        key.lower(): key
        for key in as_list(request.get("unknown_context", []), '"unknown_context"')
        if isinstance(key, str)
    }
    return tuple(given.get(key, key) for key in keys)


def _policy_set(parts: Mapping[str, _PolicyMember], trust: bool) -> PolicySet:
    resource_type = PolicyType.TRUST_POLICY if trust else PolicyType.RESOURCE_POLICY
    session = _documents(parts, "session_policy", PolicyType.SESSION_POLICY)
    return PolicySet(
        organization=_organization(parts.get("organization")),
        service_control_policies=_levels(parts, "service_control_policies"),
        resource_control_policies=_levels(parts, "resource_control_policies"),
        identity_policies=_documents(parts, "identity_policies", PolicyType.IDENTITY_POLICY) or (),
        permission_boundary=_one(parts, "permission_boundary", PolicyType.PERMISSION_BOUNDARY),
        session_policies=session,
        resource_policy=_one(parts, "resource_policy", resource_type),
        vpc_endpoint_policy=_one(parts, "vpc_endpoint_policy", PolicyType.VPC_ENDPOINT_POLICY),
    )


def _organization(part: _PolicyMember | None) -> OrganizationIds | None:
    return None if part is None else organization_of(part.value)


def _levels(parts: Mapping[str, _PolicyMember], name: str) -> tuple[TargetPolicies, ...] | None:
    part = parts.get(name)
    return None if part is None else read_levels(part.value, name)


def read_levels(value: JsonValue, name: str) -> tuple[TargetPolicies, ...] | None:
    """Read the levels of an account, root first; None for null: they are not given.

    `name`: `service_control_policies` or `resource_control_policies`.
    :raises BadInput: they are no such list.
    """
    if value is None:
        return None
    levels = []
    for number, item in enumerate(as_list(value, f'"{name}"')):
        what = f"{name}[{number}]"
        level = as_object(item, what)
        refuse_unknown(level, frozenset({"target_id", "policies"}), what)
        target_id = as_text(member(level, "target_id", what), f"{what}.target_id")
        policies = as_list(member(level, "policies", what), f"{what}.policies")
        documents = [
            read_policy(policy, _POLICIES[name], f"{what}.policies[{index}]")
            for index, policy in enumerate(policies)
        ]
        levels.append(TargetPolicies(target_id, tuple(documents)))
    return tuple(levels)


def _documents(
    parts: Mapping[str, _PolicyMember], name: str, policy_type: PolicyType
) -> tuple[PolicyDocument, ...] | None:
    part = parts.get(name)
    if part is None or part.value is None:
        return None
    found = part.documents.get(policy_type)
    if found is None:
        listed = name == "identity_policies" or isinstance(part.value, list)
        policies = as_list(part.value, f'"{name}"') if listed else [part.value]
        found = tuple(
            read_policy(policy, policy_type, f"{name}[{number}]" if listed else name)
            for number, policy in enumerate(policies)
        )
        part.documents[policy_type] = found
    return found


def _one(
    parts: Mapping[str, _PolicyMember], name: str, policy_type: PolicyType
) -> PolicyDocument | None:
    part = parts.get(name)
    if part is None or part.value is None:
        return None
    if isinstance(part.value, list):
        raise BadInput(f'"{name}" must be one policy, not a list')
    found = _documents(parts, name, policy_type)
    return found[0] if found else None


def read_policy(value: JsonValue, policy_type: PolicyType, what: str) -> PolicyDocument:
    """Read a policy given as an object, or as text in quotes; `what` names it in complaints.

    What AWS would refuse to save but what has one clear meaning is read all the same.
    :raises BadInput: it is no policy of statements.
    """
    if isinstance(value, str) and not isinstance(value, NumberText):
        parsed = parse_policy(str(value), policy_type)
    else:
        parsed = parse_decoded_policy(as_object(value, what), policy_type)
    if parsed.document is None:
        first = parsed.errors[0]
        where = f" at {first.path}" if first.path else ""
        raise BadInput(f"{what} is not a policy{where}: {first.message}")
    return parsed.document
