"""Where a command reads and writes: bytes in, since input need not be valid UTF-8; text out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO, TextIO


@dataclass(frozen=True)
class Streams:
    """`input` is read by lines or as a whole, `output` takes results, `errors` takes complaints."""

    input: BinaryIO
    output: TextIO
    errors: TextIO


def standard_streams() -> Streams:
    """Return the process's own streams; what is written is UTF-8 whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
