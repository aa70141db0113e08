"""Measured times as rows of a table: in seconds, in calibration loops, and beside their targets."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from benchmarks.calibration import calibration_seconds


class Statistic(StrEnum):
    """What of many times is meant."""

    MEDIAN = "median"
    P95 = "p95"
    MAX = "max"

    def of(self, seconds: Iterable[float]) -> float:
        """Return it of some times."""
        ordered = sorted(seconds)
        if self is Statistic.MEDIAN:
            return median(ordered)
        if self is Statistic.MAX:
            return ordered[-1]
        return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


@dataclass(frozen=True)
class Row:
    """One measurement; times in seconds, `target` too (None: there is none to reach).

    `of`: what the target is the most of. `processor`: the processor's time of each, where it was
    measured; other programs on the machine lengthen it less.
    """

    name: str
    seconds: tuple[float, ...]
    target: float | None
    of: Statistic = Statistic.MEDIAN
    processor: tuple[float, ...] = ()


def measured(
    name: str,
    calls: Iterable[Callable[[], object]],
    target: float | None,
    of: Statistic = Statistic.MEDIAN,
) -> Row:
    """Time each call once, with the garbage collector held off."""
    times, processor = [], []
    gc.collect()
    gc.disable()
    try:
        for call in calls:
            start, used = time.perf_counter(), time.process_time()
            call()
            processor.append(time.process_time() - used)
            times.append(time.perf_counter() - start)
    finally:
        gc.enable()
    return Row(name, tuple(times), target, of, tuple(processor))


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows; times are also told in loops of `benchmarks.calibration`.

    In loops is the processor's time where it was measured, else the time as it is.
    """
    loop = calibration_seconds()
    width = max(len(row.name) for row in rows)
    columns = "".join(f" {name:>8}" for name in Statistic)
    print(f"\n{title}\ncalibration loop: {shown(loop)}")
    print(f"{'':{width}} {'':{len(columns)}}   processor time in calibration loops")
    print(f"{'':{width}} {columns}   {columns}  target")
    for row in rows:
        used = row.processor or row.seconds
        line = f"{row.name:{width}} "
        line += "".join(f" {shown(one.of(row.seconds)):>8}" for one in Statistic)
        line += "   " + "".join(f" {in_loops(one.of(used), loop):>8}" for one in Statistic)
        if row.target is not None:
            value = row.of.of(row.seconds)
            line += f"  {row.of} at most {shown(row.target)}: {shown(value)}, "
            line += verdict(value, row.target)
        print(line)


def in_loops(seconds: float, loop: float) -> str:
    """Write a time as a number of calibration loops, three digits of it."""
    return f"{seconds / loop:.3g}"


def verdict(value: float, target: float) -> str:
    """Say whether a value that should be small is."""
    return "met" if value <= target else "missed"


def shown(seconds: float) -> str:
    """Write a time with three digits and its unit."""
    if abs(seconds) < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if abs(seconds) < 1 else f"{seconds:.3g} s"


@dataclass(frozen=True)
class Figure:
    """One measured number in its unit; `target`: the most it may be (None: there is none).

    `is_seconds`: it is a time, which is told in calibration loops, too.
    """

    name: str
    value: float
    target: float | None = None
    is_seconds: bool = False


def print_figures(title: str, figures: Sequence[Figure]) -> None:
    """Print numbers beside their targets, and times in loops of `benchmarks.calibration`."""
    loop = calibration_seconds() if any(figure.is_seconds for figure in figures) else 0.0
    width = max(len(figure.name) for figure in figures)
    print(f"\n{title}")
    if loop:
        print(f"calibration loop: {shown(loop)}")
    head = f"{'':{width}}  {'measured':>10} {'target':>10}"
    print(f"{head} {'in loops':>8}" if loop else head)
    for figure in figures:
        target = "" if figure.target is None else f"{figure.target:,.10g}"
        line = f"{figure.name:{width}}  {figure.value:>10,.10g} {target:>10}"
        if loop:
            line += f" {in_loops(figure.value, loop) if figure.is_seconds else '':>8}"
        if figure.target is not None:
            line += f"  {verdict(figure.value, figure.target)}"
        print(line.rstrip())
