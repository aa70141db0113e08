"""The statement that lets somebody in, laid out, with what is weak in it marked."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_INDENT: Final = 2


@dataclass(frozen=True, slots=True)
class PolicyPiece:
    """A piece of a line. `weak`: it is what leaves the way open."""

    text: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class ShownPolicyStatement:
    """A statement in lines of pieces. `others`: how many statements the policy has beside it."""

    lines: tuple[tuple[PolicyPiece, ...], ...]
    others: int


def statement_of(text: str, statement: int | None) -> tuple[Mapping[str, Any] | None, int]:
    """Return a statement of a policy's text and how many others there are; None: it has none."""
    try:
        policy = json.loads(text)
    except ValueError:
        return None, 0
    found = policy.get("Statement") if isinstance(policy, dict) else None
    statements = found if isinstance(found, list) else [found]
    if statement is None or not 0 <= statement < len(statements):
        return None, len(statements)
    chosen = statements[statement]
    return (chosen if isinstance(chosen, dict) else None), len(statements) - 1


def marked_statement(
    text: str, statement: int | None, *, weak: Collection[str]
) -> ShownPolicyStatement | None:
    """Lay a statement out with every text in `weak` marked; None where it cannot be read.

    `weak`: values and condition keys exactly as written.
    """
    chosen, others = statement_of(text, statement)
    if chosen is None:
        return None
    return ShownPolicyStatement(_marked_lines(chosen, weak), others)


def marked_statements(
    statements: Sequence[Mapping[str, Any]], *, weak: Collection[str] = ()
) -> tuple[tuple[PolicyPiece, ...], ...]:
    """Lay several statements out, one after another."""
    return tuple(line for one in statements for line in _marked_lines(one, weak))


def _marked_lines(value: Any, weak: Collection[str]) -> tuple[tuple[PolicyPiece, ...], ...]:
    laid = json.dumps(value, indent=_INDENT, ensure_ascii=False)
    marks = sorted({json.dumps(each, ensure_ascii=False) for each in weak}, key=len, reverse=True)
    return tuple(tuple(_pieces(line, marks)) for line in laid.splitlines())


def _pieces(line: str, marks: Sequence[str]) -> list[PolicyPiece]:
    for mark in marks:
        before, found, after = line.partition(mark)
        if found:
            inner = mark[1:-1]
            return [
                *_pieces(before + '"', marks),
                PolicyPiece(inner, weak=True),
                *_pieces('"' + after, marks),
            ]
    return [PolicyPiece(line)] if line else []


def weak_texts(
    *,
    guards: Sequence[Mapping[str, Any]],
    principal_id: str,
    has_finding: bool,
) -> set[str]:
    """Return what to mark: values of guards that do not hold; without any, whom it names."""
    weak: set[str] = set()
    for guard in guards:
        if not guard.get("holds"):
            values = guard.get("values") or []
            weak |= {str(value) for value in values} or {str(guard.get("key", ""))}
    if not weak and has_finding:
        weak.add(principal_id)
        if principal_id.isdecimal():
            weak.add(f"arn:aws:iam::{principal_id}:root")
    return weak - {""}
