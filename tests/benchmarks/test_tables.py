"""Benchmarks' tables: the loop that machines are compared by, statistics, and what is missed."""

from benchmarks.calibration import calibration_loop, calibration_seconds
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table


def test_the_calibration_loop_never_changes():
    assert calibration_loop() == 643774049
    assert calibration_seconds() > 0


def test_statistics_of_many_times():
    times = [float(number) for number in range(100, 0, -1)]
    assert Statistic.MEDIAN.of(times) == 50.5
    assert Statistic.P95.of(times) == 96
    assert Statistic.MAX.of(times) == 100


def test_what_is_measured_has_a_time_and_the_processors_for_each_call():
    calls = []
    row = measured("x", [lambda: calls.append(1)] * 3, None)
    assert len(calls) == len(row.seconds) == len(row.processor) == 3


def test_a_row_tells_its_times_in_loops_and_whether_its_target_is_met(capsys):
    print_table(
        "Title",
        [
            Row("slow now and then", (0.001, 0.001, 2.0), 1.0, Statistic.MAX),
            Row("quick", (0.001, 0.001, 2.0), 1.0),
            Row("without a target", (0.5,), None),
        ],
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("calibration loop: ")
    assert "in calibration loops" in lines[3]
    assert lines[5].endswith("max at most 1 s: 2 s, missed")
    assert lines[6].endswith("median at most 1 s: 1 ms, met")
    assert "met" not in lines[7]
    assert "missed" not in lines[7]


def test_a_figure_that_is_a_time_is_told_in_loops(capsys):
    print_figures("Title", [Figure("seconds", 3.0, is_seconds=True), Figure("calls", 5, 4)])
    head, seconds, calls = capsys.readouterr().out.splitlines()[3:]
    assert head.endswith("in loops")
    assert float(seconds.split()[-1]) > 0
    assert calls.endswith("missed")
