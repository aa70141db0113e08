"""Lint: a policy's text → what AWS would refuse, and what its author should look at."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from policies.compiled import Compiler, default_compiler
from policies.language.document import Diagnostic, ParsedPolicy, Severity
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType, policy_limits, policy_size
from policies.lint.finding import LintFinding, LintSeverity
from policies.lint.management import check_management
from policies.lint.rules import RULES
from policies.lint.settings import NO_SETTINGS, LintSettings
from policies.lint.size import check_size
from policies.lint.subject import LintSubject

_STATEMENT = re.compile(r"[Ss]tatement(?:\[(\d+)\])?(?:\.|$)")


@dataclass(frozen=True, slots=True)
class LintReport:
    """The findings in the order of the text, and how much room the policy takes.

    `size` are the characters that count; `size_limit` is None where AWS states none, and
    `size_per_cent` then too. `is_policy`: the text has a meaning that could be relied on.
    """

    findings: tuple[LintFinding, ...]
    size: int
    size_limit: int | None
    size_per_cent: float | None
    is_policy: bool

    @property
    def has_errors(self) -> bool:
        """Whether AWS would refuse the policy."""
        return any(f.severity is LintSeverity.ERROR for f in self.findings)


def lint_policy(
    text: str,
    policy_type: PolicyType,
    *,
    settings: LintSettings = NO_SETTINGS,
    compiler: Compiler | None = None,
) -> LintReport:
    """Lint a policy's text. Never raises, whatever the text is.

    `compiler`: the process's own one unless given.
    """
    parsed = parse_policy(text, policy_type, limits_on=settings.limits_on)
    findings = [_from_diagnostic(diagnostic, parsed) for diagnostic in parsed.diagnostics]
    if parsed.document is not None:
        subject = LintSubject(parsed.document, compiler or default_compiler(), settings)
        for rule in RULES:
            findings.extend(rule(subject))
    if parsed.management is not None:
        findings.extend(check_management(parsed.management))
    findings.extend(check_size(text, policy_type, parsed, settings))
    findings.sort(key=lambda f: (f.line, f.column))
    limits = policy_limits(policy_type, on=settings.limits_on)
    size = policy_size(text, limits)
    limit = limits.characters
    return LintReport(
        findings=tuple(dict.fromkeys(findings)),
        size=size,
        size_limit=limit,
        size_per_cent=round(100 * size / limit, 1) if limit else None,
        is_policy=parsed.document is not None or parsed.management is not None,
    )


def lint_decoded_policy(
    value: dict[str, object],
    policy_type: PolicyType,
    *,
    settings: LintSettings = NO_SETTINGS,
    compiler: Compiler | None = None,
) -> LintReport:
    """Lint a policy that was read already, as the text that a console would show of it."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return lint_policy(text, policy_type, settings=settings, compiler=compiler)


def _from_diagnostic(diagnostic: Diagnostic, parsed: ParsedPolicy) -> LintFinding:
    match = _STATEMENT.match(diagnostic.path)
    index = int(match[1] or 0) if match else None
    statements = parsed.document.statements if parsed.document else ()
    known = index is not None and index < len(statements)
    error = diagnostic.severity is Severity.ERROR
    return LintFinding(
        code=diagnostic.code,
        severity=LintSeverity.ERROR if error else LintSeverity.WARNING,
        message=diagnostic.message,
        line=diagnostic.line,
        column=diagnostic.column,
        path=diagnostic.path,
        statement=index,
        sid=statements[index].sid if known and index is not None else None,
    )
