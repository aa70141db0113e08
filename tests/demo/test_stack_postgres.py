"""PostgreSQL from its wheel, wherever the checkout lies and whoever starts it."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.stack import postgres, unprivileged
from demo.stack.ports import free_port
from demo.stack.processes import ManagedProcess, stop_leftovers
from tests.servers import CACHE

# Longer than the 107 bytes that the path of a Unix socket may have, and with spaces.
DEEP = "/".join(["a folder with a rather long name"] * 4)


class Cluster:
    """A cluster that can be started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.parent.mkdir(parents=True)
        self.records = folder / "processes"
        self.password = postgres.copy_of_template(self.data, cache=CACHE / "postgres")
        self.process: ManagedProcess | None = None

    def start(self) -> postgres.Database:
        with (self.data.parent / "log").open("ab") as output:
            self.process, database = postgres.start(
                self.data,
                port=free_port(),
                password=self.password,
                records=self.records,
                settings={"fsync": "off", "shared_buffers": "16MB", "max_connections": "5"},
                output=output,
                last_lines=(self.data.parent / "log").read_text,
            )
        postgres.wait_until_ready(self.process, database)
        return database


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / DEEP)
    yield cluster
    if cluster.process is not None:
        cluster.process.stop()


class TestStart:
    def test_works_in_a_deep_path_with_spaces_and_once_at_a_time(self, cluster):
        database = cluster.start()

        assert database.ensure_database("demo")
        assert not database.ensure_database("demo")
        assert stat.S_IMODE(database.password_file.stat().st_mode) == 0o600
        with pytest.raises(postgres.PostgresFailed, match="already runs over"):
            cluster.start()
        assert database.answers()

    def test_lets_nobody_in_without_the_password(self, cluster):
        database = cluster.start()
        postgres.write_secret(
            database.password_file, f"127.0.0.1:{database.port}:*:orgwarden:guess\n"
        )

        assert not database.answers()

    def test_works_again_after_everything_was_killed(self, cluster):
        before = cluster.start()
        before.ensure_database("demo")
        assert cluster.process is not None
        os.kill(cluster.process.popen.pid, signal.SIGKILL)
        cluster.process.popen.wait()
        assert (cluster.data / "postmaster.pid").exists()

        stop_leftovers(cluster.records)
        after = cluster.start()

        assert not after.ensure_database("demo")

    def test_stops_fast_although_somebody_is_connected(self, cluster):
        database = cluster.start()
        with subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import psycopg2, sys, time\n"
                "line = psycopg2.connect(host='127.0.0.1', port=sys.argv[1], user='orgwarden',\n"
                "    dbname='postgres', passfile=sys.argv[2])\n"
                "print('in', flush=True)\ntime.sleep(600)",
                str(database.port),
                database.password_file,
            ],
            stdout=subprocess.PIPE,
        ) as guest:
            assert guest.stdout is not None
            guest.stdout.readline()

            assert cluster.process is not None
            assert cluster.process.stop(grace_seconds=20)
            guest.kill()
        assert not (cluster.data / "postmaster.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to, or can, become someone else")
class TestWhoRunsIt:
    def test_root_runs_it_without_a_capability_and_keeps_its_files(self, cluster):
        cluster.start()
        assert cluster.process is not None

        status = Path(f"/proc/{cluster.process.popen.pid}/status").read_text()

        assert "CapEff:\t0000000000000000" in status
        if "Uid:\t0" in status:  # as seen from outside of the namespace
            assert (cluster.data / "PG_VERSION").stat().st_uid == 0

    def test_without_namespaces_root_becomes_nobody_who_still_reaches_its_folders(self, tmp_path):
        hidden = tmp_path / "root's own"
        hidden.mkdir(mode=0o700)
        (hidden / "file").write_text("reached")

        done = _python(
            "unprivileged.become_someone()\n"
            "os.execv('/bin/sh', ['/bin/sh', '-c', 'cat file; id -u'])\n",
            cwd=hidden,
        )

        assert done.stderr == ""
        assert done.stdout.startswith("reached")
        assert done.stdout.removeprefix("reached").strip() != "0"

    def test_somebody_without_a_name_gets_one(self):
        done = _python(
            "os.setgid(54321)\nos.setuid(54321)\n"
            "unprivileged._call('prctl', 4, 1, 0, 0, 0)\n"  # dumpable, as after an exec
            "assert unprivileged.is_needed()\n"
            "if not unprivileged._namespace_allowed(): raise SystemExit('no namespaces')\n"
            "unprivileged.enter_user_namespace()\n"
            "assert not unprivileged.is_needed()\n"
        )
        if "no namespaces" in done.stderr:
            pytest.skip("this system allows no user namespaces")

        assert done.stderr == ""


def _python(script: str, *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `script`, which finds `unprivileged` imported, in a process of its own."""
    source = Path(unprivileged.__file__).read_text()
    loaded = (
        "import os, types\nunprivileged = types.ModuleType('unprivileged')\n"
        f"exec({source!r}, unprivileged.__dict__)\n"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", loaded + script],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
    )
