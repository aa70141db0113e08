"""What a rule looks at: a document with its compiled statements, and how it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.catalogue import Catalogue
from policies.compiled import CompiledStatement, Compiler
from policies.language.document import Path, PolicyDocument, Statement
from policies.language.findings import path_text
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding, LintSeverity
from policies.lint.settings import LintSettings


@dataclass(frozen=True)
class LintSubject:
    """One document under lint. `compiled[i]` is the meaning of `document.statements[i]`."""

    document: PolicyDocument
    compiler: Compiler
    settings: LintSettings

    @property
    def policy_type(self) -> PolicyType:
        """The document's type."""
        return self.document.policy_type

    @property
    def catalogue(self) -> Catalogue:
        """AWS's actions and keys."""
        return self.compiler.catalogue

    @cached_property
    def compiled(self) -> tuple[CompiledStatement, ...]:
        """The compiled statements, in the document's order."""
        return self.compiler.document(self.document)

    @cached_property
    def companions(self) -> tuple[CompiledStatement, ...]:
        """The statements of the policies that hold beside this one."""
        return tuple(
            statement
            for document in self.settings.companions
            for statement in self.compiler.document(document)
        )

    def statements(self) -> Iterator[tuple[int, Statement, CompiledStatement]]:
        """Yield each statement's index, text and meaning."""
        for index, statement in enumerate(self.document.statements):
            yield index, statement, self.compiled[index]

    def condition_path(self, index: int, key: str) -> Path:
        """Return where a statement first names a condition key (lower case), else its own place."""
        statement = self.document.statements[index]
        paths = (c.path for c in statement.conditions if c.key.lower() == key)
        return next(paths, statement.path)

    def _finding(
        self, severity: LintSeverity, code: str, message: str, path: Path, index: int | None
    ) -> LintFinding:
        at = self.document.position(path)
        return LintFinding(
            code=code,
            severity=severity,
            message=message,
            line=at.line if at else 0,
            column=at.column if at else 0,
            path=path_text(path),
            statement=index,
            sid=None if index is None else self.document.statements[index].sid,
        )

    def warning(self, code: str, message: str, path: Path, index: int | None = None) -> LintFinding:
        """Make a finding about something that is likely not meant."""
        return self._finding(LintSeverity.WARNING, code, message, path, index)

    def note(self, code: str, message: str, path: Path, index: int | None = None) -> LintFinding:
        """Make a finding about something worth knowing."""
        return self._finding(LintSeverity.NOTE, code, message, path, index)


Rule = Callable[[LintSubject], Iterable[LintFinding]]
"""Reads a document and yields its findings; never raises."""


def some_names(names: Iterable[str], *, shown: int = 4) -> str:
    """Write a list for a message: the first few, and how many more there are."""
    listed = list(names)
    text = ", ".join(listed[:shown])
    rest = len(listed) - shown
    return f"{text} and {rest:,} more" if rest > 0 else text
