"""Files, directories and standard input → usage, on all the processors that there are."""

from __future__ import annotations

import gc
import os
import re
import stat
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import chain
from multiprocessing import get_context
from typing import BinaryIO, Final, NamedTuple

from inventory.cloudtrail.decoding import GZIP, events_in, is_json_lines, unpacked_pieces
from inventory.cloudtrail.event_ids import SeenEvents
from inventory.cloudtrail.events import CloudTrailEvent
from inventory.cloudtrail.reduction import FileProblem, ReducedBatch, Reducer
from inventory.cloudtrail.usage import CloudTrailUsage
from inventory.garbage_collection import growing
from policies.catalogue import load_catalogue

STANDARD_INPUT: Final = "-"
_NAMES: Final = (".json", ".gz", ".jsonl", ".ndjson", ".log")
_BATCH_BYTES: Final = 32_000_000
"""Of text that one batch reads; a larger file is a batch of its own."""
_PIECE_BYTES: Final = 16_000_000
"""Of JSON lines, read piece by piece from files that are larger."""
_LONGEST_LINE: Final = 4_000_000
_BATCH_EVENTS: Final = 50_000
_ALONE_BYTES: Final = 24_000_000
"""Of text; up to here it takes longer to start processes than to read."""
_PACKED: Final = 12
"""How many times as long the text of a file is as the file that gzip made of it, about."""
_TIME: Final = re.compile(r"_(\d{8}T\d{4}Z)_[^/]*$")
_WAITING: Final = 2


class _FoundFile(NamedTuple):
    path: str
    size: int

    @property
    def text_size(self) -> int:
        """The length of its text, about."""
        return self.size * _PACKED if self.path.lower().endswith(".gz") else self.size


def reduce_files(paths: Sequence[str], *, processes: int | None = None) -> CloudTrailUsage:
    """Read files, everything below directories, and `-` for standard input; return their usage.

    Whatever cannot be read is in the result's `problems`. `processes`: as many as there are
    processors, unless given; small inputs are read in this one.
    """
    problems: list[FileProblem] = []
    # By the time in their names: then the events of a day are read together.
    files = sorted(_found(paths, problems), key=_by_time)
    with SeenEvents() as seen:
        usage = CloudTrailUsage(seen)
        usage.problems.extend(problems)
        if STANDARD_INPUT in paths:
            for batch in reduce_batch([STANDARD_INPUT]):
                usage.merge(batch)
        batches = list(_batches(files))
        count = processes or len(os.sched_getaffinity(0))
        if count == 1 or len(batches) == 1 or sum(file.text_size for file in files) < _ALONE_BYTES:
            for paths_of_batch in batches:
                for batch in reduce_batch(paths_of_batch):
                    usage.merge(batch)
        else:
            # Batches hold no circles, and very many objects to look at.
            with growing():
                for batch in _reduced_apart(batches, count):
                    usage.merge(batch)
        return usage


def _found(paths: Iterable[str], problems: list[FileProblem]) -> Iterator[_FoundFile]:
    for path in paths:
        if path == STANDARD_INPUT:
            continue
        if os.path.isdir(path):
            yield from _below(path, problems)
        elif (file := _sized(path, problems)) is not None:
            yield file


def _by_time(file: _FoundFile) -> tuple[str, str]:
    """Return what to sort by: the time that CloudTrail writes into a name, if it is there."""
    found = _TIME.search(file.path)
    return (found[1] if found is not None else "", file.path)


def _below(directory: str, problems: list[FileProblem]) -> Iterator[_FoundFile]:
    """Yield the files below a directory in order of their paths."""

    def denied(error: OSError) -> None:
        problems.append(FileProblem(error.filename or directory, why_not(error)))

    for folder, folders, names in os.walk(directory, onerror=denied):
        folders.sort()
        problems.extend(
            FileProblem(path, "a link to a directory, which is not followed")
            for path in (os.path.join(folder, name) for name in folders)
            if os.path.islink(path)
        )
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not _is_readable_kind(path):
                problems.append(FileProblem(path, "neither a file nor a directory"))
            elif _may_hold_events(path) and (file := _sized(path, problems)) is not None:
                yield file


def _is_readable_kind(path: str) -> bool:
    """Whether reading ends: a pipe or device in a directory would be waited for without end.

    What cannot be looked at is tried, and the attempt says what is wrong with it.
    """
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True


def _may_hold_events(path: str) -> bool:
    """Whether a file in a directory is read: by its name, or because it begins as one may."""
    name = os.path.basename(path).lower()
    if name.startswith("."):
        return False
    if name.endswith(_NAMES):
        return True
    try:
        with open(path, "rb") as file:
            start = file.read(64).lstrip()
    except OSError:
        return True
    return start[:2] == b"\x1f\x8b" or start[:1] in (b"{", b"[")


def _sized(path: str, problems: list[FileProblem]) -> _FoundFile | None:
    try:
        return _FoundFile(path, os.stat(path).st_size)
    except OSError as error:
        problems.append(FileProblem(path, why_not(error)))
        return None


def why_not(error: OSError) -> str:
    """Return in words why a file could not be opened or read."""
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror or type(error).__name__).lower()


def _batches(files: Iterable[_FoundFile]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for file in files:
        if batch and size + file.text_size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(file.path)
        size += file.text_size
    if batch:
        yield batch


def _reduced_apart(batches: Iterable[list[str]], processes: int) -> Iterator[ReducedBatch]:
    """Reduce batches in processes of their own; yield them in order, a few at a time."""
    waiting: deque[Future[list[ReducedBatch]]] = deque()
    load_catalogue()
    # A fork shares what is loaded; beside other threads it might copy a lock that one of them has.
    way = "fork" if threading.active_count() == 1 else "forkserver"
    with ProcessPoolExecutor(processes, get_context(way), gc.disable) as pool:
        for paths in batches:
            waiting.append(pool.submit(_reduced_list, paths))
            if len(waiting) >= processes * _WAITING:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _reduced_list(paths: list[str]) -> list[ReducedBatch]:
    return list(reduce_batch(paths))


def reduce_batch(paths: Iterable[str]) -> Iterator[ReducedBatch]:
    """Yield what the events of some files count for; several batches where there are many."""
    reducer = Reducer()
    for path in paths:
        problems: list[str] = []
        try:
            with _opened(path) as file:
                for events in _events(file, problems):
                    reducer.add(path, events)
                    if len(reducer) >= _BATCH_EVENTS:
                        yield reducer.batch()
                        reducer = Reducer()
        except OSError as error:
            problems.append(why_not(error))
        for why in problems:
            reducer.problem(path, why)
    yield reducer.batch()


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else open(path, "rb")


def _events(file: BinaryIO, problems: list[str]) -> Iterator[list[CloudTrailEvent]]:
    """Yield a file's events; many JSON lines are read piece by piece."""
    start = file.read(_PIECE_BYTES // 8)
    if len(start) < _PIECE_BYTES // 8:
        yield from events_in(start, problems)
        return
    broken: list[str] = []
    packed = chain((start,), iter(partial(file.read, 1_000_000), b""))
    pieces = unpacked_pieces(packed, broken) if start[:2] == GZIP else packed
    text = bytearray()
    for piece in pieces:
        text += piece
        if len(text) >= _PIECE_BYTES:
            break
    if is_json_lines(bytes(text[:_LONGEST_LINE])):
        for piece in chain(pieces, (b"\n",)):
            if len(text) >= _PIECE_BYTES or piece == b"\n":
                end = text.rfind(b"\n") + 1 if piece != b"\n" else len(text)
                yield from events_in(bytes(text[:end]), problems)
                del text[:end]
            text += piece
    else:
        for piece in pieces:
            text += piece
        yield from events_in(bytes(text), problems)
    problems.extend(broken)
