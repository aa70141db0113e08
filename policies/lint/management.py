"""Settings of management policies: names, values, and limits that AWS documents for each type.

The grammar of `@@` operators is the parser's (`policies.language.management_grammar`). Source:
Organizations user guide, the syntax page of each type; "Backup policy syntax" and "Tag policy
syntax" for what settings ask of each other. What a setting is called today is in
`management_schemas.json`; AWS adds settings, so an unknown one is a warning and no error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from typing import Final, cast

from policies.language.document import ManagementPolicy, Path
from policies.language.findings import path_text
from policies.language.json_reader import shown
from policies.language.management_grammar import CHILD_CONTROL
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding, LintSeverity

Schema = Mapping[str, "SchemaPart"]
SchemaPart = Schema | list[str] | str | int | bool

_LEAF: Final = ("@type", "@values")
_BOOLEANS: Final = frozenset({"true", "false"})
_COLD_DAYS: Final = 90
_ALL_REGIONS: Final = "ALL_SUPPORTED"


@lru_cache(maxsize=1)
def management_schemas() -> dict[PolicyType, Schema]:
    """Return what settings each type has, by type; a type without a known schema is missing."""
    text = resources.files("policies.lint").joinpath("management_schemas.json").read_text("utf-8")
    rows = cast(dict[str, Schema], json.loads(text)["schemas"])
    return {PolicyType(name): schema for name, schema in rows.items()}


def check_management(policy: ManagementPolicy) -> Iterator[LintFinding]:
    """Yield settings and values that AWS does not know, and settings that contradict each other."""
    schema = management_schemas().get(policy.policy_type)
    if schema is not None and policy.root_key in schema:
        reported: set[Path] = set()
        for path, values in policy.settings:
            yield from _setting(policy, schema, path, values, reported)
    if policy.policy_type is PolicyType.TAG_POLICY:
        yield from _tag_keys(policy)
        yield from _tag_enforcement(policy)
    if policy.policy_type is PolicyType.BACKUP_POLICY:
        yield from _lifecycles(policy)
    yield from _regions(policy)


def _setting(
    policy: ManagementPolicy,
    schema: Schema,
    path: Path,
    values: tuple[str, ...],
    reported: set[Path],
) -> Iterator[LintFinding]:
    node = schema
    operator = str(path[-1])
    steps = path[:-1] if operator.startswith("@@") else path
    for depth, step in enumerate(steps):
        name = str(step)
        if "@any" in node:
            return
        if any(mark in node for mark in _LEAF):
            yield from _once(reported, steps[: depth + 1], _no_inner(policy, steps[: depth + 1]))
            return
        child = node.get(name, node.get("*"))
        if not isinstance(child, Mapping):
            yield from _once(
                reported, steps[: depth + 1], _unknown(policy, node, steps[: depth + 1], name)
            )
            return
        node = child
    if "@any" in node or operator == CHILD_CONTROL:
        return
    if not any(mark in node for mark in _LEAF):
        names = ", ".join(sorted(name for name in node if name != "*")) or "names of your own"
        yield _finding(
            policy,
            LintSeverity.WARNING,
            "setting_takes_no_value",
            f"{path_text(steps)} takes no value itself; it holds {names}.",
            path,
        )
        return
    yield from _values(policy, node, path, values, operator)


def _once(reported: set[Path], path: Path, finding: LintFinding) -> Iterator[LintFinding]:
    if path not in reported:
        reported.add(path)
        yield finding


def _no_inner(policy: ManagementPolicy, path: Path) -> LintFinding:
    return _finding(
        policy,
        LintSeverity.WARNING,
        "unknown_setting",
        f"{path_text(path[:-1])} takes a value by @@assign, not settings such as "
        f"{shown(str(path[-1]))}.",
        path,
    )


def _unknown(policy: ManagementPolicy, node: Schema, path: Path, name: str) -> LintFinding:
    known = sorted(other for other in node if other[0] not in "@*")
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(known)}."
    return _finding(
        policy,
        LintSeverity.WARNING,
        "unknown_setting",
        f"{shown(name)} is not a setting of {path_text(path[:-1]) or 'the policy'} that AWS "
        f"documents. {hint}",
        path,
    )


def _values(
    policy: ManagementPolicy, leaf: Schema, path: Path, values: tuple[str, ...], operator: str
) -> Iterator[LintFinding]:
    allowed = leaf.get("@values")
    kind = leaf.get("@type")
    if isinstance(allowed, list):
        for value in values:
            if value not in allowed:
                near = get_close_matches(value.lower(), [a.lower() for a in allowed], n=1)
                hint = next((a for a in allowed if near and a.lower() == near[0]), None)
                yield _finding(
                    policy,
                    LintSeverity.WARNING,
                    "setting_value",
                    f"{shown(value)} is not a value of {path_text(path[:-1])}; "
                    + (
                        f"did you mean '{hint}'?"
                        if hint
                        else f"choose one of {', '.join(allowed)}."
                    ),
                    path,
                )
    for value in values:
        if "$" in value:
            continue
        if kind == "integer" and not value.strip().lstrip("-").isdigit():
            yield _value_kind(policy, path, value, "a whole number")
        if kind == "boolean" and value.lower() not in _BOOLEANS:
            yield _value_kind(policy, path, value, "true or false")
    if "@list" not in leaf and (len(values) > 1 or operator in ("@@append", "@@remove")):
        yield _finding(
            policy,
            LintSeverity.WARNING,
            "single_value_setting",
            f"{path_text(path[:-1])} holds one value; give it one by @@assign.",
            path,
        )
    most = leaf.get("@most")
    if isinstance(most, int) and len(values) > most:
        yield _finding(
            policy,
            LintSeverity.WARNING,
            "too_many_values",
            f"{path_text(path[:-1])} takes at most {most} values; these are {len(values)}.",
            path,
        )


def _value_kind(policy: ManagementPolicy, path: Path, value: str, wanted: str) -> LintFinding:
    return _finding(
        policy,
        LintSeverity.WARNING,
        "setting_value",
        f"{path_text(path[:-1])} is {wanted}; {shown(value)} is none.",
        path,
    )


def _tag_keys(policy: ManagementPolicy) -> Iterator[LintFinding]:
    for path, values in policy.settings:
        if len(path) == 4 and path[2] == "tag_key" and path[3] == "@@assign":
            for value in values:
                if value.lower() != str(path[1]).lower():
                    yield _finding(
                        policy,
                        LintSeverity.ERROR,
                        "tag_key_mismatch",
                        f"The tag key {shown(value)} must be the policy key {shown(str(path[1]))} "
                        "but for upper and lower case.",
                        path,
                    )


def _tag_enforcement(policy: ManagementPolicy) -> Iterator[LintFinding]:
    for path, values in policy.settings:
        if len(path) != 4 or path[2] not in ("enforced_for", "report_required_tag_for"):
            continue
        for value in values:
            service, colon, kind = value.partition(":")
            if not (service and colon and kind) and "$" not in value:
                yield _finding(
                    policy,
                    LintSeverity.WARNING,
                    "setting_value",
                    f"{shown(value)} is not a resource type; write it like 'ec2:instance' or "
                    f"'ec2:{_ALL_REGIONS}'.",
                    path,
                )


def _lifecycles(policy: ManagementPolicy) -> Iterator[LintFinding]:
    days: dict[Path, dict[str, tuple[int, Path]]] = {}
    for path, values in policy.settings:
        if len(path) > 3 and path[-3] == "lifecycle" and len(values) == 1 and values[0].isdigit():
            days.setdefault(path[:-2], {})[str(path[-2])] = (int(values[0][:9]), path)
    for found in days.values():
        cold = found.get("move_to_cold_storage_after_days")
        delete = found.get("delete_after_days")
        if cold and delete and delete[0] < cold[0] + _COLD_DAYS:
            yield _finding(
                policy,
                LintSeverity.WARNING,
                "lifecycle_too_short",
                f"Backups stay in cold storage for {_COLD_DAYS} days at least: delete_after_days "
                f"must be {cold[0] + _COLD_DAYS} or more, and is {delete[0]}.",
                delete[1],
            )


def _regions(policy: ManagementPolicy) -> Iterator[LintFinding]:
    """Regions that one list enables and the other disables; the latter wins."""
    enabled: dict[Path, set[str]] = {}
    for path, values in policy.settings:
        if (
            len(path) > 1
            and path[-2] == "enable_in_regions"
            and path[-1] in ("@@assign", "@@append")
        ):
            enabled.setdefault(path[:-2], set()).update(values)
    for path, values in policy.settings:
        if len(path) > 1 and path[-2] == "disable_in_regions" and path[-1] != CHILD_CONTROL:
            for region in sorted(enabled.get(path[:-2], set()).intersection(values)):
                yield _finding(
                    policy,
                    LintSeverity.WARNING,
                    "enabled_and_disabled",
                    f"{shown(region)} is enabled and disabled; disable_in_regions wins. Remove it "
                    "from one of them.",
                    path,
                )


def _finding(
    policy: ManagementPolicy, severity: LintSeverity, code: str, message: str, path: Path
) -> LintFinding:
    at = policy.position(path)
    return LintFinding(
        code=code,
        severity=severity,
        message=message,
        line=at.line if at else 0,
        column=at.column if at else 0,
        path=path_text(path),
        statement=None,
        sid=None,
    )
