"""Text → document and diagnostics.

`parse_policy` takes any text and never raises. Clean text goes through the standard decoder, and
nothing is located until a diagnostic or a caller asks where something is.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Final, NoReturn

from policies.language.access_grammar import read_access_policy
from policies.language.document import (
    Diagnostic,
    ParsedPolicy,
    Severity,
    SourceText,
)
from policies.language.findings import Findings, Unreadable
from policies.language.json_reader import JsonValue, NumberText, decoded, read_json
from policies.language.management_grammar import read_management_policy
from policies.language.policy_types import (
    ACCESS_POLICY_TYPES,
    PolicyType,
    policy_limits,
    policy_size,
)


class _NotClean(ValueError):
    """The text needs the reader that locates faults."""


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotClean
    return found


def _constant(_: str) -> NoReturn:
    raise _NotClean


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=NumberText,
    parse_float=NumberText,
    parse_constant=_constant,
)


def _decode_clean(text: str) -> JsonValue:
    if "\\u" in text:
        raise _NotClean
    if not text.isascii():
        text.encode()
    value: JsonValue = _DECODER.decode(text)
    return value


def parse_policy(
    text: str, policy_type: PolicyType, *, limits_on: date | None = None
) -> ParsedPolicy:
    """Parse a policy's text as a policy of one type. Never raises.

    `limits_on`: the day whose size limits hold; without it the latest known.
    """
    findings = Findings()
    problems: list[Diagnostic] = []
    source = SourceText(text)
    try:
        value = _decode_clean(text)
    except (ValueError, RecursionError):
        reading = read_json(text)
        for problem in sorted(reading.problems, key=lambda p: p.offset):
            at = source.position_at(problem.offset)
            problems.append(
                Diagnostic(problem.code, Severity.ERROR, problem.message, at.line, at.column, "")
            )
        if reading.root is None:
            return ParsedPolicy(None, None, tuple(problems))
        value = decoded(reading.root)
    _check_size(text, policy_type, findings, limits_on)
    parsed = _read(value, policy_type, findings, source)
    return ParsedPolicy(
        parsed.document, parsed.management, (*problems, *findings.diagnostics(source))
    )


def parse_decoded_policy(value: dict[str, JsonValue], policy_type: PolicyType) -> ParsedPolicy:
    """Parse a policy that a JSON decoder has read already.

    There is no text: diagnostics have line and column 0 and are placed by their path alone, and
    the size is not checked.
    """
    findings = Findings()
    parsed = _read(value, policy_type, findings, None)
    return ParsedPolicy(parsed.document, parsed.management, findings.diagnostics(None))


def _read(
    value: JsonValue, policy_type: PolicyType, findings: Findings, source: SourceText | None
) -> ParsedPolicy:
    try:
        if not isinstance(value, dict):
            hint = (
                " (it is text in quotes: take the policy out of the quotes)"
                if isinstance(value, str) and not isinstance(value, NumberText)
                else ""
            )
            findings.unreadable("not_an_object", f"A policy is a JSON object in braces{hint}.", ())
        if policy_type in ACCESS_POLICY_TYPES:
            return ParsedPolicy(read_access_policy(value, policy_type, findings, source), None, ())
        return ParsedPolicy(None, read_management_policy(value, policy_type, findings, source), ())
    except Unreadable:
        return ParsedPolicy(None, None, ())


def _check_size(
    text: str, policy_type: PolicyType, findings: Findings, limits_on: date | None
) -> None:
    limits = policy_limits(policy_type, on=limits_on)
    if limits.characters is None:
        return
    size = policy_size(text, limits)
    if size <= limits.characters:
        return
    counted = "" if limits.whitespace_counts else " without white space"
    findings.error(
        "policy_too_large",
        f"The policy has {size:,} characters{counted}; AWS accepts {limits.characters:,}. "
        "Shorten it or split it in two.",
        (),
    )
