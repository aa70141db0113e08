"""PostgreSQL and Valkey for the tests: real ones from their wheels, one pair a test session.

The process that pytest is started in (with pytest-xdist: the controller) starts them in a folder
of its own below `.cache/tests`; workers inherit the addresses by environment. The folder holds a
lock, so that a later session can tell what a killed one has left, and stops and removes it.
"""

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO

from demo.stack import postgres, valkey
from demo.stack.ports import free_port
from demo.stack.processes import ManagedProcess, stop_leftovers

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
SETTINGS = "governance.config.settings.test"

# What makes PostgreSQL fast where nothing needs to survive.
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "autovacuum": "off",
    "log_min_messages": "warning",
}


class Servers:
    """The pair of servers of one test session."""

    def __init__(self) -> None:
        """Start both; what this did so far is undone if one fails."""
        parent = CACHE / "tests"
        parent.mkdir(parents=True, exist_ok=True)
        with (parent / "lock").open("w") as turn:
            # One at a time, or a folder could be swept before its session has locked it.
            fcntl.flock(turn, fcntl.LOCK_EX)
            sweep(parent)
            self._folder = Path(tempfile.mkdtemp(prefix="session-", dir=parent))
            self._lock = _lock(self._folder)
        self._processes: list[ManagedProcess] = []
        try:
            self.environment = self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> dict[str, str]:
        records = self._folder / "processes"
        data = self._folder / "postgres" / "data"
        data.parent.mkdir()
        password = postgres.copy_of_template(data, cache=CACHE / "postgres")
        with self._log("postgres") as output:
            process, database = postgres.start(
                data,
                port=free_port(),
                password=password,
                records=records,
                settings=_FORGETFUL,
                output=output,
                last_lines=lambda: self._last_lines("postgres"),
            )
        self._processes.append(process)
        valkey_port, valkey_password = free_port(), secrets.token_urlsafe(24)
        with self._log("valkey") as output:
            process_of_valkey = valkey.start(
                self._folder / "valkey",
                port=valkey_port,
                password=valkey_password,
                records=records,
                output=output,
                last_lines=lambda: self._last_lines("valkey"),
                keep=False,
            )
        self._processes.append(process_of_valkey)
        valkey.wait_until_ready(process_of_valkey, port=valkey_port)
        postgres.wait_until_ready(process, database)
        return {
            **database.environment(),
            "ORGWARDEN_VALKEY_URL": valkey.url(port=valkey_port, password=valkey_password),
        }

    def _log(self, name: str) -> IO[bytes]:
        return (self._folder / f"{name}.log").open("ab")

    def _last_lines(self, name: str) -> str:
        text = (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-20:])

    def stop(self) -> None:
        """Stop both and remove their data. Stopping twice is no error."""
        while self._processes:
            self._processes.pop().stop(grace_seconds=5)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.close()


def _lock(folder: Path) -> IO[str]:
    """Hold the lock of `folder` until the returned file is closed or this process is gone.

    :raises BlockingIOError: another process holds it.
    """
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


def sweep(parent: Path) -> None:
    """Stop and remove what killed sessions have left in `parent`."""
    for folder in parent.glob("session-*"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), _lock(folder):
            stop_leftovers(folder / "processes")
            shutil.rmtree(folder, ignore_errors=True)


def provide() -> None:
    """Point the settings at this session's servers; the first to call starts them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    servers = Servers()
    atexit.register(servers.stop)
    os.environ.update(servers.environment)
