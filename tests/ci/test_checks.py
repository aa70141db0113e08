"""Checks run side by side, and each is told of whole."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("locks in step", "locks name no host")


@pytest.fixture
def checked(tmp_path):
    """Return a function that runs checks over locks, with the text given added to one of them."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/check.py", tmp_path / ".ci")
    for name in ("requirements", "requirements-dev"):
        for suffix in (".in", ".txt"):
            shutil.copy(ROOT / f"{name}{suffix}", tmp_path)
    shutil.copy(ROOT / "package-lock.json", tmp_path)

    def run(*names: str, added: str = "") -> subprocess.CompletedProcess[str]:
        with (tmp_path / "requirements.txt").open("a", encoding="utf-8") as lock:
            lock.write(added)
        return subprocess.run(
            [sys.executable, tmp_path / ".ci/check.py", *names],
            check=False,
            capture_output=True,
            text=True,
        )

    return run


class TestChecks:
    def test_that_pass_are_named_and_counted(self, checked):
        done = checked(*LOCKS)
        assert done.returncode == 0
        assert "2 checks passed, 0 failed" in done.stdout
        assert all(f"== {name}\n" in done.stdout for name in LOCKS)

    def test_that_fail_are_named_with_what_they_found_and_stop_no_other(self, checked):
        done = checked(*LOCKS, added="\n--index-url https://packages.example.com/simple\n")
        assert done.returncode == 1
        found = "== locks name no host\n   a host stands in requirements.txt:"
        assert found in done.stdout
        assert "1 checks passed, 1 failed\n  locks name no host" in done.stdout
        assert "== locks in step\n" in done.stdout

    def test_that_do_not_exist_are_refused(self, checked):
        done = checked("locks in step", "spelling")
        assert done.returncode == 1
        assert "no such check: spelling" in done.stdout
