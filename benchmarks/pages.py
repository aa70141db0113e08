"""How fast every page and list answers at 10,000 accounts and 500,000 principals.

A PostgreSQL and a Valkey of their own are filled by `manage.py seed_scale`, which takes minutes.
Where `ORGWARDEN_BENCH_FOLDER` names a folder, they are left in it, and measured again the next time
without filling them. Where `ORGWARDEN_BENCH_SEEDED` is set, the database of the environment is
measured as it is.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.stack import postgres, valkey
from demo.stack.ports import free_port
from demo.stack.state import ROOT


class FolderInUse(RuntimeError):
    """Another benchmark runs on the folder that is kept: a database is started only once."""


def run() -> None:
    """Measure in a process of its own, since Django can be set up for one database only."""
    with seeded_servers() as environment:
        _measure(environment)


@contextmanager
def seeded_servers() -> Iterator[dict[str, str]]:
    """Run servers and fill them, or take those of the environment; yield what points at them."""
    if os.environ.get("ORGWARDEN_BENCH_SEEDED"):
        yield dict(os.environ)
        return
    with _folder() as folder, servers(folder) as environment:
        seeded = folder / "seeded"
        if seeded.exists():
            _manage("migrate", "--no-input", "--verbosity=0", environment=environment)
        else:
            print("\nSeeding 10,000 accounts and 500,000 principals", flush=True)
            _manage("seed_scale", environment=environment)
            seeded.touch()
        yield environment


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield the folder that is kept, or one that is removed afterwards.

    :raises FolderInUse: another benchmark runs on it.
    """
    kept = os.environ.get("ORGWARDEN_BENCH_FOLDER")
    if kept:
        folder = Path(kept).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderInUse(
                    f"another benchmark uses {folder}; wait until it has ended"
                ) from None
            yield folder
        return
    with tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name:
        yield Path(name)


def _manage(*arguments: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], check=True, cwd=ROOT, env=environment)


def _measure(environment: dict[str, str]) -> None:
    for arguments in ([], ["--part"]):
        subprocess.run(
            [sys.executable, "-m", "benchmarks.pages_requests", *arguments],
            check=False,
            cwd=ROOT,
            env=environment,
        )


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Run PostgreSQL, as it comes, and Valkey; yield the environment that points at them.

    A database that an earlier session left in the folder is started again.
    """
    kept_password = folder / "postgres" / "password"
    if kept_password.exists():
        password = kept_password.read_text(encoding="utf-8")
    else:
        password = postgres.copy_of_template(
            folder / "postgres" / "data", cache=ROOT / ".cache" / "postgres"
        )
        postgres.write_secret(kept_password, password)
    records = folder / "processes"
    with (folder / "log").open("ab") as log:
        running = []
        try:
            process, database = postgres.start(
                folder / "postgres" / "data",
                port=free_port(),
                password=password,
                records=records,
                output=log,
            )
            running.append(process)
            port, valkey_password = free_port(), secrets.token_urlsafe(24)
            cache = valkey.start(
                folder / "valkey",
                port=port,
                password=valkey_password,
                records=records,
                output=log,
                keep=False,
            )
            running.append(cache)
            valkey.wait_until_ready(cache, port=port)
            postgres.wait_until_ready(process, database)
            database.ensure_database()
            yield {
                **os.environ,
                **database.environment(),
                "ORGWARDEN_VALKEY_URL": valkey.url(port=port, password=valkey_password),
                "ORGWARDEN_SECRET_KEY": secrets.token_urlsafe(50),
                "DJANGO_SETTINGS_MODULE": "governance.config.settings.dev",
            }
        finally:
            while running:
                running.pop().stop(grace_seconds=20)
