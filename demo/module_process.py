"""A module of the demo as a process of its own, which writes its address when it listens."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PROJECT: Final = Path(__file__).resolve().parents[1]
_LONGEST_START_SECONDS: Final = 60


@contextmanager
def running_module(module: str, *arguments: str, called: str) -> Iterator[str]:
    """Run `python -m module --address-file FILE …`; yield its address, and stop it at the end.

    :raises RuntimeError: what is `called` so did not start; the text is what it wrote.
    """
    with tempfile.TemporaryDirectory() as folder:
        address_file, output = Path(folder) / "address", Path(folder) / "output"
        command = [sys.executable, "-m", module, "--address-file", str(address_file), *arguments]
        with output.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=_PROJECT, stdout=file, stderr=file, env=dict(os.environ)
            )
        try:
            yield _address(process, address_file, output, called)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _address(
    process: "subprocess.Popen[bytes]", address_file: Path, output: Path, called: str
) -> str:
    deadline = time.monotonic() + _LONGEST_START_SECONDS
    while time.monotonic() < deadline:
        if address_file.exists():
            return address_file.read_text(encoding="utf-8").strip()
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"{called} did not start: {output.read_text(encoding='utf-8')}")
