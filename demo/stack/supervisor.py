"""The supervisor: starts every process in order, watches them, and stops them in reverse."""

import hashlib
import json
import threading
import time
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final, TextIO

from demo import identity_provider
from demo.regions import REGIONS_READ
from demo.simulator import credentials
from demo.stack import postgres, valkey
from demo.stack.environment import own_environment
from demo.stack.logs import LogBook
from demo.stack.ports import LOOPBACK, answers
from demo.stack.process_group import ProcessGroup
from demo.stack.processes import ManagedProcess, stop_leftovers
from demo.stack.state import ROOT, State

PREFERRED_WEB_PORT: Final = 8000
_SETTINGS: Final = "governance.config.settings.dev"
_CELERY: Final = ("-m", "celery", "--app", "governance.config.celery", "--quiet")

# At AWS's own rates the organization's part of a run mostly waits.
AWS_RATE_FACTOR: Final = 20

# PostgreSQL as a guest on somebody's machine: few connections, little memory, few words.
_MODEST: Final = {
    "max_connections": "60",
    "shared_buffers": "128MB",
    "synchronous_commit": "off",
    "log_checkpoints": "off",
}


# Processes of the worker of each queue: of those that the first inventory needs, and the others.
# Those of the inventory mostly wait: for answers, and in a first run half a second an account for
# a credential report.
_FIRST_WORKERS: Final = {"inventory": 4, "default": 2}
_LATER_WORKERS: Final = {"audit": 1, "apply": 1}
# What keeps runs going is taken by whoever is free first.
_QUEUES: Final = {"inventory": "inventory,upkeep", "default": "default,upkeep"}
# The others and beat wait so long for the first inventory; after 90 s, pages would miss beat.
_LATER_AFTER_SECONDS: Final = 60


class Stack:
    """All processes over one state folder."""

    def __init__(
        self,
        state: State,
        *,
        organization: Path,
        terminal: TextIO,
        rate_factor: int = AWS_RATE_FACTOR,
        reads_first: bool = True,
    ) -> None:
        """Prepare; nothing is started yet. `rate_factor`: of AWS's request rates.

        `reads_first`: the organization is connected and read, and then the demo's people act.
        """
        self.address = ""
        self.endpoint = ""
        self.environment: dict[str, str] = {}
        self._state = state
        # Relative to where processes start, if it can be: the checkout may be moved.
        inside = organization.resolve().is_relative_to(ROOT)
        self._organization = organization.resolve().relative_to(ROOT) if inside else organization
        self._logs = LogBook(state.logs, terminal)
        self._processes = ProcessGroup(state.records, self._logs, meanwhile=self.check)
        self._rate_factor = rate_factor
        self._reads_first = reads_first
        self._first_inventory: ManagedProcess | None = None
        self._later_at: float | None = None

    def say(self, line: str) -> None:
        """Show a line of the supervisor's own."""
        self._logs.say("orgwarden", line)

    @property
    def stopping(self) -> threading.Event:
        """Set it, from any thread, to have the stack stop."""
        return self._processes.stopping

    @property
    def people_file(self) -> Path:
        """The file with names and passwords of the demo people."""
        return self._state.folder / "secrets" / "people.json"

    def people(self) -> dict[str, str]:
        """Return the password of each of the demo people, by user name."""
        people: dict[str, str] = json.loads(self.people_file.read_text(encoding="utf-8"))
        return people

    def start(self) -> None:
        """Start everything, and return when the web server answers.

        :raises ProcessDied: a process ended; its message says which and how.
        :raises NotReady: a process takes too long.
        :raises StopRequested: `stopping` was set meanwhile.
        """
        leftovers = stop_leftovers(self._state.records)
        if leftovers:
            self.say(f"stopped what a killed supervisor had left: {', '.join(leftovers)}")
        simulator_port = self._state.port("simulator")
        simulator = self._processes.start(
            "simulator",
            "-m",
            "demo.simulator",
            "--port",
            simulator_port,
            "--organization",
            self._organization,
            "--rate-factor",
            self._rate_factor,
            "--state",
            self._simulator_state(),
            env=own_environment(),
            foundation=True,
        )
        self.endpoint = f"http://{LOOPBACK}:{simulator_port}"
        collecting = self._start_collecting_static_files()
        self._start_servers()
        provider_port = self._start_identity_provider()
        self._processes.run(
            "people", "-m", "demo.people", self.people_file, self._audit_key, env=self.environment
        )
        if collecting is not None:
            self._processes.end(collecting)
        web = self._start_web()
        self._processes.wait(web, self._web_is_well, seconds=60)
        # After the web server, which somebody waits for, and has the processors to itself.
        self._start_workers(_FIRST_WORKERS)
        self._processes.wait(simulator, lambda: answers(simulator_port), seconds=120)
        self._processes.wait(web, lambda: answers(provider_port), seconds=60)
        if self._reads_first:
            self._start_first_inventory()
        else:
            self._start_later()
        self._state.note_address(self.address)

    def _start_first_inventory(self) -> None:
        """Start what connects and reads the organization; what it can do without comes later."""
        self._inventory_ended.unlink(missing_ok=True)
        self._first_inventory = self._processes.start(
            "first-inventory",
            "-m",
            "demo.first_inventory",
            self._organization,
            self.endpoint,
            self._inventory_ended,
            env=self.environment,
            runs_on=False,
        )
        self._later_at = time.monotonic() + _LATER_AFTER_SECONDS

    def _start_later(self) -> None:
        self._later_at = None
        self._start_workers(_LATER_WORKERS)
        self._start_beat()

    @property
    def _static_files(self) -> Path:
        """The folder of the static files, hashed and compressed."""
        return self._state.folder / "static"

    def _start_collecting_static_files(self) -> ManagedProcess | None:
        """Start collecting static files where they are older than what they are made of."""
        manifest = self._static_files / "staticfiles.json"
        made_of = (ROOT / "static" / "build", ROOT / "requirements.txt")
        if manifest.exists() and manifest.stat().st_mtime > max(
            source.stat().st_mtime for source in made_of
        ):
            return None
        return self._processes.start(
            "static",
            ROOT / "manage.py",
            "collectstatic",
            "--noinput",
            "--clear",
            "--ignore",
            "rest_framework",
            env={
                **own_environment(),
                "DJANGO_SETTINGS_MODULE": _SETTINGS,
                "ORGWARDEN_SECRET_KEY_FILE": str(self._state.secret("django")),
                "ORGWARDEN_STATIC_ROOT": str(self._static_files),
            },
            runs_on=False,
        )

    def _start_identity_provider(self) -> int:
        """Start the identity provider of the demo, name it to Orgwarden, and return its port."""
        port = self._state.port("identity-provider")
        self._processes.start(
            "identity-provider",
            "-m",
            "demo.identity_provider",
            "--port",
            port,
            env=own_environment(),
        )
        issuer = f"http://{LOOPBACK}:{port}"
        self.environment |= {
            "ORGWARDEN_OIDC_ISSUER": issuer,
            "ORGWARDEN_OIDC_HTTP_ALLOWED": issuer,
            "ORGWARDEN_OIDC_ID": identity_provider.PROVIDER_ID,
            "ORGWARDEN_OIDC_NAME": identity_provider.NAME,
            "ORGWARDEN_OIDC_CLIENT_ID": identity_provider.CLIENT_ID,
            "ORGWARDEN_OIDC_CLIENT_SECRET_FILE": str(self._state.secret("oidc")),
        }
        return port

    def _simulator_state(self) -> Path:
        """Return the file in which the simulator keeps what was written to this organization."""
        digest = hashlib.sha256(str(self._organization).encode()).hexdigest()[:12]
        folder = self._state.folder / "simulator"
        folder.mkdir(exist_ok=True)
        return folder / f"{self._organization.stem}-{digest}.jsonl"

    def _start_servers(self) -> None:
        """Start PostgreSQL and Valkey, and fill the environment of Orgwarden's own processes."""
        password = self._state.secret("postgres").read_text(encoding="utf-8")
        data = self._state.folder / "postgres" / "data"
        if not (data / "PG_VERSION").exists():
            self.say("making a PostgreSQL cluster")
            postgres.create_cluster(data, password=password)
        database_process, database = postgres.start(
            data,
            port=self._state.port("postgres"),
            password=password,
            records=self._state.records,
            settings=_MODEST,
            last_lines=lambda: self._logs.last_lines("postgres"),
        )
        self._processes.follow(database_process)
        valkey_port = self._state.port("valkey")
        valkey_password = self._state.secret("valkey").read_text(encoding="utf-8")
        valkey_process = valkey.start(
            self._state.folder / "valkey",
            port=valkey_port,
            password=valkey_password,
            records=self._state.records,
            last_lines=lambda: self._logs.last_lines("valkey"),
        )
        self._processes.follow(valkey_process)
        self._processes.wait(database_process, database.answers, seconds=60)
        self._processes.wait(valkey_process, lambda: valkey.answers(valkey_port), seconds=20)
        database.ensure_database()
        self.environment = {
            **own_environment(),
            **database.environment(),
            "DJANGO_SETTINGS_MODULE": _SETTINGS,
            "ORGWARDEN_VALKEY_URL": valkey.url(port=valkey_port, password=valkey_password),
            "ORGWARDEN_SECRET_KEY_FILE": str(self._state.secret("django")),
            "ORGWARDEN_STATIC_ROOT": str(self._static_files),
            "ORGWARDEN_AWS_ENDPOINTS_ALLOWED": self.endpoint,
            "ORGWARDEN_SEALING_KEY_FILE": str(self._state.secret("sealing")),
            "ORGWARDEN_MAIL_FOLDER": str(self._state.folder / "mail"),
            # The simulator enforces at once; in AWS it takes minutes.
            "ORGWARDEN_PROPAGATION_SECONDS": "1",
            "ORGWARDEN_AWS_RATE_FACTOR": str(self._rate_factor),
            "ORGWARDEN_AWS_WARM_REGIONS": ",".join(REGIONS_READ),
            # Checks of Django import every page, which workers have no use for; CI runs them.
            "CELERY_SKIP_CHECKS": "1",
        }

    @property
    def _audit_key(self) -> Path:
        """The file with the key that signs the audit log."""
        return self._state.folder / "secrets" / "audit-key.pem"

    def _start_web(self) -> ManagedProcess:
        port = self._state.port("web", preferred=PREFERRED_WEB_PORT)
        self.address = f"http://{LOOPBACK}:{port}/"
        self.environment["ORGWARDEN_SITE_URL"] = self.address
        return self._processes.start(
            "web",
            "-m",
            "gunicorn",
            "governance.config.wsgi",
            "--config",
            "python:governance.config.gunicorn",
            "--bind",
            f"{LOOPBACK}:{port}",
            "--workers",
            2,
            "--threads",
            4,
            "--preload",
            "--no-control-socket",
            "--access-logfile",
            "-",
            env=self.environment,
        )

    @property
    def _inventory_ended(self) -> Path:
        """The file that is there once the first inventory has ended."""
        return self._state.folder / "first-inventory-ended"

    def _start_workers(self, wanted: Mapping[str, int]) -> None:
        """Start a worker for each queue, with so many processes."""
        key, checkpoints = self._audit_key, self._state.folder / "audit" / "checkpoints"
        checkpoints.mkdir(parents=True, exist_ok=True)
        # Who can read the key can sign whatever the database says: no other process has it.
        may_sign = {
            "ORGWARDEN_AUDIT_SIGNING_KEY_FILE": str(key),
            "ORGWARDEN_AUDIT_CHECKPOINT_DIRECTORY": str(checkpoints),
            "ORGWARDEN_AUDIT_OCSF_FILE": str(checkpoints.with_name("events.jsonl")),
        }
        own: Mapping[str, Mapping[str, str]] = {
            "audit": may_sign,
            # It alone may assume the role that writes to the organization.
            "apply": credentials.APPLY_WORKER.environment(),
        }
        for queue, concurrency in wanted.items():
            self._processes.start(
                f"worker-{queue}",
                *_CELERY,
                "worker",
                "--queues",
                _QUEUES.get(queue, queue),
                "--concurrency",
                concurrency,
                "--hostname",
                f"{queue}@%h",
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "INFO",
                env={**self.environment, **own.get(queue, {})},
            )

    def _start_beat(self) -> None:
        """Start beat, which sends workers what is due."""
        schedule = self._state.folder / "beat" / "schedule"
        schedule.parent.mkdir(exist_ok=True)
        self._processes.start(
            "beat",
            *_CELERY,
            "beat",
            "--schedule",
            schedule,
            "--pidfile=",
            "-l",
            "INFO",
            env=self.environment,
        )

    def watch(self) -> None:
        """Return when asked to stop.

        :raises ProcessDied: a process ended that should run on.
        """
        while not self.stopping.wait(0.3):
            self.check()

    def check(self) -> None:
        """Start what left the processors to the first inventory, once that is over.

        :raises ProcessDied: a process ended that should run on.
        """
        self._processes.check()
        if self._later_at is not None and (
            self.first_inventory_is_over() or time.monotonic() > self._later_at
        ):
            self._start_later()

    def first_inventory_is_over(self) -> bool:
        """Whether the first inventory has ended; the demo's people act from then on."""
        return self._first_inventory is not None and self._inventory_ended.exists()

    def people_have_acted(self) -> bool:
        """Whether the demo's people have done all that they do by themselves after it."""
        return self._first_inventory is not None and self._first_inventory.popen.poll() == 0

    def pid(self, name: str) -> int:
        """Return the process id of what runs under `name`, such as `worker-inventory`."""
        return self._processes.pid(name)

    def stop(self) -> list[str]:
        """Stop all processes, the last started first; return those that had to be killed."""
        return self._processes.stop()

    def _web_is_well(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=5) as response:  # noqa: S310
                return bool(response.status == HTTPStatus.OK)
        except OSError:
            # Not listening yet, or an error; not asked again at once, for it may log a page.
            self.stopping.wait(0.3)
            return False
