"""The servers that the tests run on, and the way out that they do not have."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_socket
from django.core.cache import cache
from django.db import connection

from tests import servers


class TestServers:
    @pytest.mark.django_db
    def test_are_a_real_postgresql_and_a_real_valkey(self):
        cache.set("word", "kept")

        assert cache.get("word") == "kept"
        assert connection.vendor == "postgresql"
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) >= 180000

    def test_are_stopped_and_their_data_removed_after_a_failed_session(self, tmp_path):
        test = tmp_path / "test_that_fails.py"
        test.write_text(
            "def test_fails():\n    import os\n    assert not os.environ['PGPASSFILE']\n"
        )

        ended = _pytest(test)

        assert ended.returncode == 1
        folder = Path(ended.stdout.partition("assert not '")[2].partition("'")[0]).parents[1]
        assert folder.parent == servers.CACHE / "tests"
        assert not folder.exists()

    def test_left_by_a_killed_session_are_swept_by_the_next(self, tmp_path):
        test = tmp_path / "test_that_is_killed.py"
        test.write_text(
            "def test_is_killed():\n    import os, signal\n"
            "    print('folder', os.environ['PGPASSFILE'], 'end')\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        killed = _pytest(test, "-s")
        folder = Path(killed.stdout.partition("folder ")[2].partition(" end")[0]).parents[1]
        port = int((folder / "postgres" / "pgpass").read_text().split(":")[1])
        assert killed.returncode == -9
        assert _accepts(port)

        servers.sweep(folder.parent)

        assert not folder.exists()
        assert not _accepts(port)


class TestTheWayOut:
    def test_is_closed(self):
        with (
            pytest.warns(UserWarning, match="allowed"),
            pytest.raises(pytest_socket.SocketConnectBlockedError),
        ):
            socket.create_connection(("192.0.2.1", 80), timeout=1)


def _pytest(test: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    without = {"PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_TESTRUNUID"}
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--rootdir", str(servers.ROOT), "-c", str(servers.ROOT / "pyproject.toml")),
            *("--confcutdir", str(servers.ROOT), "-p", "tests.conftest", *arguments, str(test)),
        ],
        cwd=servers.ROOT,
        env={name: value for name, value in os.environ.items() if name not in without},
        check=False,
        capture_output=True,
        text=True,
    )


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
