"""Starts processes, keeps a record of each on disk, and stops them with all their descendants.

Every process leads a session of its own: a Ctrl-C in the terminal reaches the supervisor alone,
and whatever a process starts can be found by that session, even after its parent is gone.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psutil

# A step of the system's clock moves all start times alike; a reused pid is told by more.
_START_TIME_TOLERANCE_SECONDS: Final = 2.0


class ProcessDied(RuntimeError):
    """A process ended although it should run; the message has its name, code and last lines."""


class NotReady(RuntimeError):
    """A process runs but did not become ready in time."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a process, enough to find it again and not to mistake another for it.

    `pid` is also the id of the session that the process leads. `started_at`: seconds since 1970.
    `mark`: an argument that its command line contains. `foundation`: others need it to the end.
    """

    name: str
    pid: int
    started_at: float
    mark: str
    foundation: bool = False

    def write(self, folder: Path) -> None:
        """Keep the record in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({slot: getattr(self, slot) for slot in self.__slots__})
        partial = folder / f"{self.name}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / f"{self.name}.json")

    def is_running(self) -> bool:
        """Return whether the process of this record, and no other with its pid, still runs."""
        try:
            process = psutil.Process(self.pid)
            return (
                process.status() != psutil.STATUS_ZOMBIE
                and abs(process.create_time() - self.started_at) < _START_TIME_TOLERANCE_SECONDS
                and any(self.mark in argument for argument in process.cmdline())
            )
        except psutil.Error:
            return False


def _read_records(folder: Path) -> list[Record]:
    records = []
    for path in sorted(folder.glob("*.json")):
        try:
            records.append(Record(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError):
            path.unlink()
    return records


def _session_members(record: Record) -> list[psutil.Process]:
    """Return the living processes of the record's session, its leader last."""
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            is_zombie = process.status() == psutil.STATUS_ZOMBIE
            if os.getsid(process.pid) == record.pid and not is_zombie:
                if process.pid == record.pid and not record.is_running():
                    return []  # the pid has been given to somebody else since
                if process.create_time() > record.started_at - _START_TIME_TOLERANCE_SECONDS:
                    members.append(process)
    return sorted(members, key=lambda process: process.pid == record.pid)


def stop_leftovers(folder: Path, *, grace_seconds: float = 8.0) -> list[str]:
    """Stop what a killed supervisor left running, by its records in `folder`; return the names.

    PostgreSQL gets its fast shutdown. What does not end in time is killed: the write-ahead log
    brings the database back.
    """
    stopped = []
    records = _read_records(folder)
    # A worker whose database or AWS went first would note failures that were none.
    for foundation in (False, True):
        found: list[psutil.Process] = []
        for record in records:
            if record.foundation == foundation and (members := _session_members(record)):
                stopped.append(record.name)
                found += members
                for member in members:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        fast = signal.SIGINT if record.name == "postgres" else signal.SIGTERM
                        member.send_signal(fast)
        _, alive = psutil.wait_procs(found, timeout=grace_seconds)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=grace_seconds)
    for path in folder.glob("*.json"):
        path.unlink()
    return stopped


class ManagedProcess:
    """One started process: its output goes to `output`, its record to `records`."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        records: Path,
        mark: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output: int | IO[bytes] = subprocess.PIPE,
        stop_signal: signal.Signals = signal.SIGTERM,
        runs_on: bool = True,
        foundation: bool = False,
        last_lines: Callable[[], str] = str,
    ) -> None:
        """Start `argv`. `mark` is an argument of it; `last_lines` gives the end of its log.

        `runs_on`: it has no business ending by itself, not even well. `foundation`: see `Record`.
        """
        self.name = name
        self._runs_on = runs_on
        self._asked = False
        self._records = records
        self._stop_signal = stop_signal
        self.last_lines = last_lines
        self.popen = subprocess.Popen(
            [str(argument) for argument in argv],
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.record = Record(name, self.popen.pid, self._started_at(), mark, foundation)
        self.record.write(records)

    def _started_at(self) -> float:
        try:
            return psutil.Process(self.popen.pid).create_time()
        except psutil.NoSuchProcess:
            return time.time()

    def check(self) -> None:
        """:raises ProcessDied: the process has ended that should run on, or has ended badly."""
        code = self.popen.poll()
        if code is None or (code == 0 and not self._runs_on):
            return
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        last = self.last_lines()
        raise ProcessDied(f"{self.name} {how}" + (f"; its last lines:\n{last}" if last else ""))

    def wait_until(self, ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Wait until `ready` says so.

        :raises ProcessDied: it ended first.
        :raises NotReady: it is not ready after `timeout_seconds`.
        """
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{self.name} is not ready after {timeout_seconds:.0f} s; its last lines:\n"
                    f"{self.last_lines()}".rstrip()
                )
            time.sleep(0.05)

    def ask_to_stop(self) -> None:
        """Send the signal that ends it in good order, and do not wait."""
        if self.popen.poll() is None and not self._asked:
            self._asked = True
            self.popen.send_signal(self._stop_signal)

    def stop(self, *, grace_seconds: float = 10.0) -> bool:
        """Stop it and all it started; False if it had to be killed. Stopping twice is no error."""
        in_time = True
        self.ask_to_stop()
        try:
            self.popen.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            in_time = False
        rest = _session_members(self.record)
        for process in rest:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.popen.wait()
        psutil.wait_procs(rest, timeout=grace_seconds)
        (self._records / f"{self.name}.json").unlink(missing_ok=True)
        return in_time
