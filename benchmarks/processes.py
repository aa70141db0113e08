"""What a process and those it started cost: processor seconds and memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

# Reading the maps of a few processes takes 50 ms of what is measured: often at first, since a short
# run must be seen as well, then seldom.
_FIRST_SAMPLE_SECONDS = 0.25
_SAMPLE_SECONDS = 3.0
_MEGABYTE = 1_000_000


@dataclass
class Use:
    """`together_megabytes`: the peak of all, shared pages counted once (PSS).

    `largest_megabytes`: the peak of the largest process, shared pages included (RSS).
    """

    processor_seconds: float = 0.0
    together_megabytes: float = 0.0
    largest_megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Seconds that a process has used, and its session in the database, by the session's pid."""

    own: float
    session: int = 0
    in_session: float = 0.0

    def since(self, before: ProcessorTime) -> float:
        """Return what was used between two times.

        Django takes another session when one is a minute old. Its seconds all belong to what was
        measured; the last ones of the session before are lost.
        """
        from_then_on = self.session == before.session
        earlier = before.in_session if from_then_on else 0.0
        return self.own - before.own + self.in_session - earlier


@contextmanager
def measured_use(pid: int) -> Iterator[Use]:
    """Measure a running process with its children; the figures are whole when the block ends."""
    use = Use()
    over = threading.Event()

    def sample() -> None:
        seconds = _FIRST_SAMPLE_SECONDS
        while not over.wait(seconds):
            _sample(pid, use)
            seconds = min(2 * seconds, _SAMPLE_SECONDS)

    before = _processor_seconds(pid)
    _sample(pid, use)
    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield use
    finally:
        over.set()
        sampler.join()
        use.processor_seconds = _processor_seconds(pid) - before


def largest_child_megabytes(pid: int) -> float:
    """Return what the largest process that `pid` started holds for itself alone (USS)."""
    return max(
        child.memory_full_info().uss / _MEGABYTE
        for child in psutil.Process(pid).children(recursive=True)
    )


def _family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _sample(pid: int, use: Use) -> None:
    together = 0
    for process in _family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            memory = process.memory_full_info()
            # Other systems than Linux do not tell shared pages apart.
            together += getattr(memory, "pss", memory.rss)
            use.largest_megabytes = max(use.largest_megabytes, memory.rss / _MEGABYTE)
    use.together_megabytes = max(use.together_megabytes, together / _MEGABYTE)


def _processor_seconds(pid: int) -> float:
    # What ended children used counts with their parent.
    times = [process.cpu_times() for process in _family(pid)]
    ended = times[0].children_user + times[0].children_system
    return float(sum(each.user + each.system for each in times) + ended)
