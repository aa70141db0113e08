"""Path questions on a graph of 500,000 principals and 2 million edges, without a database.

The claim: a question is answered within 0.5 s for 95 of 100, and the graph fits in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from demo.stack.state import ROOT

_SETTINGS: Final = "governance.config.settings.test"


def run() -> None:
    """Measure in a process of its own, which Django is set up in before anything is imported."""
    subprocess.run(
        [sys.executable, "-m", "benchmarks.trust_paths_questions"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": _SETTINGS},
    )
