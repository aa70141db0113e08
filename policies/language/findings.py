"""Diagnostics while they are collected: placed by path, located in the text at the end."""

from __future__ import annotations

from typing import NoReturn

from policies.language.document import Diagnostic, Path, Severity, SourceText


class Unreadable(Exception):
    """The document has no meaning that could be relied on; a diagnostic says why."""


def path_text(path: Path) -> str:
    """Write a path as people do: `Statement[0].Condition.StringEquals`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


class Findings:
    """Collects what the grammars find."""

    def __init__(self) -> None:
        self._found: list[tuple[str, Severity, str, Path]] = []

    def error(self, code: str, message: str, path: Path) -> None:
        """Note something AWS refuses."""
        self._found.append((code, Severity.ERROR, message, path))

    def warning(self, code: str, message: str, path: Path) -> None:
        """Note something AWS accepts but that is likely not meant."""
        self._found.append((code, Severity.WARNING, message, path))

    def unreadable(self, code: str, message: str, path: Path) -> NoReturn:
        """Note an error and give the document up.

        :raises Unreadable: always.
        """
        self.error(code, message, path)
        raise Unreadable(code)

    def diagnostics(self, source: SourceText | None) -> tuple[Diagnostic, ...]:
        """Return everything found in the order of the text, or as found without one."""
        located = []
        for code, severity, message, path in self._found:
            at = source.position(path) if source else None
            line, column = (at.line, at.column) if at else (0, 0)
            located.append(Diagnostic(code, severity, message, line, column, path_text(path)))
        located.sort(key=lambda d: (d.line, d.column))
        return tuple(located)
