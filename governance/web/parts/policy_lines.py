"""A policy's text as the page draws it: laid out, by line, with its statements and lint marks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.safestring import SafeString

from governance.presentation.statement_text import statement_lines
from governance.presentation.text_diff import pretty_json
from governance.web.parts.markup import marked_lines
from policies import PolicyDocument
from policies.lint import LintFinding, LintReport, LintSeverity

_WORST_FIRST: Final = (LintSeverity.ERROR, LintSeverity.WARNING, LintSeverity.NOTE)


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A lint finding. `number`: its place in the list, from 1; `line`: of the laid-out text.

    `original`: where it stands in the text as AWS returned it, empty if that is laid out alike.
    """

    number: int
    finding: LintFinding
    line: int
    original: str

    @property
    def state(self) -> str:
        """The key of its look."""
        return self.finding.severity.value

    @property
    def severity(self) -> str:
        """Its severity in a word."""
        return self.state.capitalize()


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line. `mark`: the worst of its findings; `marks`: how many they are."""

    number: int
    text: SafeString
    mark: ShownFinding | None = None
    marks: int = 0


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A statement's head. `number`: from 1. `lines`: the end of an address, `L4-L12`."""

    number: int
    sid: str
    effect: str
    lines: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one statement, or lines between statements."""

    statement: ShownStatement | None
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class ShownText:
    """A whole text with its findings, in the text's order."""

    blocks: tuple[Block, ...]
    findings: tuple[ShownFinding, ...]

    def count(self, severity: str) -> int:
        """Count the findings of a severity."""
        return sum(one.state == severity for one in self.findings)


def laid_out(text: str, report: LintReport | None) -> str:
    """Lay a text out; one with a name twice in an object stays as it is, or it would lose one."""
    if report is not None and any(one.code == "duplicate_key" for one in report.findings):
        return text
    return pretty_json(text)


def shown_text(
    text: str,
    document: PolicyDocument | None,
    report: LintReport | None,
    report_of_shown: LintReport | None,
) -> ShownText:
    """Draw a text. `report`: of the text; `report_of_shown`: of the same text laid out.

    `document`: the text as a policy of statements, None where it is none or cannot be read.
    """
    shown = laid_out(text, report)
    findings = _placed(report, report_of_shown, alike=shown == text)
    by_line: dict[int, list[ShownFinding]] = {}
    for one in findings:
        by_line.setdefault(one.line, []).append(one)
    lines = [
        _line(number, line, by_line.get(number, ()))
        for number, line in enumerate(marked_lines(shown), start=1)
    ] or [_line(1, SafeString(""), by_line.get(1, ()))]
    return ShownText(tuple(_blocks(lines, shown, document)), findings)


def statement_anchor(text: str, document: PolicyDocument, number: int) -> str:
    """Return the lines of a statement as the end of an address: `L4-L12`. `number`: from 1."""
    first, last = statement_lines(pretty_json(text), document.statements[number - 1].path)
    return line_anchor(first, last)


def line_anchor(first: int, last: int) -> str:
    """Return lines as the end of an address."""
    return f"L{first}" if first == last else f"L{first}-L{last}"


def _placed(
    report: LintReport | None, report_of_shown: LintReport | None, *, alike: bool
) -> tuple[ShownFinding, ...]:
    """Find the lines that the findings have in the laid-out text."""
    if report is None:
        return ()
    lines: dict[tuple[str, str, str], list[int]] = {}
    for one in report_of_shown.findings if report_of_shown else ():
        lines.setdefault((one.code, one.path, one.message), []).append(one.line)
    found = []
    for one in report.findings:
        known = lines.get((one.code, one.path, one.message))
        line = one.line if alike else known.pop(0) if known else 1
        original = "" if alike or not one.line else f"line {one.line}, column {one.column}"
        found.append(ShownFinding(0, one, max(line, 1), original))
    found.sort(key=lambda one: (one.line, _WORST_FIRST.index(one.finding.severity)))
    return tuple(replace(one, number=number) for number, one in enumerate(found, start=1))


def _line(number: int, text: SafeString, findings: Sequence[ShownFinding]) -> ShownLine:
    return ShownLine(number, text, findings[0] if findings else None, len(findings))


def _blocks(lines: Sequence[ShownLine], text: str, document: PolicyDocument | None) -> list[Block]:
    statements = document.statements if document else ()
    blocks: list[Block] = []
    done = 0
    for number, statement in enumerate(statements, start=1):
        first, last = statement_lines(text, statement.path)
        if first <= done:
            # Statements that share a line cannot be told apart by lines.
            continue
        if first > done + 1:
            blocks.append(Block(None, tuple(lines[done : first - 1])))
        head = ShownStatement(
            number, statement.sid or "", statement.effect.value, line_anchor(first, last)
        )
        blocks.append(Block(head, tuple(lines[first - 1 : last])))
        done = last
    if done < len(lines):
        blocks.append(Block(None, tuple(lines[done:])))
    return blocks
