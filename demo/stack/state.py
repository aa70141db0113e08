"""What the embedded stack keeps between two starts: data, secrets, ports. All in one folder."""

import fcntl
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from demo.stack.ports import free_port
from demo.stack.postgres import write_secret

ROOT: Final = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER: Final = ROOT / ".orgwarden"


class AlreadyRunning(RuntimeError):
    """Another supervisor runs over the same folder; the message has its address."""


class MadeByAnotherVersion(RuntimeError):
    """The kept database cannot be migrated to this version's; the message says what to do."""


FIRST_KEPT_SCHEMA: Final = "3547fdc3359581057ff1378fc69a8318432535a69a3634db7708f02467b226cd"
"""What the first version whose migrations are kept has noted, before names of migrations were."""


def migration_names(root: Path = ROOT) -> frozenset[str]:
    """Return all migrations that this version has, each as `app/name`."""
    files = [
        file
        for app in ("inventory", "governance")
        for file in (root / app).rglob("migrations/*.py")
    ]
    return frozenset(
        f"{file.parents[1].name}/{file.stem}" for file in files if file.stem != "__init__"
    )


class State:
    """The folder of one stack, locked for as long as this object is open."""

    def __init__(self, folder: Path) -> None:
        """Open and lock `folder`, and make it if need be.

        :raises AlreadyRunning: it is in use.
        """
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._running = self.folder / "running.json"
        self._lock = self._locked()

    def _locked(self) -> IO[str]:
        # The lock goes with its process, even with one killed by -9; started processes do not
        # inherit it.
        file = (self.folder / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            address = self.address() or "no address yet: it is starting or stopping"
            raise AlreadyRunning(f"the demo runs already: {address}") from None
        return file

    def check_migrations(self, names: frozenset[str]) -> None:
        """Note which migrations this version has, and compare them with those of the last start.

        More than last time is an update: the database is migrated when its server runs.

        :raises MadeByAnotherVersion: the last start had others, so the database is of a newer
            version, or of one before migrations were kept.
        """
        file = self.folder / "schema"
        noted = file.read_text(encoding="utf-8").strip() if file.exists() else FIRST_KEPT_SCHEMA
        if noted.startswith("["):
            unknown = sorted(set(json.loads(noted)) - names)
            if unknown:
                raise MadeByAnotherVersion(
                    f"a newer version of Orgwarden has migrated the data in {self.folder} (by "
                    f"{', '.join(unknown)}); start that version, put back a copy of the folder "
                    "from before the update, or run `make clean` to start anew"
                )
        elif noted != FIRST_KEPT_SCHEMA:
            raise MadeByAnotherVersion(
                f"the data in {self.folder} is older than the first version that can be updated; "
                "run `make clean` to start anew"
            )
        file.write_text(json.dumps(sorted(names), indent=1), encoding="utf-8")

    @property
    def records(self) -> Path:
        """The folder with a record of every process that runs."""
        return self.folder / "processes"

    @property
    def logs(self) -> Path:
        """The folder with a log file a process."""
        return self.folder / "logs"

    def address(self) -> str | None:
        """Return where the running web server is, if one does run."""
        try:
            return str(json.loads(self._running.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError):
            return None

    def note_address(self, address: str) -> None:
        """Note where the web server is, for whoever tries to start a second one."""
        text = json.dumps({"address": address, "pid": os.getpid()})
        self._running.write_text(text, encoding="utf-8")

    def secret(self, name: str) -> Path:
        """Return the file of a secret, which is made once and readable by its owner only."""
        path = self.folder / "secrets" / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True, mode=0o700)
            write_secret(path, secrets.token_urlsafe(48))
        return path

    def port(self, name: str, *, preferred: int | None = None) -> int:
        """Return a free port for `name`: last time's, else `preferred`, else any."""
        path = self.folder / "ports.json"
        try:
            ports = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            ports = {}
        # A port that another process of this stack has been given is not listened on yet.
        taken = {port for other, port in ports.items() if other != name}
        wish = ports.get(name, preferred)
        port = _other_than(taken, lambda: free_port(wish if wish not in taken else None))
        if ports.get(name) != port:
            path.write_text(json.dumps(ports | {name: port}), encoding="utf-8")
        return port

    def close(self) -> None:
        """Let go of the folder."""
        self._running.unlink(missing_ok=True)
        self._lock.close()


def _other_than(taken: set[int], choose: Callable[[], int]) -> int:
    port = choose()
    while port in taken:
        port = free_port()
    return port
