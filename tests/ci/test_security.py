"""The checks for secrets and for vulnerable packages find what they are for."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def check() -> ModuleType:
    """`.ci/check.py` as a module."""
    spec = importlib.util.spec_from_file_location("check", ROOT / ".ci/check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def repository(check, tmp_path, monkeypatch):
    """Return a function that tracks a file in an empty repository."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)

    def track(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        subprocess.run(["git", "add", name], cwd=tmp_path, check=True)

    return track


class TestSecrets:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("key = AKIA" + "Q7XZ2LM9P4RT6VWB", "AWS Access Key"),
            ("-----BEGIN " + "RSA PRIVATE KEY-----", "Private Key"),
            ("url = https://ada:correct" + "-horse@db.internal/", "Basic Auth Credentials"),
        ],
    )
    def test_are_found_and_not_repeated(self, check, repository, text, kind):
        repository("settings.txt", f"# nothing\n{text}\n")
        with pytest.raises(check.CheckFailed) as found:
            check.secrets_in_files()
        assert f"settings.txt:2 ({kind})" in str(found.value)
        assert text not in str(found.value)

    def test_that_are_none_pass(self, check, repository):
        repository("demo/keys.yaml", "id: AKIAORGWARDENDEMO001\n")
        repository("tests/test_urls.py", "url = 'https://user:pass@example.com'\n")
        repository("notes.txt", "0e5b3ae44c4f4d1b9a3e5f6a7b8c9d0e and AKIA alone\n")
        check.secrets_in_files()


class TestDependencies:
    def _answering(self, check, monkeypatch, *, code, out="", err=""):
        done = subprocess.CompletedProcess([], code, out, err)
        monkeypatch.setattr(check.subprocess, "run", lambda *_, **__: done)

    def test_that_are_vulnerable_fail_and_are_named(self, check, monkeypatch):
        table = "Name Version ID\nrequests 2.0.0 PYSEC-2018-28"
        said = "Found 1 known vulnerability in 1 package"
        self._answering(check, monkeypatch, code=1, out=table, err=said)
        with pytest.raises(check.CheckFailed, match=r"requests 2\.0\.0"):
            check.dependencies()

    def test_that_nobody_can_judge_are_loudly_passed_over(self, check, monkeypatch, capsys):
        self._answering(check, monkeypatch, code=1, err="ConnectionError: no route to host")
        check.dependencies()
        assert "NOT AUDITED" in capsys.readouterr().out

    def test_that_are_fine_pass_in_silence(self, check, monkeypatch, capsys):
        self._answering(check, monkeypatch, code=0)
        check.dependencies()
        assert capsys.readouterr().out == ""
