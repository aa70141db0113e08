"""The text of two versions side by side in one column: a unified diff with both line numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`sign`: ` `, `-`, `+`, or `…` for a fold. `fold`: number of the fold that hides the line.

    A fold's own line has the number of hidden lines in `hidden`.
    """

    sign: str
    text: str
    before_line: int | None = None
    after_line: int | None = None
    fold: int | None = None
    hidden: int = 0


def pretty_json(text: str) -> str:
    """Lay a JSON text out with two spaces an indent, keys in their order; other text unchanged."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def diff_lines(before: str, after: str, *, around: int = 3) -> list[DiffLine]:
    """Compare two texts by line; equal runs longer than twice `around` and one are folded."""
    left, right = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    opcodes = matcher.get_opcodes()
    lines: list[DiffLine] = []
    folds = 0
    for at, (tag, from_left, to_left, from_right, to_right) in enumerate(opcodes):
        if tag == "equal":
            head = 0 if at == 0 else around
            tail = 0 if at == len(opcodes) - 1 else around
            folded = _equal(left, from_left, to_left, from_right, head, tail, folds + 1)
            folds += any(line.hidden for line in folded)
            lines += folded
            continue
        lines += [
            DiffLine("-", left[index], before_line=index + 1) for index in range(from_left, to_left)
        ]
        lines += [
            DiffLine("+", right[index], after_line=index + 1)
            for index in range(from_right, to_right)
        ]
    return lines


def _equal(
    left: Sequence[str],
    from_left: int,
    to_left: int,
    from_right: int,
    head: int,
    tail: int,
    fold: int,
) -> list[DiffLine]:
    length = to_left - from_left
    hides = length - head - tail > 1
    found = []
    for offset in range(length):
        hidden = hides and head <= offset < length - tail
        if hidden and offset == head:
            count = length - head - tail
            found.append(DiffLine("…", "", fold=fold, hidden=count))
        found.append(
            DiffLine(
                " ",
                left[from_left + offset],
                before_line=from_left + offset + 1,
                after_line=from_right + offset + 1,
                fold=fold if hidden else None,
            )
        )
    return found


def counts(lines: Sequence[DiffLine]) -> tuple[int, int]:
    """Return how many lines were removed and how many added."""
    return sum(line.sign == "-" for line in lines), sum(line.sign == "+" for line in lines)
