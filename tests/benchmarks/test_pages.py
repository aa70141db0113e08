"""Where the benchmarks' large database comes from."""

from contextlib import contextmanager

import pytest

from benchmarks import pages


def test_a_kept_folder_is_seeded_once_and_only_migrated_afterwards(tmp_path, monkeypatch):
    asked, folders = [], []

    @contextmanager
    def servers(folder):
        folders.append(folder)
        yield {}

    monkeypatch.setenv("ORGWARDEN_BENCH_FOLDER", str(tmp_path / "kept"))
    monkeypatch.delenv("ORGWARDEN_BENCH_SEEDED", raising=False)
    monkeypatch.setattr(pages, "servers", servers)
    monkeypatch.setattr(pages, "_manage", lambda *arguments, environment: asked.append(arguments))

    for _ in range(2):
        with pages.seeded_servers(), pytest.raises(pages.FolderInUse), pages.seeded_servers():
            pass

    assert folders == [tmp_path / "kept"] * 2
    assert asked == [("seed_scale",), ("migrate", "--no-input", "--verbosity=0")]
