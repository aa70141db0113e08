"""`lint`: what AWS would refuse about a policy, and what its author should look at."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Final

from policies.cli.json_input import (
    BadInput,
    as_list,
    as_object,
    as_text,
    member,
    read_object,
    refuse_unknown,
)
from policies.cli.policy_input import (
    read_count,
    read_day,
    read_policies,
    read_policy_text,
    read_policy_type,
    read_texts,
)
from policies.cli.streams import Streams
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.lint import LintSettings, ProtectedRole, RolePurpose, lint_policy

_KNOWN: Final = frozenset(
    {"policy_type", "policy", "limits_on", "attached_count", "protected_roles", "companions"}
)
_HELP: Final = """\
The input is one JSON object:
  policy_type      SERVICE_CONTROL_POLICY, TAG_POLICY, IDENTITY_POLICY, TRUST_POLICY, ...
  policy           an object, or text (positions are in the text; an object is read as indented)
  limits_on        the day whose limits hold, such as 2026-05-01; else the latest known
  attached_count   how many policies of the type the target has beside this one
  protected_roles  [{"arn": "arn:aws:iam::*:role/Audit", "purpose": "audit|apply|break_glass",
                     "actions": [...]}, ...]
  companions       other policies of the type at the target or above it
The answer: {"findings": [{"code", "severity", "message", "line", "column", "path", "statement",
"sid"}, ...], "size", "size_limit", "size_per_cent"}.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command; it has no arguments of its own."""
    parser.description = "Lint one policy. Reads a JSON object from standard input, writes one."
    parser.epilog = _HELP


def run(_: argparse.Namespace, streams: Streams) -> int:
    """Lint the policy on standard input.

    :raises BadInput: the input is not of its form, or the policy has no readable statement.
    """
    given = read_object(streams.input)
    refuse_unknown(given, _KNOWN, "the input")
    policy_type = read_policy_type(given)
    text = read_policy_text(member(given, "policy", "the input"), "policy")
    report = lint_policy(text, policy_type, settings=_settings(given, policy_type))
    answer = {
        "findings": [asdict(finding) for finding in report.findings],
        "size": report.size,
        "size_limit": report.size_limit,
        "size_per_cent": report.size_per_cent,
    }
    streams.output.write(json.dumps(answer, ensure_ascii=False) + "\n")
    if not report.is_policy:
        first = report.findings[0]
        raise BadInput(
            f"the policy cannot be read: line {first.line}, column {first.column}: {first.message}"
        )
    return 0


def _settings(given: dict[str, JsonValue], policy_type: PolicyType) -> LintSettings:
    companions = []
    for at, text in enumerate(read_policies(given, "companions")):
        document = parse_policy(text, policy_type).document
        if document is None:
            raise BadInput(f"companions[{at}] is no {policy_type}")
        companions.append(document)
    roles = as_list(given.get("protected_roles", []), "protected_roles")
    return LintSettings(
        limits_on=read_day(given, "limits_on"),
        attached_count=read_count(given, "attached_count"),
        protected_roles=tuple(
            _role(value, f"protected_roles[{at}]") for at, value in enumerate(roles)
        ),
        companions=tuple(companions),
    )


def _role(value: JsonValue, what: str) -> ProtectedRole:
    row = as_object(value, what)
    refuse_unknown(row, frozenset({"arn", "purpose", "actions"}), what)
    purpose = as_text(member(row, "purpose", what), f"{what}.purpose")
    if purpose not in set(RolePurpose):
        known = ", ".join(sorted(RolePurpose))
        raise BadInput(f'{what}.purpose: "{purpose}" is none of {known}')
    return ProtectedRole(
        arn=as_text(member(row, "arn", what), f"{what}.arn"),
        purpose=RolePurpose(purpose),
        actions=tuple(read_texts(row.get("actions", []), f"{what}.actions")),
    )
