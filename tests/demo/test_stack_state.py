"""Ports, secrets and the lock of the embedded stack."""

import io
import json
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.stack.logs import LogBook
from demo.stack.ports import LOOPBACK, answers, free_port, is_free
from demo.stack.state import (
    FIRST_KEPT_SCHEMA,
    AlreadyRunning,
    MadeByAnotherVersion,
    State,
    migration_names,
)


@pytest.fixture
def occupied() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A locked folder with a space in its name."""
    state = State(tmp_path / "a folder")
    yield state
    state.close()


class TestFreePort:
    def test_takes_the_preferred_port_if_nobody_has_it(self):
        wish = free_port()

        assert free_port(wish) == wish

    def test_takes_another_if_somebody_has_it(self, occupied):
        port = free_port(occupied)

        assert port != occupied
        assert is_free(port)
        assert answers(occupied)
        assert not answers(port)


class TestState:
    def test_keeps_its_ports_between_starts(self, tmp_path):
        first = State(tmp_path)
        ports = [first.port("web"), first.port("valkey")]
        first.close()

        second = State(tmp_path)

        assert [second.port("web"), second.port("valkey")] == ports
        assert len(set(ports)) == 2
        second.close()

    def test_takes_another_port_when_last_times_is_occupied(self, state, occupied):
        (state.folder / "ports.json").write_text(f'{{"web": {occupied}}}')

        assert state.port("web") != occupied

    def test_gives_no_two_processes_the_same_port(self, state):
        wish = free_port()

        assert state.port("web", preferred=wish) == wish
        assert state.port("valkey", preferred=wish) != wish

    def test_makes_a_secret_once_and_for_its_owner_only(self, state):
        path = state.secret("django")
        text = path.read_text()

        assert len(text) == 64
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(state.folder.stat().st_mode) == 0o700
        assert state.secret("django").read_text() == text

    def test_tells_a_second_supervisor_where_the_first_one_serves(self, state):
        state.note_address("http://127.0.0.1:8000/")

        with pytest.raises(AlreadyRunning, match=r"http://127\.0\.0\.1:8000/"):
            State(state.folder)
        assert state.address() == "http://127.0.0.1:8000/"

    def test_is_not_locked_by_a_killed_supervisor_whose_children_live(self, tmp_path):
        script = (
            "import os, signal, subprocess, sys, pathlib\n"
            "from demo.stack.state import State\n"
            "state = State(pathlib.Path(sys.argv[1]))\n"
            "state.note_address('http://127.0.0.1:1/')\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'],\n"
            "    stdout=subprocess.DEVNULL)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        killed = subprocess.run([sys.executable, "-c", script, tmp_path], check=False)

        assert killed.returncode == -9
        State(tmp_path).close()


class TestLogBook:
    def test_shows_each_line_under_its_name_and_keeps_it_in_a_file(self, tmp_path):
        terminal = io.StringIO()
        book = LogBook(tmp_path, terminal, width=8)
        book.follow("beat", io.BytesIO(b"first\nsec\xffond\n"))

        assert book.last_lines("beat") == "first\nsec\ufffdond"
        assert terminal.getvalue() == "beat     | first\nbeat     | sec\ufffdond\n"
        assert (tmp_path / "beat.log").read_text() == "first\nsec\ufffdond\n"

    def test_goes_on_into_files_when_the_terminal_is_gone(self, tmp_path):
        terminal = _Gone()
        book = LogBook(tmp_path, terminal)
        book.follow("web", io.BytesIO(b"one\ntwo\n"))

        assert book.last_lines("web") == "one\ntwo"
        assert terminal.writes == 1
        assert (tmp_path / "web.log").read_text() == "one\ntwo\n"


class _Gone(io.StringIO):
    """A terminal whose window was closed."""

    writes = 0

    def write(self, _text: str) -> int:
        self.writes += 1
        raise BrokenPipeError


class TestMigrations:
    def test_are_noted_and_may_become_more(self, tmp_path, state):
        state.check_migrations(frozenset({"inventory/0001_initial"}))
        state.check_migrations(frozenset({"inventory/0001_initial", "inventory/0002_more"}))

        noted = json.loads((state.folder / "schema").read_text())
        assert noted == ["inventory/0001_initial", "inventory/0002_more"]

    def test_refuse_data_that_a_newer_version_has_migrated(self, state):
        state.check_migrations(frozenset({"inventory/0001_initial", "inventory/0002_more"}))

        with pytest.raises(MadeByAnotherVersion, match=r"newer version .* inventory/0002_more"):
            state.check_migrations(frozenset({"inventory/0001_initial"}))

        assert "0002_more" in (state.folder / "schema").read_text()

    def test_take_data_of_the_first_version_that_is_kept_and_none_that_is_older(self, state):
        (state.folder / "schema").write_text(FIRST_KEPT_SCHEMA)
        state.check_migrations(frozenset({"inventory/0001_initial"}))

        (state.folder / "schema").write_text("0" * 64)
        with pytest.raises(MadeByAnotherVersion, match="make clean"):
            state.check_migrations(frozenset({"inventory/0001_initial"}))

    def test_are_named_by_app_wherever_the_app_lies(self, tmp_path):
        for folder in (
            *("inventory/migrations", "governance/access/migrations"),
            "governance/access/owners/migrations",
        ):
            (tmp_path / folder).mkdir(parents=True)
            (tmp_path / folder / "__init__.py").touch()
            (tmp_path / folder / "0001_initial.py").touch()

        assert migration_names(tmp_path) == {
            *("inventory/0001_initial", "access/0001_initial", "owners/0001_initial")
        }

    def test_of_this_version_are_found(self):
        assert "inventory/0001_initial" in migration_names()
