"""OUs and accounts by guardrails: a cell is the worst that holds there, and leads to its proof."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.http import HttpResponseBase

from governance.access import rights
from governance.access.owners.targets import target_tree
from governance.baseline.guardrails.definitions import GuardrailInForce
from governance.baseline.guardrails.documents import (
    FRAMEWORK_LABELS,
    TOPIC_LABELS,
    Framework,
    GuardrailSeverity,
    GuardrailTopic,
)
from governance.baseline.guardrails.matrix import (
    GuardrailMatrix,
    MatrixRow,
    matrix_accounts,
    matrix_columns,
    matrix_of_accounts,
    matrix_of_units,
)
from governance.baseline.guardrails.selectors import (
    NO_ACCOUNTS,
    WORST_FIRST,
    OutcomeCounts,
    guardrail_results,
    guardrail_trend,
)
from governance.web.guardrails.cell import cell_panel
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, address, choice_chip
from inventory.viewing import sees_whole

OUTCOME_LABELS: Final = {
    "fails": "Fails",
    "undecided": "Undecided",
    "excepted": "Excepted",
    "not_covered": "Not covered",
    "holds": "Holds",
}
_LEVELS: Final = 3
_ACCOUNTS_SHOWN: Final = 150
_TREND_DAYS: Final = 90
_EXPORT_HEADS: Final = ("guardrail", "title", "severity", "account_id", "account_name", "outcome")


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A cell. `look`: a key of the outcomes, empty: not in scope. `count`: of an OU's worst."""

    look: str
    count: int
    href: str
    panel: str
    key: str
    said: str


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A row of the matrix as shown."""

    row: MatrixRow
    name_href: str
    toggle_href: str
    is_open: bool
    is_account: bool
    fails: int
    is_known: bool
    cells: Sequence[MatrixCell]
    more: int = 0


class GuardrailMatrixPage(Exporting, GuardrailScreen):
    """The matrix, with one result in the panel beside it."""

    required_right = rights.VIEW_GUARDRAILS
    tab = "matrix"
    template_name = "governance/guardrails/matrix.html"

    @cached_property
    def columns(self) -> tuple[GuardrailInForce, ...]:
        """The guardrails that the filters leave, those that hold everywhere too."""
        query = self.request.GET
        topics = [one for one in query.getlist("topic") if one in list(GuardrailTopic)]
        severities = [one for one in query.getlist("severity") if one in list(GuardrailSeverity)]
        frameworks = {one for one in query.getlist("framework") if one in list(Framework)}
        found = matrix_columns(
            self.connection, topics=topics, severities=severities, as_of=self.as_of
        )
        words = query.get("q", "").strip().lower()
        return tuple(
            one
            for one in found
            if (not frameworks or frameworks & {name.value for name, _ in one.document.references})
            and (not words or words in one.document.title.lower() or words in one.id)
        ) or (found if words and self._names_an_account(words) else ())

    def _names_an_account(self, words: str) -> bool:
        return bool(
            matrix_accounts(self.viewer, connection=self.connection, words=words, as_of=self.as_of)
        )

    @cached_property
    def units(self) -> GuardrailMatrix:
        """All columns by root and OUs."""
        return matrix_of_units(
            self.viewer,
            connection=self.connection,
            columns=self.columns,
            levels=_LEVELS,
            as_of=self.as_of,
        )

    @property
    def opened(self) -> frozenset[str]:
        """The OUs whose accounts are shown."""
        return frozenset(self.request.GET.getlist("open"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add rows, counts, filters and the selected result."""
        query = self.request.GET
        totals = self.units.totals
        wanted = [one for one in query.getlist("outcome") if one in WORST_FIRST]
        shown = [
            place
            for place, counts in enumerate(totals)
            if self._is_shown(counts, wanted, show_all=bool(query.get("all")))
        ]
        hidden = len(totals) - len(shown)
        total = NO_ACCOUNTS
        for counts in totals:
            total += counts
        lines = self.lines(shown)
        return super().get_context_data(
            lines=lines,
            families=_families([self.columns[place] for place in shown]),
            shown=[self.columns[place] for place in shown],
            total=total,
            tiles=[
                ("fails", total.fails, "allowed, should be denied"),
                ("undecided", total.undecided, "a condition key is missing"),
                ("excepted", total.excepted, "an exception covers it"),
                ("not_covered", total.not_covered, "not collected or not readable"),
                ("holds", total.holds, "proven"),
            ],
            trend=self.trend(),
            failing=sum(counts.fails > 0 for counts in totals),
            undecided=sum(counts.undecided > 0 and not counts.fails for counts in totals),
            holding=sum(counts.worst == "holds" for counts in totals),
            chips=self.chips(hidden),
            selected=query.get("cell", ""),
            panel=self.panel(),
            is_read=total.accounts > 0,
            rows={"counted": total.accounts},
            row_noun="result,results",
            csv_href=address(query, format="csv", cell=None),
            json_href=address(query, format="json", cell=None),
            may_manage=self.may(rights.MANAGE_GUARDRAILS),
            **kwargs,
        )

    def tab_counts(self) -> dict[str, int]:
        """Return how many guardrails there are."""
        return {"list": len(matrix_columns(self.connection, as_of=self.as_of))}

    @staticmethod
    def _is_shown(counts: OutcomeCounts, wanted: Collection[str], *, show_all: bool) -> bool:
        if wanted:
            return any(getattr(counts, name) for name in wanted)
        return show_all or counts.worst not in ("holds", "")

    def chips(self, hidden: int) -> list[FilterChip]:
        """Return the filters; what holds everywhere is hidden by one that can be removed."""
        query = self.request.GET
        found = [
            choice_chip(
                query, "outcome", "State", [(name, OUTCOME_LABELS[name]) for name in WORST_FIRST]
            ),
            choice_chip(
                query,
                "severity",
                "Severity",
                [(one.value, one.value.capitalize()) for one in GuardrailSeverity],
            ),
            choice_chip(
                query, "topic", "Family", [(one.value, TOPIC_LABELS[one]) for one in GuardrailTopic]
            ),
            choice_chip(
                query,
                "framework",
                "Framework",
                [(one.value, FRAMEWORK_LABELS[one]) for one in Framework],
            ),
        ]
        if hidden and not query.get("all") and not query.getlist("outcome"):
            found.append(
                FilterChip(
                    name="all",
                    label="Hold everywhere hidden",
                    said=f"{hidden:,}",
                    without=address(query, all="1"),
                    choices=(),
                )
            )
        return found

    def lines(self, shown: Sequence[int]) -> list[MatrixLine]:
        """Return the rows, each open OU followed by its accounts."""
        found: list[MatrixLine] = []
        only = self.accounts_asked_for()
        for row in self.units.rows:
            is_open = row.target_id in self.opened
            found.append(self._unit_line(row, shown, is_open=is_open))
            if is_open:
                found += self._account_lines(row, shown)
        if only is not None:
            return self._lines_of(only, shown)
        return found

    def accounts_asked_for(self) -> list[Any] | None:
        """Return the accounts that the search names; None: it names a guardrail, or nothing."""
        words = self.request.GET.get("q", "").strip()
        if not words or any(
            words.lower() in one.document.title.lower() or words.lower() in one.id
            for one in self.columns
        ):
            return None
        return matrix_accounts(
            self.viewer, connection=self.connection, words=words, as_of=self.as_of
        )[:_ACCOUNTS_SHOWN]

    def _account_lines(self, row: MatrixRow, shown: Sequence[int]) -> list[MatrixLine]:
        tree = target_tree(self.connection, as_of=self.as_of)
        rows_below = {one.target_id for one in self.units.rows if one.target_id != row.target_id}
        inside = [
            one
            for one in matrix_accounts(
                self.viewer, connection=self.connection, under=row.target_id, as_of=self.as_of
            )
            # Accounts of OUs that have rows of their own are shown there.
            if not any(
                step.target_id in rows_below
                for step in _steps_to(tree.upwards(one.parent_id), row.target_id)
            )
        ]
        lines = self._lines_of(inside[:_ACCOUNTS_SHOWN], shown, depth=row.depth + 1)
        if len(inside) > _ACCOUNTS_SHOWN and lines:
            last = lines[-1]
            lines[-1] = MatrixLine(
                last.row, last.name_href, "", False, True, last.fails, last.is_known, last.cells,
                more=len(inside) - _ACCOUNTS_SHOWN,
            )  # fmt: skip
        return lines

    def _lines_of(
        self, accounts: Sequence[Any], shown: Sequence[int], *, depth: int = 0
    ) -> list[MatrixLine]:
        matrix = matrix_of_accounts(
            self.viewer,
            connection=self.connection,
            columns=self.columns,
            accounts=accounts,
            as_of=self.as_of,
        )
        found = []
        for row in matrix.rows:
            cells = [self._account_cell(row, place) for place in shown]
            found.append(
                MatrixLine(
                    MatrixRow(row.target_id, row.kind, row.name, depth, 1, row.cells),
                    self.href("account", account_id=row.target_id) + self.as_of_query,
                    "",
                    False,
                    True,
                    sum(counts.fails for counts in row.cells),
                    any(counts.worst not in ("", "not_covered") for counts in row.cells),
                    cells,
                )
            )
        return found

    def _unit_line(self, row: MatrixRow, shown: Sequence[int], *, is_open: bool) -> MatrixLine:
        query = self.request.GET
        name = "organization" if row.kind == "ROOT" else "organizational-unit"
        named = {} if row.kind == "ROOT" else {"target_id": row.target_id}
        return MatrixLine(
            row,
            self.href(name, **named) + self.as_of_query,
            _toggled(query, row.target_id),
            is_open,
            False,
            sum(counts.fails for counts in row.cells),
            any(counts.worst not in ("", "not_covered") for counts in row.cells)
            or not row.accounts,
            [self._unit_cell(row, place, is_open=is_open) for place in shown],
        )

    def _unit_cell(self, row: MatrixRow, place: int, *, is_open: bool) -> MatrixCell:
        counts = row.cells[place]
        worst = counts.worst
        count = getattr(counts, worst) if worst else 0
        href = ""
        if worst and worst != "holds" and not is_open:
            href = _toggled(self.request.GET, row.target_id)
        said = f"{OUTCOME_LABELS[worst]} in {count:,} of {counts.accounts:,}" if worst else ""
        return MatrixCell(worst, count, href, "", "", said)

    def _account_cell(self, row: MatrixRow, place: int) -> MatrixCell:
        worst = row.cells[place].worst
        if not worst or worst == "holds":
            return MatrixCell(worst, 0, "", "", "", "")
        guardrail = self.columns[place].id
        named = {"guardrail_id": guardrail, "account_id": row.target_id}
        return MatrixCell(
            worst,
            0,
            self.href("guardrail-cell", **named) + self.as_of_query,
            self.href("guardrail-cell-panel", **named) + self.as_of_query,
            f"{guardrail}:{row.target_id}",
            OUTCOME_LABELS[worst],
        )

    def trend(self) -> dict[str, Any] | None:
        """Return failing results over the last days; None: too little is known, or hidden."""
        if not sees_whole(self.viewer, self.connection):
            return None
        days = guardrail_trend(self.connection, now=self.now, days=_TREND_DAYS)
        if len(days) < 2:
            return None
        most = max(day.counts.fails for day in days) or 1
        step = 160 / (len(days) - 1)
        points = [
            (round(number * step, 1), round(28 - 28 * day.counts.fails / most, 1))
            for number, day in enumerate(days)
        ]
        return {
            "points": " ".join(f"{x},{y}" for x, y in points),
            "first": days[0],
            "last": days[-1],
        }

    def panel(self) -> dict[str, Any] | None:
        """Return the result that the address selects; None: none is, or it is gone."""
        guardrail_id, _, account_id = self.request.GET.get("cell", "").partition(":")
        if not guardrail_id or not account_id:
            return None
        return cell_panel(self, guardrail_id, account_id)

    def export(self, kind: str) -> HttpResponseBase:
        """Send every result of the guardrails that the filters leave."""
        titles = {one.id: one.document for one in self.columns}
        rows = guardrail_results(self.viewer, connection=self.connection, as_of=self.as_of)
        chosen = rows.filter(guardrail_id__in=list(titles)).order_by("guardrail_id", "account_id")
        return export_response(
            kind,
            name=f"{self.connection.slug}-guardrail-results",
            header=_EXPORT_HEADS,
            rows=(
                [
                    one.guardrail_id,
                    titles[one.guardrail_id].title,
                    titles[one.guardrail_id].severity.value,
                    one.account_id,
                    one.account_name,
                    one.outcome,
                ]
                for one in chosen.iterator(chunk_size=2000)
            ),
        )


def _steps_to(steps: Any, stop: str) -> list[Any]:
    found = []
    for one in steps:
        if one.target_id == stop:
            break
        found.append(one)
    return found


def _toggled(query: Any, target_id: str) -> str:
    changed = query.copy()
    opened = [one for one in changed.getlist("open") if one != target_id]
    if len(opened) == len(changed.getlist("open")):
        opened.append(target_id)
    changed.setlist("open", opened)
    changed.pop("cell", None)
    return f"?{changed.urlencode()}#{target_id}"


def _families(columns: Sequence[GuardrailInForce]) -> list[tuple[str, int]]:
    """Return each family of some columns with how many of them it has, in their order."""
    found: list[tuple[str, int]] = []
    for one in columns:
        label = TOPIC_LABELS[one.document.topic]
        if found and found[-1][0] == label:
            found[-1] = (label, found[-1][1] + 1)
        else:
            found.append((label, 1))
    return found
