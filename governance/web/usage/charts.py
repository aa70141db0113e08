"""Charts of counts: a trend by day, services by day, and services by hour."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from governance.web.parts.charts import STEPS, Chart, chart_layout, step_of

_ROW_PIXELS: Final = 20
_AXES_PIXELS: Final = 34
_SERVICE_PIXELS: Final = 130
_MOST_TICKS: Final = 6
_HOURS: Final = 24
_HOURS_APART: Final = 3


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
    said = f"{_services(len(services))}; up to {highest:,} a day."
    if others:
        said += f" {_services(others, 'more ')} in the table of causes."
    return _heatmap(
        [(day, day.isoformat()) for day in days],
        services,
        counts,
        axis=_day_axis(days),
        key=key,
        title=title,
        said=said,
        column="Day",
        unit="a day",
    )


def hour_heatmap(
    services: Mapping[str, Sequence[int]], *, key: str, title: str, span: str, most: int
) -> Chart:
    """Draw services by hour of the day in UTC, the first `most` by calls.

    `services`: 24 counts of each. `span`: the days that are added up, in words.
    """
    ordered = sorted(services, key=lambda name: (-sum(services[name]), name))
    drawn, others = ordered[:most], len(ordered) - most
    counts = {
        (hour, service): count
        for service in drawn
        for hour, count in enumerate(services[service])
        if count
    }
    said = f"Hours in UTC, {span}."
    if others > 0:
        said += f" {_services(others, 'more ')} with fewer calls."
    hours = [(hour, f"{hour:02}:00") for hour in range(_HOURS)]
    return _heatmap(
        hours,
        drawn,
        counts,
        axis=_axis([(hour, label) for hour, label in hours if hour % _HOURS_APART == 0]),
        key=key,
        title=title,
        said=said,
        column="Hour (UTC)",
        unit="an hour of the day",
    )


def _services(number: int, more: str = "") -> str:
    return f"{number} {more}service{'' if number == 1 else 's'}"


def _heatmap(
    columns: Sequence[tuple[Any, str]],
    services: Sequence[str],
    counts: Mapping[tuple[Any, str], int],
    *,
    axis: dict[str, Any],
    key: str,
    title: str,
    said: str,
    column: str,
    unit: str,
) -> Chart:
    """Draw services by column, each a key of `counts` and its label. `unit`: of the columns."""
    highest = max(counts.values(), default=0)
    cells = [[counts.get((at, service), 0) for at, _ in columns] for service in services]
    trace: dict[str, Any] = {
        "type": "heatmap",
        # None is no call at all: the ground shows.
        "z": [[step_of(cell, highest) if cell else None for cell in line] for line in cells],
        "customdata": [
            [
                ["", service, label, f"{cell:,}"]
                for (_, label), cell in zip(columns, line, strict=True)
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
        xaxis=axis,
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
    return Chart(
        key=key,
        title=title,
        figure={"data": [trace], "layout": layout},
        said=said,
        heads=("Service", column, "Calls"),
        rows=tuple(
            (service, label, counts[at, service])
            for service in services
            for at, label in columns
            if (at, service) in counts
        ),
        low="1",
        high=f"{highest:,} {unit}",
        size="own-height",
    )


def _day_axis(days: Sequence[date]) -> dict[str, Any]:
    apart = max(1, -(-len(days) // _MOST_TICKS))
    shown = range(len(days) - 1, -1, -apart)
    return _axis([(number, f"{days[number].day} {days[number]:%b}") for number in shown])


def _axis(ticks: Sequence[tuple[int, str]]) -> dict[str, Any]:
    return {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "tickmode": "array",
        "tickvals": [at for at, _ in ticks],
        "ticktext": [label for _, label in ticks],
        "tickfont": {"size": 11, "color": "var(--ow-ink-2)"},
    }


def _steps() -> list[list[Any]]:
    found: list[list[Any]] = []
    for number in range(STEPS):
        colour = f"var(--ow-seq-{number + 1})"
        found += [[number / STEPS, colour], [(number + 1) / STEPS, colour]]
    return found
