"""Rows and cells of the matrix as shown: of OUs with the number of accounts, of accounts as links.

A page has thousands of cells, so each is as few bytes as it can be. What an account's cell leads to
is an address below the page's own; its panel has the same address and `panel/` after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.baseline.guardrails.definitions import GuardrailInForce
from governance.baseline.guardrails.matrix import MatrixRow
from governance.baseline.guardrails.outcome_counts import OutcomeCounts
from governance.web.parts.markup import icon

OUTCOME_LABELS: Final = {
    "fails": "Fails",
    "undecided": "Undecided",
    "excepted": "Excepted",
    "not_covered": "Not covered",
    "holds": "Holds",
}
_OUT: Final = format_html('<td class="{}"></td>', "out")
_HOLDS: Final = format_html('<td class="{}"></td>', "holds")


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """The worst of a guardrail in a row.

    `look`: a key of the outcomes, empty: not in scope. `count`: in how many accounts, `accounts`:
    of how many in scope. `href`: what an account's result is read at, empty for OUs. `key`: of the
    result, as the address names it.
    """

    look: str
    count: int
    accounts: int
    href: str = ""
    key: str = ""

    @property
    def said(self) -> str:
        """The cell in words."""
        if not self.look:
            return "Not in scope"
        label = OUTCOME_LABELS[self.look]
        return label if self.href else f"{label} in {self.count:,} of {self.accounts:,}"

    def markup(self, selected: str) -> SafeString:
        """Draw the cell. What the marks mean is said to screen readers by the style sheet."""
        if not self.look:
            return _OUT
        if self.look == "holds" and not self.href:
            return _HOLDS
        mark = icon("hourglass") if self.look == "excepted" else ""
        if not self.href:
            number = f"{self.count:,}" if self.count > 1 else ""
            return format_html('<td class="{}"><b>{}{}</b></td>', self.look, mark, number)
        here = (
            format_html(' class="selected" data-row="{}"', self.key) if self.key == selected else ""
        )
        return format_html(
            '<td class="{}"><a href="{}"{}><i>{}</i>{}</a></td>',
            self.look,
            self.href,
            here,
            OUTCOME_LABELS[self.look],
            mark,
        )


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A row of the matrix as shown.

    `label`: its name with the OU that it lies in. `more`: accounts that follow it and are not
    shown; `more_href` lists them.
    """

    row: MatrixRow
    label: str
    name_href: str
    toggle_href: str
    is_open: bool
    is_account: bool
    cells: Sequence[MatrixCell]
    counts: OutcomeCounts
    more: int = 0
    more_href: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything was decided here, or there is nothing to decide."""
        return self.counts.is_known or (not self.is_account and not self.row.accounts)


def unit_cells(row: MatrixRow, shown: Sequence[int]) -> list[MatrixCell]:
    """Return the cells of a root or OU. `shown`: the places of the columns."""
    found = []
    for place in shown:
        counts = row.cells[place]
        worst = counts.worst
        count = getattr(counts, worst) if worst else 0
        found.append(MatrixCell(worst, count, counts.accounts))
    return found


def account_cells(
    row: MatrixRow,
    shown: Sequence[int],
    columns: Sequence[GuardrailInForce],
    *,
    as_of_query: str,
) -> list[MatrixCell]:
    """Return the cells of an account, those with a result that does not hold as links."""
    found = []
    for place in shown:
        worst = row.cells[place].worst
        if not worst or worst == "holds":
            found.append(MatrixCell(worst, 1 if worst else 0, 1))
            continue
        guardrail = columns[place].id
        found.append(
            MatrixCell(
                worst,
                1,
                1,
                href=f"of/{guardrail}/accounts/{row.target_id}/{as_of_query}",
                key=f"{guardrail}:{row.target_id}",
            )
        )
    return found
