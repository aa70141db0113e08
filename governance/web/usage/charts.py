"""Charts of counts by day: a trend, and services by day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from governance.web.parts.charts import STEPS, Chart, chart_layout, step_of

_ROW_PIXELS: Final = 20
_AXES_PIXELS: Final = 34
_SERVICE_PIXELS: Final = 130
_MOST_TICKS: Final = 6


def day_bars(points: Sequence[tuple[date, int]], *, key: str, title: str, noun: str) -> Chart:
    """Draw one bar a day. `noun`: what is counted, as it follows a number."""
    total = sum(count for _, count in points)
    trace = {
        "type": "bar",
        "x": list(range(len(points))),
        "y": [count for _, count in points],
        "customdata": [["", day.isoformat(), f"{count:,}"] for day, count in points],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]} " + noun + "<extra></extra>",
        "marker": {"color": "var(--ow-always)", "line": {"width": 0}},
    }
    layout = chart_layout(
        bargap=0.2,
        margin={"l": 44, "r": 8, "t": 8, "b": 24, "pad": 4},
        xaxis=_day_axis([day for day, _ in points]),
        yaxis={
            "fixedrange": True,
            "zeroline": False,
            "gridcolor": "var(--ow-line)",
            "rangemode": "tozero",
            "nticks": 4,
            "tickfont": {"size": 11, "color": "var(--ow-ink-2)"},
        },
    )
    return Chart(
        key=key,
        title=title,
        figure={"data": [trace], "layout": layout},
        said=f"{total:,} {noun} in {len(points)} days.",
        heads=("Day", noun.capitalize()),
        rows=tuple((day.isoformat(), count) for day, count in points),
        size="bars-some",
    )


def day_heatmap(
    days: Sequence[date],
    services: Sequence[str],
    counts: Mapping[tuple[date, str], int],
    *,
    key: str,
    title: str,
    others: int,
) -> Chart:
    """Draw services by day: the more calls, the deeper. `others`: services that are not drawn."""
    highest = max(counts.values(), default=0)
    cells = [[counts.get((day, service), 0) for day in days] for service in services]
    trace: dict[str, Any] = {
        "type": "heatmap",
        # None is no call at all: the ground shows.
        "z": [[step_of(cell, highest) if cell else None for cell in line] for line in cells],
        "customdata": [
            [
                ["", service, day.isoformat(), f"{cell:,}"]
                for day, cell in zip(days, line, strict=True)
            ]
            for service, line in zip(services, cells, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}: %{customdata[3]}"
        "<extra></extra>",
        "hoverongaps": False,
        "zmin": 0.5,
        "zmax": STEPS + 0.5,
        "colorscale": _steps(),
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
    }
    layout = chart_layout(
        height=_ROW_PIXELS * max(1, len(services)) + _AXES_PIXELS,
        margin={"l": _SERVICE_PIXELS, "r": 8, "t": 4, "b": _AXES_PIXELS - 8, "pad": 4},
        xaxis=_day_axis(days),
        yaxis={
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "autorange": "reversed",
            "tickmode": "array",
            "tickvals": list(range(len(services))),
            "ticktext": list(services),
            "tickfont": {"size": 11, "color": "var(--ow-ink)"},
        },
    )
    said = f"{len(services)} services; up to {highest:,} a day."
    if others:
        said += f" {others} more services are in the table of causes."
    return Chart(
        key=key,
        title=title,
        figure={"data": [trace], "layout": layout},
        said=said,
        heads=("Service", "Day", "Calls"),
        rows=tuple(
            (service, day.isoformat(), counts[day, service])
            for service in services
            for day in days
            if (day, service) in counts
        ),
        low="1",
        high=f"{highest:,} a day",
        size="own-height",
    )


def _day_axis(days: Sequence[date]) -> dict[str, Any]:
    apart = max(1, -(-len(days) // _MOST_TICKS))
    shown = range(len(days) - 1, -1, -apart)
    return {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "tickmode": "array",
        "tickvals": list(shown),
        "ticktext": [f"{days[number].day} {days[number]:%b}" for number in shown],
        "tickfont": {"size": 11, "color": "var(--ow-ink-2)"},
    }


def _steps() -> list[list[Any]]:
    found: list[list[Any]] = []
    for number in range(STEPS):
        colour = f"var(--ow-seq-{number + 1})"
        found += [[number / STEPS, colour], [(number + 1) / STEPS, colour]]
    return found
