"""The processes of a stack that run: started in order, watched, and stopped in reverse."""

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from demo.stack.logs import LogBook
from demo.stack.processes import ManagedProcess
from demo.stack.state import ROOT

# What runs to an end may also migrate a kept database of an old version, on a busy machine.
_ENDS_WITHIN_SECONDS: Final = 900


class StopRequested(Exception):
    """Somebody asked the stack to stop."""


class ProcessGroup:
    """Processes that stand and fall together.

    `records`: the folder that says what runs. `stopping`: once it is set nothing is started, and
    whoever waits gets StopRequested. `meanwhile`: called again and again while one is waited for.
    """

    def __init__(self, records: Path, logs: LogBook, *, meanwhile: Callable[[], None]) -> None:
        self.stopping = threading.Event()
        self._records = records
        self._logs = logs
        self._meanwhile = meanwhile
        self._running: list[ManagedProcess] = []

    def check(self) -> None:
        """Look at each process once.

        :raises ProcessDied: one ended that should run on.
        """
        for process in self._running:
            process.check()

    def pid(self, name: str) -> int:
        """Return the process id of what runs under `name`, such as `worker-inventory`."""
        return next(each.popen.pid for each in self._running if each.name == name)

    def stop(self) -> list[str]:
        """Stop all processes, the last started first; return those that had to be killed.

        Orgwarden's own end side by side, and then what they stand on, one after the other.
        """
        killed = []
        for process in reversed(self._running):
            if not process.record.foundation:
                process.ask_to_stop()
        while self._running:
            process = self._running.pop()
            if not process.stop():
                killed.append(process.name)
        return killed

    def start(
        self,
        name: str,
        *arguments: str | Path | int,
        env: Mapping[str, str],
        runs_on: bool = True,
        foundation: bool = False,
    ) -> ManagedProcess:
        """Start a Python process of the project under `name`; its second argument marks it."""
        self._raise_if_stopping()
        process = ManagedProcess(
            name,
            [sys.executable, *(str(argument) for argument in arguments)],
            records=self._records,
            mark=str(arguments[1]),
            env=env,
            cwd=ROOT,
            runs_on=runs_on,
            foundation=foundation,
            last_lines=lambda: self._logs.last_lines(name),
        )
        self.follow(process)
        return process

    def follow(self, process: ManagedProcess) -> None:
        """Count a started process among the group's, and log what it prints."""
        self._running.append(process)
        if process.popen.stdout is not None:
            self._logs.follow(process.name, process.popen.stdout)

    def run(self, name: str, *arguments: str | Path | int, env: Mapping[str, str]) -> None:
        """Run a process to its end."""
        self.end(self.start(name, *arguments, env=env, runs_on=False))

    def end(self, process: ManagedProcess) -> None:
        """Wait for a process to come to its end."""
        self.wait(process, lambda: process.popen.poll() == 0, seconds=_ENDS_WITHIN_SECONDS)
        self._running.remove(process)
        process.stop()

    def wait(self, process: ManagedProcess, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until a process is ready.

        :raises ProcessDied: a process ended that should run on.
        :raises NotReady: it takes longer than `seconds`.
        :raises StopRequested: `stopping` was set meanwhile.
        """

        def ready_or_stopping() -> bool:
            self._raise_if_stopping()
            self._meanwhile()
            return ready()

        process.wait_until(ready_or_stopping, timeout_seconds=seconds)

    def _raise_if_stopping(self) -> None:
        if self.stopping.is_set():
            raise StopRequested
