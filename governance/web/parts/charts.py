"""Figures built here and drawn in the browser. Colours are names of tokens, never values.

Every chart carries its table: the same things in the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

STEPS: Final = 7
DEEPEST: Final = 8
_HATCH: Final = "/"
_MOST_BARS: Final = 12
_LONGEST_LABEL: Final = 24
# A smaller part has no room for its name; for Plotly to find that out takes half of the drawing.
_LEAST_NAMED: Final = 1 / 80
# Heights by how many bars there are, as the style sheet has them.
_BAR_SIZES: Final = ((4, "bars-few"), (8, "bars-some"), (_MOST_BARS, "bars-many"))


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as `includes/chart.html` shows it.

    `figure`: Plotly's JSON, written without Plotly's own classes: they check each of hundreds of
    parts at each request, and a test checks it once. `said`: what size and colour mean, in
    words. `low` and `high` name the ends of the ramp, both empty where colour means nothing.
    `rows`: cells of the table; the first may be the parts of a `Cell`.
    `is_explored`: arrow keys go from part to part.
    """

    key: str
    title: str
    figure: dict[str, Any]
    said: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    low: str = ""
    high: str = ""
    has_unknown: bool = False
    size: str = "tall"
    is_explored: bool = False

    @property
    def figure_id(self) -> str:
        """The id of the element that holds the figure's JSON."""
        return f"{self.key}-figure"

    @property
    def table_rows(self) -> list[list["Cell"]]:
        """The cells of the table."""
        return [[_cell(value) for value in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a chart's table, with an address where it leads on.

    `key`: of the part that it names, for charts in which a part can be selected. `depth`: how
    many parts it lies in, at most `DEEPEST`.
    """

    text: str
    href: str = ""
    key: str = ""
    depth: int = 0


def _cell(value: Any) -> Cell:
    if isinstance(value, tuple):
        return Cell(*value)
    return Cell(f"{value:,}" if isinstance(value, int | float) else str(value))


class ChartShape(StrEnum):
    """How a hierarchy is drawn: bars from left to right, nested boxes, or rings around the root."""

    ICICLE = "icicle"
    TREEMAP = "treemap"
    SUNBURST = "sunburst"


@dataclass(frozen=True, slots=True)
class ChartPart:
    """A part of a hierarchy.

    `size`: what its area shows, its children's included. `measure`: what its colour shows; None
    is not known and hatched. `said`: the measure in words, for hover and table; `sized`: the
    size in words. `href`: where a click leads; `draws_href`: where it alone is drawn.
    """

    key: str
    label: str
    parent_key: str
    size: int
    measure: float | None
    said: str
    href: str = ""
    sized: str = ""
    draws_href: str = ""


def step_of(measure: float, highest: float) -> int:
    """Return which of the seven steps a measure falls on: 1 is the least, 7 the most."""
    if highest <= 0:
        return 1
    return min(STEPS, 1 + int(STEPS * max(measure, 0) / highest)) if measure < highest else STEPS


def _ink_on(step: int | None) -> str:
    """Name the ink that can be read on a step of the ramp, in both themes."""
    if step is None or step < 5:
        return "var(--ow-seq-ink)"
    return "var(--ow-seq-ink-5)" if step == 5 else "var(--ow-seq-ink-6)"


def chart_layout(**more: Any) -> dict[str, Any]:
    """Return a layout in the colours and type of the pages. `more`: what differs."""
    return {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, sans-serif", "size": 11, "color": "var(--ow-ink)"},
        "hoverlabel": {
            "bgcolor": "var(--ow-surface)",
            "bordercolor": "var(--ow-line-strong)",
            "font": {"family": "Inter, sans-serif", "size": 12, "color": "var(--ow-ink)"},
            "align": "left",
        },
        "showlegend": False,
        **more,
    }


def _rows(parts: Sequence[ChartPart]) -> Iterator[tuple[Any, ...]]:
    depths: dict[str, int] = {}
    for part in parts:
        depth = depths[part.key] = depths.get(part.parent_key, -1) + 1
        yield (part.label, part.href, part.key, min(depth, DEEPEST)), part.size, part.said


_OF_SHAPE: Final[dict[ChartShape, dict[str, Any]]] = {
    # Plotly draws what has nothing below it paler unless told; here colour is the measure.
    ChartShape.ICICLE: {
        "leaf": {"opacity": 1},
        "pathbar": {"visible": False},
        "tiling": {"orientation": "h", "pad": 0},
    },
    ChartShape.TREEMAP: {
        "pathbar": {"visible": False},
        "tiling": {"pad": 0},
    },
    ChartShape.SUNBURST: {"leaf": {"opacity": 1}, "insidetextorientation": "auto"},
}
_NAMED_BY: Final = {
    ChartShape.ICICLE: "%{label}<br>%{value}",
    # What holds others has one line for its name.
    ChartShape.TREEMAP: "%{label} %{value}",
    ChartShape.SUNBURST: "%{label}",
}
_OF_TREEMAP_MARKER: Final = {"depthfade": False, "pad": {"t": 19, "l": 2, "r": 2, "b": 2}}


def _names(parts: Sequence[ChartPart], shape: ChartShape) -> list[str]:
    least = 0.0 if shape is ChartShape.TREEMAP else parts[0].size * _LEAST_NAMED
    return [_NAMED_BY[shape] if part.size >= least else "" for part in parts]


def hierarchy(
    parts: Sequence[ChartPart],
    *,
    key: str,
    title: str,
    said: str,
    heads: tuple[str, str, str],
    low: str,
    high: str,
    shape: ChartShape = ChartShape.ICICLE,
    full: float = 0.0,
    drawn: Sequence[ChartPart] | None = None,
) -> Chart:
    """Draw a hierarchy: area by `size`, colour by `measure` in seven steps.

    Parents come before their children. `heads`: heads of the table for name, size and measure.
    `full`: what the darkest step stands for at least, so that little looks like little. `drawn`:
    the parts of the picture where it does not draw all that the table lists.
    """
    highest = max((full, *(part.measure for part in parts if part.measure is not None)))
    listed, parts = parts, parts if drawn is None else drawn
    steps = [None if part.measure is None else step_of(part.measure, highest) for part in parts]
    trace = {
        "type": shape.value,
        "ids": [part.key for part in parts],
        "labels": [part.label for part in parts],
        "parents": [part.parent_key for part in parts],
        "values": [part.size for part in parts],
        "customdata": [
            [
                part.href,
                part.said,
                part.sized or f"{part.size:,} {heads[1].lower()}",
                part.draws_href,
            ]
            for part in parts
        ],
        "branchvalues": "total",
        "sort": False,
        "textinfo": "none",
        "texttemplate": _names(parts, shape),
        "textfont": {"size": 11, "color": [_ink_on(step) for step in steps]},
        # What is shown on hover is the page's own card, the same on hover and on focus.
        "hoverinfo": "none",
        "marker": {
            "colors": [
                "var(--ow-surface)" if step is None else f"var(--ow-seq-{step})" for step in steps
            ],
            "line": {"width": 1, "color": "var(--ow-surface)"},
            "pattern": {
                "shape": [_HATCH if step is None else "" for step in steps],
                "fgcolor": "var(--ow-hatch)",
                "size": 5,
                "solidity": 0.2,
            },
            **(_OF_TREEMAP_MARKER if shape is ChartShape.TREEMAP else {}),
        },
        **_OF_SHAPE[shape],
    }
    return Chart(
        key=key,
        title=title,
        figure={
            "data": [trace],
            "layout": chart_layout(uniformtext={"minsize": 10, "mode": "hide"}),
        },
        said=said,
        heads=heads,
        rows=tuple(_rows(listed)),
        low=low,
        high=high,
        has_unknown=any(step is None for step in steps),
        size="round" if shape is ChartShape.SUNBURST else "tall",
        is_explored=True,
    )


def bars(
    points: Sequence[tuple[str, float | None]],
    *,
    key: str,
    title: str,
    said: str,
    heads: tuple[str, str],
) -> Chart:
    """Draw one bar a point, top to bottom. None is not known: a hatched bar of full length.

    Each bar has its name before it and its number behind it. Of more than twelve, the largest
    are drawn and the others together; the table has all.
    """
    drawn = _largest(points)
    highest = max((value for _, value in drawn if value is not None), default=0.0) or 1.0
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(drawn))),
        "x": [highest if value is None else value for _, value in drawn],
        "customdata": [
            [label, "Not known" if value is None else f"{value:,g}"] for label, value in drawn
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]} "
        + heads[1].lower()
        + "<extra></extra>",
        "texttemplate": "%{customdata[1]}",
        "textposition": "outside",
        "textfont": {"size": 11, "color": "var(--ow-ink)"},
        "cliponaxis": False,
        "marker": {
            # A bar's hatching takes the bar's own colour; one named for it is not drawn.
            "color": [
                "var(--ow-hatch)" if value is None else "var(--ow-always)" for _, value in drawn
            ],
            "pattern": {
                "shape": [_HATCH if value is None else "" for _, value in drawn],
                "size": 5,
                "solidity": 0.2,
            },
            "line": {"width": 0},
        },
    }
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 11, "color": "var(--ow-ink-2)"},
    }
    layout = chart_layout(
        bargap=0.35,
        margin={"l": 0, "r": 64, "t": 4, "b": 4, "pad": 6},
        xaxis={**axis, "visible": False, "rangemode": "tozero"},
        # By place: two OUs may bear one name.
        yaxis={
            **axis,
            "autorange": "reversed",
            "automargin": True,
            "tickmode": "array",
            "tickvals": list(range(len(drawn))),
            "ticktext": [_shortened(label) for label, _ in drawn],
        },
    )
    return Chart(
        key=key,
        title=title,
        figure={"data": [trace], "layout": layout},
        said=said,
        heads=heads,
        rows=tuple((label, "Not known" if value is None else value) for label, value in points),
        has_unknown=any(value is None for _, value in points),
        size=next(size for most, size in _BAR_SIZES if len(drawn) <= most),
    )


def _shortened(label: str) -> str:
    """Return a label that leaves the bars room; the table and the hover have all of it."""
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


def _largest(points: Sequence[tuple[str, float | None]]) -> Sequence[tuple[str, float | None]]:
    """Return the points to draw: all, or the largest and one for the sum of the others.

    A value that is not known counts as the largest; among others it makes their sum not known.
    """
    if len(points) <= _MOST_BARS:
        return points
    by_value = sorted(points, key=lambda point: (point[1] is not None, -(point[1] or 0.0)))
    drawn, others = by_value[: _MOST_BARS - 1], by_value[_MOST_BARS - 1 :]
    values = [value for _, value in others]
    known = [value for value in values if value is not None]
    total = sum(known) if len(known) == len(values) else None
    return [*drawn, (f"{len(others):,} others", total)]
