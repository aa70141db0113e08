"""The matrix as a table of guardrails or of accounts: what a narrow window shows instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from governance.baseline.guardrails.definitions import GuardrailInForce
from governance.baseline.guardrails.documents import TOPIC_LABELS
from governance.baseline.guardrails.outcome_counts import OutcomeCounts
from governance.web.guardrails.matrix_lines import MatrixCell, MatrixLine

_PLACES_SHOWN: Final = 3
# Of so few accounts each result that does not hold is named.
_NAMED_OF: Final = 3


@dataclass(frozen=True, slots=True)
class PlaceOfGuardrail:
    """An OU in which a guardrail is at its worst. `count`: accounts."""

    label: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class GuardrailRow:
    """A guardrail with its counts, and the OUs with most accounts in the worst of its states."""

    guardrail: GuardrailInForce
    family: str
    counts: OutcomeCounts
    places: tuple[PlaceOfGuardrail, ...]
    other_places: int

    @property
    def href(self) -> str:
        """The guardrail's address, below the matrix."""
        return f"of/{self.guardrail.id}/"


def guardrail_rows(
    columns: Sequence[GuardrailInForce],
    totals: Sequence[OutcomeCounts],
    shown: Sequence[int],
    units: Sequence[MatrixLine],
) -> list[GuardrailRow]:
    """Return the columns as rows. `units`: rows of the matrix whose cells are those of `shown`."""
    parents = {
        units[place - 1].row.target_id
        for place, line in enumerate(units)
        if place and line.row.depth > units[place - 1].row.depth
    }
    innermost = [line for line in units if line.row.target_id not in parents]
    found = []
    for at, place in enumerate(shown):
        guardrail, counts = columns[place], totals[place]
        worst = counts.worst
        there = [
            (line, line.cells[at].count)
            for line in innermost
            if worst not in ("", "holds") and line.cells[at].look == worst
        ]
        there.sort(key=lambda one: -one[1])
        found.append(
            GuardrailRow(
                guardrail,
                TOPIC_LABELS[guardrail.document.topic],
                counts,
                tuple(
                    PlaceOfGuardrail(
                        line.label, count, f"of/{guardrail.id}/?under={line.row.target_id}"
                    )
                    for line, count in there[:_PLACES_SHOWN]
                ),
                max(0, len(there) - _PLACES_SHOWN),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with how many guardrails are how there. `named`: those that do not hold."""

    line: MatrixLine
    named: tuple[tuple[str, MatrixCell], ...]


def account_rows(
    columns: Sequence[GuardrailInForce], shown: Sequence[int], lines: Sequence[MatrixLine]
) -> list[AccountRow]:
    """Return accounts; of a few, with each guardrail that does not hold there."""
    return [
        AccountRow(
            line,
            tuple(
                (columns[place].document.title, cell)
                for place, cell in zip(shown, line.cells, strict=True)
                if cell.href
            )
            if len(lines) <= _NAMED_OF
            else (),
        )
        for line in lines
    ]
