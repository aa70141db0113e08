"""The grammar of management policies: one root element, settings, `@@` operators.

Source: Organizations user guide, "Management policy inheritance operators" and the syntax page of
each type.
"""

from __future__ import annotations

from typing import Final

from policies.language.document import ManagementPolicy, Path, SourceText
from policies.language.findings import Findings
from policies.language.json_reader import MAX_DEPTH, JsonValue, NumberText, shown
from policies.language.policy_types import PolicyType

ROOT_KEYS: Final[dict[PolicyType, frozenset[str]]] = {
    PolicyType.TAG_POLICY: frozenset({"tags"}),
    PolicyType.BACKUP_POLICY: frozenset({"plans"}),
    PolicyType.AISERVICES_OPT_OUT_POLICY: frozenset({"services"}),
    PolicyType.CHATBOT_POLICY: frozenset({"chatbot"}),
    PolicyType.DECLARATIVE_POLICY_EC2: frozenset({"ec2_attributes"}),
    PolicyType.SECURITYHUB_POLICY: frozenset({"securityhub"}),
    PolicyType.INSPECTOR_POLICY: frozenset({"inspector"}),
    PolicyType.UPGRADE_ROLLOUT_POLICY: frozenset({"upgrade_rollout"}),
    PolicyType.BEDROCK_POLICY: frozenset({"bedrock"}),
    PolicyType.S3_POLICY: frozenset({"s3_attributes"}),
    PolicyType.NETWORK_SECURITY_DIRECTOR_POLICY: frozenset({"network_security_director"}),
}
"""The root element of each type; types whose syntax page is not known here accept any."""

VALUE_OPERATORS: Final = frozenset({"@@assign", "@@append", "@@remove"})
CHILD_CONTROL: Final = "@@operators_allowed_for_child_policies"
CHILD_CONTROL_VALUES: Final = VALUE_OPERATORS | {"@@all", "@@none"}

_Settings = list[tuple[Path, tuple[str, ...]]]


def read_management_policy(
    value: dict[str, JsonValue],
    policy_type: PolicyType,
    findings: Findings,
    source: SourceText | None,
) -> ManagementPolicy:
    """Read a decoded management policy.

    :raises Unreadable: the document is no tree of settings.
    """
    if "Statement" in value or "statement" in value:
        findings.unreadable(
            "statement_in_management_policy",
            f"A {policy_type} holds settings with @@ operators, not statements; "
            "statements belong into a service or resource control policy.",
            ("Statement",) if "Statement" in value else ("statement",),
        )
    if len(value) != 1:
        findings.unreadable(
            "root_element", "A management policy has exactly one element at its root.", ()
        )
    root_key = next(iter(value))
    known = ROOT_KEYS.get(policy_type)
    if known and root_key not in known:
        findings.error(
            "root_element",
            f"A {policy_type} begins with {shown(min(known))}, not {shown(root_key)}.",
            (root_key,),
        )
    return ManagementPolicy(policy_type, root_key, tuple(_settings(value, findings)), source)


def _settings(root: dict[str, JsonValue], findings: Findings) -> _Settings:
    settings: _Settings = []
    open_nodes: list[tuple[Path, dict[str, JsonValue]]] = [((), root)]
    while open_nodes:
        path, node = open_nodes.pop()
        if len(path) >= MAX_DEPTH:
            findings.unreadable("nested_too_deep", f"Nested deeper than {MAX_DEPTH} levels.", path)
        _check_mixture(node, path, findings)
        inner: list[tuple[Path, dict[str, JsonValue]]] = []
        for name, child in node.items():
            at = (*path, name)
            if name.startswith("@@"):
                settings.append((at, _operator_values(name, child, at, findings)))
            elif isinstance(child, dict):
                inner.append((at, child))
            else:
                findings.error(
                    "setting_without_operator",
                    f'Give {shown(name)} its value by an operator: {{"@@assign": …}}.',
                    at,
                )
                settings.append((at, _texts(child, at, findings)))
        open_nodes.extend(reversed(inner))
    return settings


def _check_mixture(node: dict[str, JsonValue], path: Path, findings: Findings) -> None:
    values = [name for name in node if name in VALUE_OPERATORS]
    settings = [name for name in node if not name.startswith("@@")]
    if values and settings:
        findings.error(
            "operator_beside_settings",
            f"{values[0]} sets a value, so only operators may be beside it "
            f"(found {shown(settings[0])}).",
            (*path, values[0]),
        )
    if "@@assign" in values and len(values) > 1:
        findings.error(
            "assign_beside_change",
            "@@assign sets the whole value; @@append and @@remove cannot be beside it.",
            (*path, "@@assign"),
        )


def _operator_values(
    name: str, child: JsonValue, path: Path, findings: Findings
) -> tuple[str, ...]:
    if name not in VALUE_OPERATORS and name != CHILD_CONTROL:
        findings.error(
            "unknown_inheritance_operator",
            f"{shown(name)} is not an inheritance operator; there are "
            f"{', '.join(sorted(VALUE_OPERATORS))} and {CHILD_CONTROL}.",
            path,
        )
    if isinstance(child, dict):
        findings.unreadable(
            "operator_value", f"{name} takes text or a list of texts, not an object.", path
        )
    values = _texts(child, path, findings)
    if name == CHILD_CONTROL:
        for value in values:
            if value not in CHILD_CONTROL_VALUES:
                findings.error(
                    "child_control_value",
                    f"{shown(value)} cannot be allowed to child policies; choose one of "
                    f"{', '.join(sorted(CHILD_CONTROL_VALUES))}.",
                    path,
                )
    return values


def _texts(value: JsonValue, path: Path, findings: Findings) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_text(item, path, findings) for item in items)


def _text(value: JsonValue, path: Path, findings: Findings) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, NumberText)):
        return str(value)
    if isinstance(value, (int, float)):
        return str(value)
    return findings.unreadable(
        "operator_value", "A setting's value is text, a number, true or false.", path
    )
