"""Statements that change nothing: no action exists, or other statements do the same already.

Whether one statement covers another is decided by `policies.coverage`, silent where it is in
doubt; so every finding is certain, and some statements without effect are not found.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.compiled import CompiledStatement
from policies.coverage import covers
from policies.language.document import Effect, Statement
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject


def check_effect(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the statements that could be removed without changing a decision."""
    for index, statement, compiled in subject.statements():
        if not compiled.action_bits:
            yield subject.warning(
                "no_action_exists",
                "No action that AWS has matches this statement, so it has no effect; correct the "
                "action names or remove it.",
                statement.path,
                index,
            )
            continue
        yield from _covered(subject, index, statement, compiled)


def _covered(
    subject: LintSubject, index: int, statement: Statement, compiled: CompiledStatement
) -> Iterator[LintFinding]:
    for other, written, meaning in subject.statements():
        if other == index:
            continue
        if meaning.effect is compiled.effect:
            if not covers(meaning, compiled):
                continue
            if meaning is compiled or covers(compiled, meaning):
                # Of equals the first stays.
                if other > index:
                    continue
                code, what = "repeated_statement", "says the same as"
            else:
                code, what = "covered_statement", "is covered by"
            yield subject.warning(
                code,
                f"{_name(index, statement)} {what} {_name(other, written)}; remove it.",
                statement.path,
                index,
            )
            return
        if compiled.effect is Effect.ALLOW and covers(meaning, compiled):
            yield subject.warning(
                "allow_always_denied",
                f"{_name(index, statement)} allows only what {_name(other, written)} denies; "
                "remove it or narrow the deny.",
                statement.path,
                index,
            )
            return


def _name(index: int, statement: Statement) -> str:
    return f"statement '{statement.sid}'" if statement.sid else f"statement {index + 1}"
