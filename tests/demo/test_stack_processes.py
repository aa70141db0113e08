"""Starting, recording and stopping processes."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from demo.stack.processes import ManagedProcess, NotReady, ProcessDied, Record, stop_leftovers

# A parent with a child that ignores SIGTERM, as a stuck worker's child would.
FAMILY = """
import pathlib, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True);"
    "time.sleep(600)"], stdout=subprocess.PIPE)
child.stdout.readline()
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(600)
"""


def _start_family(folder: Path) -> tuple[ManagedProcess, int]:
    note = folder / "child"
    process = ManagedProcess(
        "family",
        [sys.executable, "-c", FAMILY, note],
        records=folder / "processes",
        mark=str(note),
        output=subprocess.DEVNULL,
    )
    process.wait_until(lambda: note.exists() and note.read_text() != "", timeout_seconds=20)
    return process, int(note.read_text())


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class TestStop:
    def test_ends_the_process_and_all_it_started(self, tmp_path):
        process, child = _start_family(tmp_path)

        in_time = process.stop()

        assert in_time
        assert not _lives(process.popen.pid)
        assert not _lives(child)
        assert list((tmp_path / "processes").iterdir()) == []

    def test_kills_a_process_that_ignores_it_and_says_so(self, tmp_path):
        note = tmp_path / "up"
        process = ManagedProcess(
            "deaf",
            [
                sys.executable,
                "-c",
                "import pathlib, signal, sys, time\n"
                "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                "pathlib.Path(sys.argv[1]).touch()\ntime.sleep(600)",
                note,
            ],
            records=tmp_path,
            output=subprocess.DEVNULL,
            mark=str(note),
        )
        process.wait_until(note.exists, timeout_seconds=20)

        assert not process.stop(grace_seconds=0.2)
        assert not _lives(process.popen.pid)

    def test_twice_is_no_error(self, tmp_path):
        process, _ = _start_family(tmp_path)
        process.stop()

        assert process.stop()


class TestCheck:
    def test_names_the_process_its_code_and_its_last_lines(self, tmp_path):
        process = ManagedProcess(
            "beat",
            [sys.executable, "-c", "raise SystemExit(3)", "mark"],
            records=tmp_path,
            output=subprocess.DEVNULL,
            mark="mark",
            last_lines=lambda: "no schedule",
        )
        process.popen.wait()

        with pytest.raises(ProcessDied, match=r"beat ended with 3; its last lines:\nno schedule"):
            process.check()
        process.stop()

    def test_names_the_signal_that_ended_it(self, tmp_path):
        process, _ = _start_family(tmp_path)
        os.kill(process.popen.pid, signal.SIGKILL)
        process.popen.wait()

        with pytest.raises(ProcessDied, match="family was ended by SIGKILL"):
            process.check()
        process.stop()

    @pytest.mark.parametrize(("runs_on", "dies"), [(True, True), (False, False)])
    def test_allows_a_good_end_only_to_what_does_not_run_on(self, tmp_path, runs_on, dies):
        process = ManagedProcess(
            "people",
            [sys.executable, "-c", "", "mark"],
            records=tmp_path,
            output=subprocess.DEVNULL,
            mark="mark",
            runs_on=runs_on,
        )
        process.popen.wait()
        died = False
        try:
            process.check()
        except ProcessDied:
            died = True
        process.stop()

        assert died == dies

    def test_waiting_has_an_end(self, tmp_path):
        process, _ = _start_family(tmp_path)

        with pytest.raises(NotReady, match="family is not ready after 0 s"):
            process.wait_until(lambda: False, timeout_seconds=0.1)
        process.stop()


class TestStopLeftovers:
    def test_stops_what_a_killed_supervisor_has_left(self, tmp_path):
        supervisor = subprocess.Popen(
            [
                sys.executable,
                "-c",
                textwrap.dedent(
                    """
                    import sys, time
                    from pathlib import Path
                    from tests.demo.test_stack_processes import _start_family
                    process, child = _start_family(Path(sys.argv[1]))
                    print(process.popen.pid, child, flush=True)
                    time.sleep(600)
                    """
                ),
                tmp_path,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert supervisor.stdout is not None
        left = [int(word) for word in supervisor.stdout.readline().split()]
        supervisor.kill()
        supervisor.communicate()
        assert all(_lives(pid) for pid in left)

        stopped = stop_leftovers(tmp_path / "processes", grace_seconds=0.5)

        assert stopped == ["family"]
        assert not any(_lives(pid) for pid in left)
        assert stop_leftovers(tmp_path / "processes") == []

    def test_finds_the_children_of_a_process_that_is_gone_itself(self, tmp_path):
        process, child = _start_family(tmp_path)
        process.popen.kill()
        process.popen.wait()

        assert stop_leftovers(tmp_path / "processes", grace_seconds=0.2) == ["family"]
        assert not _lives(child)

    @pytest.mark.parametrize("wrong", ["started_at", "mark"])
    def test_leaves_alone_another_process_that_was_given_the_same_pid(self, tmp_path, wrong):
        process, child = _start_family(tmp_path)
        record = process.record
        other = {
            "started_at": Record(record.name, record.pid, record.started_at - 60, record.mark),
            "mark": Record(record.name, record.pid, record.started_at, "another command"),
        }[wrong]
        other.write(tmp_path / "processes")

        assert stop_leftovers(tmp_path / "processes") == []
        assert _lives(process.popen.pid)
        assert _lives(child)
        process.stop()

    def test_forgets_a_record_that_cannot_be_read(self, tmp_path):
        (tmp_path / "web.json").write_text("{")

        assert stop_leftovers(tmp_path) == []
        assert list(tmp_path.iterdir()) == []
