"""Measured times as rows of a table: median, 95th percentile, maximum, target and ratio."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """One measurement; times in seconds, `target` too (None: there is none to reach)."""

    name: str
    seconds: tuple[float, ...]
    target: float | None


def measured(name: str, calls: Iterable[Callable[[], object]], target: float | None) -> Row:
    """Time each call once, with the garbage collector held off."""
    times = []
    gc.collect()
    gc.disable()
    try:
        for call in calls:
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    finally:
        gc.enable()
    return Row(name, tuple(times), target)


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows; the ratio is that of the median to the target, below 1 is reached."""
    width = max(len(row.name) for row in rows)
    print(f"\n{title}")
    print(f"{'':{width}}  {'median':>10} {'p95':>10} {'max':>10} {'target':>10} {'ratio':>6}")
    for row in rows:
        ordered = sorted(row.seconds)
        p95 = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
        middle = median(ordered)
        target = "" if row.target is None else shown(row.target)
        ratio = "" if row.target is None else f"{middle / row.target:.2f}"
        print(
            f"{row.name:{width}}  {shown(middle):>10} {shown(p95):>10} {shown(ordered[-1]):>10}"
            f" {target:>10} {ratio:>6}"
        )


def shown(seconds: float) -> str:
    """Write a time with three digits and its unit."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


@dataclass(frozen=True)
class Figure:
    """One measured number in its unit; `target`: the most it may be (None: there is none)."""

    name: str
    value: float
    target: float | None = None


def print_figures(title: str, figures: Sequence[Figure]) -> None:
    """Print numbers beside their targets; a ratio of 1 or less is reached."""
    width = max(len(figure.name) for figure in figures)
    print(f"\n{title}")
    print(f"{'':{width}}  {'measured':>10} {'target':>10} {'ratio':>6}")
    for figure in figures:
        target = "" if figure.target is None else f"{figure.target:,.10g}"
        line = f"{figure.name:{width}}  {figure.value:>10,.10g} {target:>10} {_ratio(figure):>6}"
        print(line.rstrip())


def _ratio(figure: Figure) -> str:
    if figure.target is None:
        return ""
    if figure.target == 0:
        return "ok" if figure.value == 0 else "missed"
    return f"{figure.value / figure.target:.2f}"
