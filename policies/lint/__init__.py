"""Findings for an author of policies; limits and lists of AWS's are data files beside the code."""

from policies.lint.finding import LintFinding, LintSeverity
from policies.lint.linter import LintReport, lint_decoded_policy, lint_policy
from policies.lint.settings import LintSettings, ProtectedRole, RolePurpose

__all__ = [
    "LintFinding",
    "LintReport",
    "LintSettings",
    "LintSeverity",
    "ProtectedRole",
    "RolePurpose",
    "lint_decoded_policy",
    "lint_policy",
]
