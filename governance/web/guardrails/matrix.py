"""OUs and accounts by guardrails: a cell is the worst that holds there, and leads to its proof."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponseBase, QueryDict

from governance.access import rights
from governance.baseline.guardrails.definitions import GuardrailInForce
from governance.baseline.guardrails.documents import (
    FRAMEWORK_LABELS,
    TOPIC_LABELS,
    Framework,
    GuardrailSeverity,
    GuardrailTopic,
)
from governance.baseline.guardrails.outcome_counts import NO_ACCOUNTS, WORST_FIRST
from governance.baseline.guardrails.selectors import guardrail_results, guardrail_trend
from governance.web.guardrails.cell import cell_panel
from governance.web.guardrails.heatmap import heatmap_legend, matrix_heatmap
from governance.web.guardrails.matrix_lines import (
    OUTCOME_LABELS,
    MatrixLine,
)
from governance.web.guardrails.matrix_reading import MatrixReading
from governance.web.guardrails.matrix_table import account_rows, guardrail_rows
from governance.web.parts.charts import Chart
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, address, choice_chip, one_of
from inventory.viewing import sees_whole

_TREND_DAYS: Final = 90
_EXPORT_HEADS: Final = ("guardrail", "title", "severity", "account_id", "account_name", "outcome")
_VIEWS: Final = (
    ("", "Matrix", "grid-dots"),
    ("heatmap", "Heatmap", "chart-treemap"),
    ("table", "Table", "table"),
)
_ROWS: Final = (("", "OUs", "folder"), ("accounts", "Accounts", "box"))


class GuardrailMatrixPage(Exporting, MatrixReading):
    """The matrix, with one result in the panel beside it."""

    required_right = rights.VIEW_GUARDRAILS
    tab = "matrix"
    template_name = "governance/guardrails/matrix.html"

    def begin(self) -> None:
        """Load Plotly for the heatmap alone."""
        super().begin()
        self.has_charts = self.request.GET.get("view") == "heatmap"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add rows, counts, filters and the selected result.

        :raises BadRequest: the address names a view or rows that there are not.
        """
        query = self.request.GET
        view = one_of(query, "view", [key for key, _, _ in _VIEWS])
        one_of(query, "rows", [key for key, _, _ in _ROWS])
        totals = self.units.totals
        total = sum(totals, NO_ACCOUNTS)
        pages: dict[str, Any] = {}
        if self.is_of_accounts:
            lines, pages = self.accounts_page(view)
        else:
            lines = self.unit_lines()
        shown = [self.columns[place] for place in self.shown]
        units = [line for line in lines if not line.is_account]
        selected = query.get("cell", "")
        return super().get_context_data(
            lines=lines,
            marked_lines=[(line, [cell.markup(selected) for cell in line.cells]) for line in lines]
            if not view
            else [],
            pages=pages,
            view=view,
            views=_choices(query, "view", view, _VIEWS),
            row_choices=_choices(query, "rows", "accounts" if self.is_of_accounts else "", _ROWS),
            is_of_accounts=self.is_of_accounts,
            under=self.tree.by_id.get(query.get("under", "")) if self.is_of_accounts else None,
            without_under=address(query, under=None),
            families=_families(shown),
            shown=shown,
            guardrail_rows=[]
            if self.is_of_accounts
            else guardrail_rows(self.columns, totals, self.shown, units),
            account_rows=account_rows(self.columns, self.shown, lines)
            if self.is_of_accounts
            else [],
            chart=self.heatmap(lines) if view == "heatmap" and shown and lines else None,
            heatmap_legend=heatmap_legend(),
            total=total,
            tiles=[
                ("fails", total.fails, "allowed, should be denied"),
                ("undecided", total.undecided, "proven neither way"),
                ("excepted", total.excepted, "an exception covers it"),
                ("not_covered", total.not_covered, "not collected or not readable"),
                ("holds", total.holds, "proven"),
            ],
            trend=self.trend(),
            failing=sum(counts.fails > 0 for counts in totals),
            undecided=sum(counts.undecided > 0 and not counts.fails for counts in totals),
            holding=sum(counts.worst == "holds" for counts in totals),
            chips=self.chips(len(totals) - len(shown)),
            selected=selected,
            panel=self.panel(),
            is_read=total.accounts > 0,
            rows={"counted": total.accounts},
            row_noun="result,results",
            csv_href=address(query, format="csv", cell=None),
            json_href=address(query, format="json", cell=None),
            show_all_href=address(query, all="1", q=None, outcome=None, cell=None),
            may_manage=self.may(rights.MANAGE_GUARDRAILS),
            **kwargs,
        )

    def heatmap(self, lines: Sequence[MatrixLine]) -> Chart:
        """Draw the rows."""
        query = self.request.GET
        return matrix_heatmap(
            lines,
            [self.columns[place] for place in self.shown],
            cell_href=f"{address(query, cell=None)}&cell=",
            open_href=f"{address(query, cell=None, under=None, rows='accounts')}&under=",
        )

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


def _choices(
    query: QueryDict, name: str, chosen: str, choices: Sequence[tuple[str, str, str]]
) -> list[tuple[str, str, str, bool]]:
    """Return label, icon, address and whether it is chosen, of each choice."""
    return [
        (label, icon_name, address(query, **{name: key or None}), key == chosen)
        for key, label, icon_name in choices
    ]


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
