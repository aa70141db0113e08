"""The grammar of policies of statements, and what each type of policy forbids.

Source: IAM user guide, "Grammar of the IAM JSON policy language" and the page of each element;
Organizations user guide, "SCP syntax" and "RCP syntax".
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from policies.language.document import (
    Condition,
    Effect,
    Path,
    PolicyDocument,
    PrincipalElement,
    SourceText,
    Statement,
)
from policies.language.findings import Findings
from policies.language.json_reader import JsonValue, NumberText, shown
from policies.language.operators import OPERATOR_NAMES, operator_parts
from policies.language.policy_types import PolicyType
from policies.language.type_rules import check_statement, check_unique_sids

_ROOT_ELEMENTS: Final = {name.lower(): name for name in ("Version", "Id", "Statement")}
_STATEMENT_ELEMENTS: Final = {
    name.lower(): name
    for name in (
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
        "NotResource", "Condition",
    )
}  # fmt: skip
_PRINCIPAL_KINDS: Final = {
    name.lower(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")
}
_EFFECTS: Final = {"Allow": Effect.ALLOW, "Deny": Effect.DENY}
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_KEY = re.compile(r"[^\s:]+:[^\s].*|[^\s:/]+")

_Elements = dict[str, tuple[JsonValue, Path]]


def read_access_policy(
    value: dict[str, JsonValue],
    policy_type: PolicyType,
    findings: Findings,
    source: SourceText | None,
) -> PolicyDocument:
    """Read a decoded policy of statements.

    :raises Unreadable: some statement's meaning is not clear, so the whole policy's is not.
    """
    elements = _elements(value, _ROOT_ELEMENTS, (), "a policy", findings)
    if "Statement" not in elements:
        findings.unreadable("missing_statement", "Add the element 'Statement'.", ())
    found, path = elements["Statement"]
    statements: list[Statement] = []
    if isinstance(found, dict):
        statements.append(_statement(found, path, findings))
    elif isinstance(found, list):
        for index, item in enumerate(found):
            at = (*path, index)
            if not isinstance(item, dict):
                findings.unreadable("statement_type", "A statement is an object in braces.", at)
            statements.append(_statement(item, at, findings))
    else:
        findings.unreadable(
            "statement_type", "'Statement' is a list of objects, or one object.", path
        )
    if not statements:
        findings.error("no_statements", "Add at least one statement.", path)
    for statement in statements:
        check_statement(statement, policy_type, findings)
    check_unique_sids(statements, policy_type, findings)
    return PolicyDocument(
        policy_type,
        _version(elements, findings),
        _optional_text(elements, "Id", findings),
        tuple(statements),
        source,
    )


def _elements(
    value: dict[str, JsonValue], known: dict[str, str], path: Path, what: str, findings: Findings
) -> _Elements:
    elements: _Elements = {}
    for name, child in value.items():
        at = (*path, name)
        canonical = known.get(name.lower())
        if canonical is None:
            near = get_close_matches(name.lower(), known, n=1)
            hint = f" Did you mean {shown(known[near[0]])}?" if near else ""
            findings.error(
                "unknown_element", f"{shown(name)} is not an element of {what}.{hint}", at
            )
            continue
        if canonical != name:
            findings.warning("element_case", f"Write {shown(name)} as '{canonical}'.", at)
        if canonical in elements:
            findings.unreadable("duplicate_key", f"'{canonical}' appears twice; merge the two.", at)
        elements[canonical] = (child, at)
    return elements


def _version(elements: _Elements, findings: Findings) -> str | None:
    version = _optional_text(elements, "Version", findings)
    if version is None:
        findings.warning(
            "missing_version",
            'Without "Version": "2012-10-17" AWS reads the policy as of 2008 and takes '
            "policy variables such as ${aws:username} as plain text.",
            (),
        )
    elif version not in _VERSIONS:
        findings.error(
            "unknown_version",
            f"{shown(version)} is not a version of the language; write '2012-10-17'.",
            elements["Version"][1],
        )
    return version


def _optional_text(elements: _Elements, name: str, findings: Findings) -> str | None:
    if name not in elements:
        return None
    value, path = elements[name]
    if not isinstance(value, str):
        findings.unreadable("element_type", f"'{name}' is text in quotes.", path)
    if isinstance(value, NumberText):
        findings.error("element_type", f"'{name}' is text: put it in quotes.", path)
    return str(value)


def _statement(value: dict[str, JsonValue], path: Path, findings: Findings) -> Statement:
    elements = _elements(value, _STATEMENT_ELEMENTS, path, "a statement", findings)
    for name in ("Action", "Resource", "Principal"):
        if name in elements and f"Not{name}" in elements:
            findings.unreadable(
                "element_and_its_negation",
                f"A statement has '{name}' or 'Not{name}', not both.",
                elements[f"Not{name}"][1],
            )
    return Statement(
        sid=_optional_text(elements, "Sid", findings),
        effect=_effect(elements, path, findings),
        actions=_texts(elements, "Action", findings),
        not_actions=_texts(elements, "NotAction", findings),
        resources=_texts(elements, "Resource", findings),
        not_resources=_texts(elements, "NotResource", findings),
        principals=_principals(elements, "Principal", findings),
        not_principals=_principals(elements, "NotPrincipal", findings),
        conditions=_conditions(elements, findings),
        path=path,
    )


def _effect(elements: _Elements, path: Path, findings: Findings) -> Effect:
    if "Effect" not in elements:
        findings.unreadable("missing_effect", "Add 'Effect': 'Allow' or 'Deny'.", path)
    value, at = elements["Effect"]
    if isinstance(value, str):
        if value in _EFFECTS:
            return _EFFECTS[value]
        effect = _EFFECTS.get(value.strip().capitalize())
        if effect:
            findings.error("effect_case", f"Write {shown(value)} as '{effect}'.", at)
            return effect
    return findings.unreadable("bad_effect", "'Effect' is 'Allow' or 'Deny'.", at)


def _texts(elements: _Elements, name: str, findings: Findings) -> tuple[str, ...] | None:
    if name not in elements:
        return None
    value, path = elements[name]
    if isinstance(value, str) and not isinstance(value, NumberText):
        return (value,)
    if not isinstance(value, list):
        findings.unreadable("element_type", f"'{name}' is text or a list of texts.", path)
    texts: list[str] = []
    for index, item in enumerate(value):
        if not isinstance(item, str) or isinstance(item, NumberText):
            findings.unreadable(
                "element_type", f"'{name}' lists texts in quotes only.", (*path, index)
            )
        texts.append(item)
    if not texts:
        findings.error("empty_list", f"'{name}' lists nothing; the statement never applies.", path)
    return tuple(texts)


def _principals(
    elements: _Elements, name: str, findings: Findings
) -> tuple[PrincipalElement, ...] | None:
    if name not in elements:
        return None
    value, path = elements[name]
    if value == "*":
        return (PrincipalElement("*", "*"),)
    if not isinstance(value, dict):
        findings.unreadable(
            "principal_type",
            f'\'{name}\' is "*" or an object such as {{"AWS": "arn:aws:iam::…"}}.',
            path,
        )
    found: list[PrincipalElement] = []
    for written, values in value.items():
        at = (*path, written)
        kind = _PRINCIPAL_KINDS.get(written.lower())
        if kind is None:
            findings.error(
                "unknown_principal_kind",
                f"{shown(written)} is not a kind of principal; there are "
                f"{', '.join(_PRINCIPAL_KINDS.values())}.",
                at,
            )
        items = values if isinstance(values, list) else [values]
        for item in items:
            if not isinstance(item, (str, int)) or isinstance(item, bool):
                findings.unreadable("principal_type", "A principal is text in quotes.", at)
            found.append(PrincipalElement(kind or written, str(item)))
    if not found:
        findings.error("empty_list", f"'{name}' names nobody.", path)
    return tuple(found)


def _conditions(elements: _Elements, findings: Findings) -> tuple[Condition, ...]:
    if "Condition" not in elements:
        return ()
    block, path = elements["Condition"]
    if not isinstance(block, dict):
        findings.unreadable(
            "condition_type", "'Condition' is an object of operators, each an object of keys.", path
        )
    conditions: list[Condition] = []
    for written, keys in block.items():
        at = (*path, written)
        parts = operator_parts(written)
        if parts.operator is None:
            near = get_close_matches(written.rpartition(":")[2], OPERATOR_NAMES, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            findings.error(
                "unknown_operator", f"{shown(written)} is not a condition operator.{hint}", at
            )
        if not isinstance(keys, dict):
            findings.unreadable(
                "condition_type", f"{shown(written)} takes an object of condition keys.", at
            )
        for key, values in keys.items():
            here = (*at, key)
            if not _KEY.fullmatch(key):
                findings.error(
                    "condition_key_form",
                    f"{shown(key)} has not the form of a condition key, such as "
                    "'aws:RequestedRegion'.",
                    here,
                )
            texts = _condition_values(values, here, findings)
            conditions.append(
                Condition(
                    written,
                    parts.operator,
                    parts.negated,
                    parts.set_operator,
                    parts.if_exists,
                    key,
                    texts,
                    here,
                )
            )
    return tuple(conditions)


def _condition_values(value: JsonValue, path: Path, findings: Findings) -> tuple[str, ...]:
    if isinstance(value, str):
        return (str(value),)
    items = value if isinstance(value, list) else [value]
    texts: list[str] = []
    for item in items:
        if isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, (str, int, float)):
            texts.append(str(item))
        else:
            findings.unreadable(
                "condition_value", "A condition's values are texts, numbers or booleans.", path
            )
    if not texts:
        findings.error("empty_list", "The condition lists no value.", path)
    return tuple(texts)
