"""A file of usage, replayed on all processors where it is large."""

from __future__ import annotations

import gc
import os
import stat
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import pairwise
from math import inf
from multiprocessing import get_context
from operator import methodcaller
from pathlib import Path
from typing import BinaryIO, Final, cast

from policies.cli.json_input import BadInput, decode_json
from policies.cli.replay_found import DECODER, ReplayedRecords, ReplayFound
from policies.language.json_reader import JsonValue
from policies.usage.record import RECORD_BEGINS, NotUsage
from policies.usage.replay import UsageReplayer

_WORTH_A_PROCESS: Final = 8_000_000
"""Of bytes of usage; with fewer, starting a process takes longer than reading them."""
_BYTES_AT_ONCE: Final = 40_000
"""More take longer: what is decoded then leaves the processor's cache before it is replayed."""
_SHARED: Final[list[UsageReplayer]] = []
"""The replayer of the processes that are forked while it is in here: made once, before them."""


def replayed_file(path: Path, replayer: UsageReplayer) -> ReplayFound:
    """Replay the records of a file, on all processors where it is large.

    :raises BadInput: a line is no record, or the file cannot be read.
    """
    try:
        with path.open("rb") as lines:
            spans = _spans(path, lines)
            if len(spans) > 1:
                found = _replayed_apart(path, replayer, spans)
                if found is not None:
                    return found
            return _replayed_blocks(path, _blocks(lines), replayer)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def _replayed_blocks(
    path: Path, blocks: Iterable[Sequence[bytes]], replayer: UsageReplayer
) -> ReplayFound:
    found = ReplayedRecords(replayer)
    first = 1
    for block in blocks:
        _replay_block(path, block, first, found)
        first += len(block)
    return found.found()


def _replay_block(path: Path, block: Sequence[bytes], first: int, found: ReplayedRecords) -> None:
    """Replay some lines, of which the first has number `first`."""
    values = _decoded_together(block)
    try:
        if values is not None:
            for value in values:
                found.add(value)
            return
    except NotUsage:
        values = None  # a line is no record: one by one they say which
    for number, value in _decoded_lines(path, block, first):
        try:
            found.add(value)
        except NotUsage as error:
            raise BadInput(f"{path}, line {number}: {error}") from error


def _decoded_together(block: Sequence[bytes]) -> list[JsonValue] | None:
    """Decode lines as one list, which takes a third less; None where each must be looked at.

    A record over two lines would have one record begin within another, which makes it none.
    """
    if not all(map(methodcaller("startswith", RECORD_BEGINS), block)):
        return None
    try:
        values = DECODER.decode(f"[{b','.join(block).decode()}]")
    except (ValueError, RecursionError):
        return None
    return cast("list[JsonValue]", values) if len(values) == len(block) else None


def _spans(path: Path, lines: BinaryIO) -> list[tuple[int, int]]:
    """Return from where to where each processor reads a file: at ends of lines.

    One, or none, where starting processes would take longer, or where there is nothing to seek in.
    """
    found = os.stat(path)
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    count = min(count, found.st_size // _WORTH_A_PROCESS) if stat.S_ISREG(found.st_mode) else 1
    if count < 2 or threading.active_count() > 1:
        return []
    ends = []
    for number in range(1, count):
        lines.seek(found.st_size * number // count)
        lines.readline()
        ends.append(lines.tell())
    lines.seek(0)
    return list(pairwise([0, *dict.fromkeys(ends), found.st_size]))


def _replayed_apart(
    path: Path, replayer: UsageReplayer, spans: Sequence[tuple[int, int]]
) -> ReplayFound | None:
    """Replay each span in a process of its own; None: a line is wrong, which one is not known."""
    context = get_context("fork")
    with ProcessPoolExecutor(len(spans), context, gc.disable) as pool:
        _SHARED.append(replayer)
        try:
            parts = list(pool.map(partial(_replayed_span, path), spans))
        except (BadInput, BrokenProcessPool):
            return None
        finally:
            _SHARED.clear()
    unlisted = frozenset[str]().union(*(part.unlisted_accounts for part in parts))
    return ReplayFound(
        _joined(part.revoked for part in parts),
        _joined(part.gained for part in parts),
        _joined(part.maybe for part in parts),
        sum(part.unchanged for part in parts),
        unlisted,
    )


def _joined(lists: Iterable[str]) -> str:
    return ", ".join(text for text in lists if text)


def _replayed_span(path: Path, span: tuple[int, int]) -> ReplayFound:
    with path.open("rb") as lines:
        lines.seek(span[0])
        return _replayed_blocks(path, _blocks(lines, span[1] - span[0]), _SHARED[0])


def _blocks(lines: BinaryIO, size: float = inf) -> Iterator[Sequence[bytes]]:
    """Yield the lines of the next `size` bytes, some at a time."""
    while size > 0:
        # It stops behind the line with which there are more bytes than these; 0 stops nowhere.
        most = int(min(_BYTES_AT_ONCE, size - 1))
        block = lines.readlines(most) if most else [lines.readline()]
        if not block:
            return
        size -= sum(map(len, block))
        yield block


def _decoded_lines(
    path: Path, lines: Iterable[bytes], first: int
) -> Iterator[tuple[int, JsonValue]]:
    decode = DECODER.raw_decode
    for number, line in enumerate(lines, first):
        try:
            text = line.decode()
            value, end = decode(text)
        except (ValueError, RecursionError):
            end = -1
        if end == -1 or (end < len(text) and not text[end:].isspace()):
            # What is no record to the letter is decoded once more, to say what is wrong with it.
            if line.isspace():
                continue
            try:
                value = decode_json(line)
            except BadInput as error:
                raise BadInput(f"{path}, line {number}: {error}") from error
        yield number, cast(JsonValue, value)
