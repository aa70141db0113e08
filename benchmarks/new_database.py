"""Runs a benchmark's module with servers and a migrated database of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.pages import servers
from demo.stack.state import ROOT


def run_in_new_database(module: str) -> None:
    """Run a module in a process of its own, since Django can be set up for one database only.

    :raises subprocess.CalledProcessError: the module failed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name,
        servers(Path(name)) as environment,
    ):
        for one in ("demo.new_database", module):
            subprocess.run([sys.executable, "-m", one], check=True, cwd=ROOT, env=environment)
