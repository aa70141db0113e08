"""The findings of lint, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LintSeverity(StrEnum):
    """ERROR: AWS refuses the policy. WARNING: likely not what is meant. NOTE: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing an author should look at, said so that they know what to do.

    `code` is stable, lower-case with underscores. `line` and `column` count from 1, and are 0 for
    a policy that was given decoded. `path` is the place in the document, such as
    `Statement[0].Action`. `statement` is the index of the statement, None for the policy as a
    whole; `sid` its Sid if it has one.
    """

    code: str
    severity: LintSeverity
    message: str
    line: int
    column: int
    path: str
    statement: int | None
    sid: str | None
