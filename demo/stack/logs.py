"""Shows the log of every process under its name, and keeps it in a file a process."""

import threading
from collections import deque
from pathlib import Path
from typing import IO, Final, TextIO

_LINES_KEPT: Final = 30
_LARGEST_FILE_BYTES: Final = 5_000_000
# Told apart by name first; the colours are the terminal's own, readable on light and dark.
_COLOURS: Final = (36, 33, 32, 35, 34, 96, 93, 92, 95)


class LogBook:
    """Collects the lines of many processes."""

    def __init__(self, folder: Path, terminal: TextIO, *, width: int = 16) -> None:
        """Write files to `folder` and all lines to `terminal`, names padded to `width`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._terminal: TextIO | None = terminal
        self._colours = terminal.isatty()
        self._width = width
        self._writing = threading.Lock()
        self._last: dict[str, deque[str]] = {}
        self._threads: dict[str, threading.Thread] = {}

    def follow(self, name: str, stream: IO[bytes]) -> None:
        """Read `stream` to its end, in a thread of its own."""
        self._last[name] = deque(maxlen=_LINES_KEPT)
        thread = threading.Thread(
            target=self._read, args=(name, stream), name=f"log of {name}", daemon=True
        )
        self._threads[name] = thread
        thread.start()

    def _read(self, name: str, stream: IO[bytes]) -> None:
        path = self._folder / f"{name}.log"
        if path.exists() and path.stat().st_size > _LARGEST_FILE_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("a", encoding="utf-8") as file, stream:
            for raw in stream:
                line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
                self._last[name].append(line)
                file.write(line + "\n")
                file.flush()
                self.say(name, line)

    def say(self, name: str, line: str) -> None:
        """Show one line under `name`."""
        prefix = f"{name:<{self._width}}"
        if self._colours:
            colour = _COLOURS[sum(name.encode()) % len(_COLOURS)]
            prefix = f"\033[{colour}m{prefix}\033[0m"
        with self._writing:
            if self._terminal is None:
                return
            try:
                self._terminal.write(f"{prefix} | {line}\n")
                self._terminal.flush()
            except (OSError, ValueError):
                self._terminal = None  # whoever looked has gone; the files go on

    def last_lines(self, name: str) -> str:
        """Return the end of what `name` has said, all of it if the process has ended."""
        thread = self._threads.get(name)
        if thread is not None:
            thread.join(timeout=1)
        return "\n".join(self._last.get(name, ()))
