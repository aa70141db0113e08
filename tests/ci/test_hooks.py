"""The hooks before a commit: a commit's subject, and checks that exist."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def check_subject(tmp_path: Path, message: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "commit_subject.py", file],
        capture_output=True,
        text=True,
        check=False,
    )


class TestCommitSubject:
    @pytest.mark.parametrize(
        "message",
        [
            "Scope root-user counts in Who can to the chosen OU",
            "S" * 72,
            "Read buckets by region\n\nBecause GetBucketPolicy answers only there.\n# a comment\n",
            "Merge branch 'main' of a name that is longer than what a subject may have, by far",
            "fixup! Read buckets by region",
        ],
    )
    def test_lets_pass_what_says_what_changed_in_one_line(self, tmp_path, message):
        done = check_subject(tmp_path, message)
        assert (done.returncode, done.stdout) == (0, "")

    @pytest.mark.parametrize(
        ("message", "says"),
        [
            ("S" * 73, "73 characters"),
            ("read buckets", "capital"),
            ("Read buckets.", "full stop"),
            ("Read buckets\nby region", "empty line"),
            ("\n\nRead buckets", "is empty"),
            ("# only a comment\n", "is empty"),
        ],
    )
    def test_refuses_the_rest_and_says_why(self, tmp_path, message, says):
        done = check_subject(tmp_path, message)
        assert done.returncode == 1
        assert says in done.stdout


class TestHooks:
    @pytest.fixture
    def hooks(self) -> list[dict[str, str]]:
        text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
        (repository,) = yaml.safe_load(text)["repos"]
        assert repository["repo"] == "local"
        found: list[dict[str, str]] = repository["hooks"]
        return found

    def test_run_from_the_environment_and_fetch_nothing(self, hooks):
        assert {hook["language"] for hook in hooks} == {"system"}
        assert all(hook["entry"].startswith(".venv/bin/python .ci/") for hook in hooks)

    def test_name_only_checks_that_exist(self, hooks):
        named = {
            name
            for hook in hooks
            for name in shlex.split(hook["entry"])[2:]
            if ".ci/check.py" in hook["entry"]
        }
        source = (ROOT / ".ci" / "check.py").read_text(encoding="utf-8")
        assert named
        assert [name for name in named if f'"{name}": ' not in source] == []
