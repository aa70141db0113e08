"""May this call be made? One function, `decide`, over policy documents as AWS keeps them.

Small on purpose: the elements, operators and matching rules that roles, boundaries, session
policies, SCPs and trust policies of an organization use. A condition operator it does not know
keeps an Allow from matching and lets a Deny match, so nothing opens by ignorance.
"""

import functools
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final, Literal

Decision = Literal["allow", "deny", "none"]

_VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """One call: `action` as `iam:GetRole`, `resource` an ARN or `*`.

    `context`: condition keys in lower case. `principals`: what a Principal element may name the
    caller by, most general first; empty for policies without one.
    """

    action: str
    resource: str
    context: Mapping[str, str | list[str]]
    principals: tuple[str, ...] = ()


def decide(documents: Iterable[str], question: Question) -> Decision:
    """Return `deny` if any statement denies, else `allow` if any allows, else `none`."""
    decision: Decision = "none"
    for text in documents:
        # Calls differ in keys that few documents ask for: the same was mostly decided before.
        context = tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name in _context_keys(text, question.action)
            if (value := question.context.get(name)) is not None
        )
        found = _decided(text, question.action, question.resource, question.principals, context)
        if found == "deny":
            return "deny"
        if found == "allow":
            decision = "allow"
    return decision


@functools.lru_cache(maxsize=65536)
def _decided(
    text: str,
    action: str,
    resource: str,
    principals: tuple[str, ...],
    context: tuple[tuple[str, str | tuple[str, ...]], ...],
) -> Decision:
    """Decide by one document. `context`: all that it asks for."""
    values = {name: list(each) if isinstance(each, tuple) else each for name, each in context}
    question = Question(action, resource, values, principals)
    decision: Decision = "none"
    for statement in _of_action(text, action):
        if not _applies(statement, question):
            continue
        if statement.get("Effect") == "Deny":
            return "deny"
        if statement.get("Effect") == "Allow":
            decision = "allow"
    return decision


@functools.lru_cache(maxsize=65536)
def _context_keys(text: str, action: str) -> tuple[str, ...]:
    """Return the condition keys that a document's statements of an action read, in lower case."""
    names: set[str] = set()
    for statement in _of_action(text, action):
        for keys in statement.get("Condition", {}).values():
            for key, expected in keys.items():
                variables = (_VARIABLE.findall(each) for each in _list(expected))
                names.update((key.lower(), *map(str.lower, chain.from_iterable(variables))))
    return tuple(sorted(names))


@functools.lru_cache(maxsize=4096)
def statements(text: str) -> tuple[dict[str, Any], ...]:
    """Return the statements of a document; text that is no policy has none."""
    try:
        found = json.loads(text).get("Statement", [])
    except (ValueError, AttributeError):
        return ()
    return tuple([found] if isinstance(found, dict) else found)


@functools.lru_cache(maxsize=65536)
def _of_action(text: str, action: str) -> tuple[dict[str, Any], ...]:
    """Return the statements of a document that speak of an action."""
    return tuple(
        each for each in statements(text) if _element(each, "Action", [action], ignore_case=True)
    )


def _applies(statement: Mapping[str, Any], question: Question) -> bool:
    """Whether a statement that speaks of the action applies to the call."""
    denies = statement.get("Effect") == "Deny"
    return (
        _resource(statement, question)
        and _principal(statement, question)
        and all(
            _operator(operator, keys, question.context, denies=denies)
            for operator, keys in statement.get("Condition", {}).items()
        )
    )


def _element(
    statement: Mapping[str, Any], name: str, values: Iterable[str], *, ignore_case: bool
) -> bool:
    def listed(key: str) -> bool:
        return any(
            like(pattern, value, ignore_case=ignore_case)
            for pattern in _list(statement[key])
            for value in values
        )

    if name in statement:
        return listed(name)
    return f"Not{name}" in statement and not listed(f"Not{name}")


def _resource(statement: Mapping[str, Any], question: Question) -> bool:
    # A trust policy has no Resource: it is the role itself.
    if "Resource" not in statement and "NotResource" not in statement:
        return True
    return _element(statement, "Resource", [question.resource], ignore_case=False)


def _principal(statement: Mapping[str, Any], question: Question) -> bool:
    if "Principal" in statement:
        return _named(statement["Principal"], question.principals)
    if "NotPrincipal" in statement:
        return not _named(statement["NotPrincipal"], question.principals)
    return not question.principals


def _named(principal: Any, names: tuple[str, ...]) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    listed = _list(principal.get("AWS", []))
    return any(each == "*" or each in names for each in listed)


def like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Match AWS's wildcards: `*` any text, `?` one character."""
    return _compiled(pattern, ignore_case).fullmatch(value) is not None


@functools.lru_cache(maxsize=8192)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _list(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


def _operator(
    operator: str,
    keys: Mapping[str, Any],
    context: Mapping[str, str | list[str]],
    *,
    denies: bool,
) -> bool:
    name = operator.lower()
    set_rule, _, rest = name.rpartition(":")
    if_exists = rest.endswith("ifexists")
    rest = rest.removesuffix("ifexists")
    for key, expected in keys.items():
        value = context.get(key.lower())
        wanted = [_variables(each, context) for each in _list(expected)]
        if rest == "null":
            if (value is None) != (wanted == ["true"]):
                return False
            continue
        if value is None or value == []:
            matched = if_exists or set_rule == "forallvalues" or _negated(rest)
            if set_rule == "foranyvalue":
                matched = False
        elif rest.removeprefix("not") not in _TESTS and rest not in _TESTS:
            matched = denies
        else:
            matched = _values(rest, set_rule, _list(value), wanted)
        if not matched:
            return False
    return True


def _negated(operator: str) -> bool:
    return "not" in operator


def _values(operator: str, set_rule: str, values: list[str], wanted: list[str]) -> bool:
    test = _TESTS[operator]

    def holds(value: str) -> bool:
        hit = any(test(value, each) for each in wanted)
        return not hit if _negated(operator) else hit

    if set_rule == "forallvalues":
        return all(holds(value) for value in values)
    return any(holds(value) for value in values)


def _variables(text: str, context: Mapping[str, str | list[str]]) -> str:
    def replaced(found: re.Match[str]) -> str:
        value = context.get(found.group(1).lower())
        return value if isinstance(value, str) else found.group(0)

    return _VARIABLE.sub(replaced, text)


def _arn_like(value: str, pattern: str) -> bool:
    found, wanted = value.split(":", 5), pattern.split(":", 5)
    return len(found) == len(wanted) and all(map(like, wanted, found))


def _address_in(value: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _number(compare: Any) -> Any:
    def test(value: str, wanted: str) -> bool:
        try:
            return bool(compare(float(value), float(wanted)))
        except ValueError:
            return False

    return test


def _date(compare: Any) -> Any:
    def moment(text: str) -> float:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()

    def test(value: str, wanted: str) -> bool:
        try:
            return bool(compare(moment(value), moment(wanted)))
        except ValueError:
            return False

    return test


_ORDERS: Final = {
    "equals": lambda value, wanted: value == wanted,
    "notequals": lambda value, wanted: value == wanted,
    "lessthan": lambda value, wanted: value < wanted,
    "lessthanequals": lambda value, wanted: value <= wanted,
    "greaterthan": lambda value, wanted: value > wanted,
    "greaterthanequals": lambda value, wanted: value >= wanted,
}
# A negated operator is the negation of its test, so both names share one.
_TESTS: Final[dict[str, Any]] = {
    "stringequals": str.__eq__,
    "stringnotequals": str.__eq__,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringnotequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": lambda value, wanted: like(wanted, value),
    "stringnotlike": lambda value, wanted: like(wanted, value),
    "arnequals": _arn_like,
    "arnnotequals": _arn_like,
    "arnlike": _arn_like,
    "arnnotlike": _arn_like,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
    "ipaddress": _address_in,
    "notipaddress": _address_in,
    **{f"numeric{name}": _number(compare) for name, compare in _ORDERS.items()},
    **{f"date{name}": _date(compare) for name, compare in _ORDERS.items()},
}
