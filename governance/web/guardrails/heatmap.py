"""The matrix as a picture: every column and row of it in one window, by colour and mark."""

from collections.abc import Sequence
from typing import Any, Final

from governance.baseline.guardrails.definitions import GuardrailInForce
from governance.baseline.guardrails.documents import TOPIC_LABELS
from governance.web.guardrails.matrix_lines import OUTCOME_LABELS, MatrixLine
from governance.web.parts.charts import Chart, chart_layout

# The number that a cell has in the picture, with its colour and its mark.
_LOOKS: Final = {
    "holds": (0, "var(--ow-seq-1)", ""),
    "excepted": (1, "var(--ow-line-strong)", "•"),
    "not_covered": (2, "var(--ow-track)", "/"),
    "undecided": (3, "var(--ow-warn-soft)", "?"),
    "fails": (4, "var(--ow-cut)", "✕"),
}
_ROW_PIXELS: Final = 16
_LEAST_PIXELS: Final = 120
_NAMES_PIXELS: Final = 190
_FAMILIES_PIXELS: Final = 24
_PLACE_PIXELS: Final = 190
_LONGEST_TITLE: Final = 38
_LONGEST_NAME: Final = 26
# A family's name stands below its columns where they leave it room.
_COLUMNS_FOR_NAME: Final = 5


def matrix_heatmap(
    lines: Sequence[MatrixLine],
    columns: Sequence[GuardrailInForce],
    *,
    cell_href: str,
    open_href: str,
) -> Chart:
    """Draw the rows of the matrix: colour and mark by the worst in each cell, grouped by family.

    `cell_href`, `open_href`: what is before the key of a result, and before the id of an OU, in the
    addresses that a click leads to.
    """
    places, families = _grouped(columns)
    width = max(places, default=0) + 1
    numbers: list[list[int | None]] = []
    marks: list[list[str]] = []
    said: list[list[str]] = []
    for line in lines:
        row_numbers: list[int | None] = [None] * width
        row_marks, row_said = [""] * width, [""] * width
        for place, cell in zip(places, line.cells, strict=True):
            row_said[place] = cell.said
            if cell.look:
                row_numbers[place], _colour, row_marks[place] = _LOOKS[cell.look]
        numbers.append(row_numbers)
        marks.append(row_marks)
        said.append(row_said)
    ids, titles = [""] * width, [""] * width
    for place, one in zip(places, columns, strict=True):
        ids[place], titles[place] = one.id, one.document.title
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": numbers,
        "text": marks,
        "texttemplate": "%{text}",
        "textfont": {"size": 10},
        "customdata": said,
        "zmin": -0.5,
        "zmax": len(_LOOKS) - 0.5,
        "colorscale": _steps(),
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "none",
        "meta": {
            "rows": [line.row.target_id for line in lines],
            "names": [line.label for line in lines],
            "accounts": [line.is_account for line in lines],
            "columns": ids,
            "titles": titles,
            "cell": cell_href,
            "open": open_href,
        },
    }
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": ""}
    layout = chart_layout(
        height=max(_LEAST_PIXELS, _ROW_PIXELS * len(lines)) + _NAMES_PIXELS + _FAMILIES_PIXELS,
        margin={"l": _PLACE_PIXELS, "r": 64, "t": _NAMES_PIXELS, "b": _FAMILIES_PIXELS},
        xaxis={
            **axis,
            "side": "top",
            "tickangle": -72,
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [_cut(one.document.title, _LONGEST_TITLE) for one in columns],
            "tickfont": {"size": 10, "color": "var(--ow-ink)"},
        },
        yaxis={
            **axis,
            "autorange": "reversed",
            "tickmode": "array",
            "tickvals": list(range(len(lines))),
            "ticktext": [_cut(line.label, _LONGEST_NAME) for line in lines],
            "tickfont": {"size": 11, "color": "var(--ow-ink)"},
        },
        annotations=[
            {
                "x": (first + last) / 2,
                "y": 0,
                "yref": "paper",
                "yanchor": "top",
                "text": label,
                "showarrow": False,
                "font": {"size": 11, "color": "var(--ow-ink-2)"},
            }
            for label, first, last in families
            if last - first + 1 >= _COLUMNS_FOR_NAME
        ],
    )
    return Chart(
        key="matrix",
        title="Guardrails by place",
        figure={"data": [trace], "layout": layout},
        said="",
        heads=(),
        rows=(),
        size="own-height",
        is_explored=True,
    )


def heatmap_legend() -> list[tuple[str, str]]:
    """Return outcome and label, as the legend has them."""
    return [(look, OUTCOME_LABELS[look]) for look in reversed(_LOOKS)]


def _grouped(
    columns: Sequence[GuardrailInForce],
) -> tuple[list[int], list[tuple[str, int, int]]]:
    """Return the place of each column, a gap between families, and each family's first and last."""
    places: list[int] = []
    families: list[tuple[str, int, int]] = []
    at = 0
    for number, one in enumerate(columns):
        label = TOPIC_LABELS[one.document.topic]
        if number and families[-1][0] != label:
            at += 1
        if not number or families[-1][0] != label:
            families.append((label, at, at))
        families[-1] = (label, families[-1][1], at)
        places.append(at)
        at += 1
    return places, families


def _steps() -> list[list[Any]]:
    share = 1 / len(_LOOKS)
    found: list[list[Any]] = []
    for number, (_code, colour, _mark) in enumerate(_LOOKS.values()):
        found += [[number * share, colour], [min(1, (number + 1) * share), colour]]
    return found


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
