"""`replay`: a change and recorded usage in, what the change would do to that usage out."""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from policies.cli.json_input import BadInput, as_object, decode_json, member, refuse_unknown
from policies.cli.policy_input import organization_of
from policies.cli.streams import Streams
from policies.cli.tree import TARGETS_HELP, TreeReader
from policies.compiled import Compiler, default_compiler
from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree
from policies.usage.joint import ReplayEffect
from policies.usage.record import NotUsage, usage_of_json
from policies.usage.replay import ControlTrees, UsageReplayer

_TREES: Final = {
    "before": PolicyType.SERVICE_CONTROL_POLICY,
    "after": PolicyType.SERVICE_CONTROL_POLICY,
    "resource_control_before": PolicyType.RESOURCE_CONTROL_POLICY,
    "resource_control_after": PolicyType.RESOURCE_CONTROL_POLICY,
}
_USAGE: Final = "usage"
_MEMBERS: Final = frozenset({*_TREES, _USAGE, "organization"})
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()
_WORTH_A_PROCESS: Final = 8_000_000
"""Of bytes of usage; with fewer, starting a process takes longer than reading them."""
_SHARED: Final[list[UsageReplayer]] = []
"""The replayer of the processes that are forked while it is in here: made once, before them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command and declare `--usage`."""
    parser.add_argument(
        "--usage",
        metavar="FILE",
        help="read the usage from a file, one record a line, in place of the input's member",
    )
    parser.description = (
        "Find what a change of an organization's policies would do to recorded usage. Reads one "
        "JSON object from standard input and writes one. Each record is decided under every level "
        "that binds it, before and after, as though all other policies allowed it."
    )
    parser.epilog = (
        'Input:\n  {"before": [targets], "after": [targets],\n'
        '   "resource_control_before": [targets], "resource_control_after": [targets], if RCPs '
        "are enabled,\n"
        '   "organization": {"id": "o-...", "management_account_id": 12 digits}, if known,\n'
        '   "usage": [records]}\n'
        + TARGETS_HELP
        + 'A record is {"account_id", "principal": an ARN, a service principal, or an account id '
        "if no more\n"
        'is known, "action", "resource": an ARN, which may have wildcards, or "*", "region", '
        '"context": {...},\n'
        '"unknown_context": [keys], "count", "denied", "first_at", "last_at"}.\n'
        'Output:\n  {"revoked": [records], "gained": [records],\n'
        '   "maybe": [records, each with "keys": what it depends on: context keys that are not '
        "known,\n"
        '             "resource" if only some of the resources are affected, "principal" if that '
        "is not known],\n"
        '   "unchanged": how many records, "unlisted_accounts": [accounts that no tree has],\n'
        '   "seconds": ...}\n'
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Replay the usage.

    :raises BadInput: the input is no such object, a tree is none, a record is none, or the file
        cannot be read.
    """
    usage_file = cast("str | None", arguments.usage)
    text = _text_of(streams.input.read())
    started = time.perf_counter()
    was_enabled = gc.isenabled()
    # Records hold no circles, and looking for some among so many takes a third of the time.
    gc.disable()
    try:
        reading = _InputReader(text, takes_usage=usage_file is None)
        if usage_file is None:
            found = reading.replayed().found()
        else:
            found = _replayed_file(Path(usage_file), reading.replayer())
    finally:
        if was_enabled:
            gc.enable()
    output = streams.output
    for name in ("revoked", "gained", "maybe"):
        output.write("{" if name == "revoked" else ", ")
        output.write(f'"{name}": [{getattr(found, name)}]')
    ending = {
        "unchanged": found.unchanged,
        "unlisted_accounts": sorted(found.unlisted_accounts),
        "seconds": round(time.perf_counter() - started, 6),
    }
    output.write(", " + json.dumps(ending)[1:] + "\n")
    return 0


class _ReplayFound(NamedTuple):
    """What becomes of records. The lists: records as JSON, without the brackets around them."""

    revoked: str
    gained: str
    maybe: str
    unchanged: int
    unlisted_accounts: frozenset[str]


class _ReplayedInput:
    """What was found so far, records as they were given."""

    def __init__(self, replayer: UsageReplayer) -> None:
        self._replayer = replayer
        self.revoked: list[JsonValue] = []
        self.gained: list[JsonValue] = []
        self.maybe: list[JsonValue] = []
        self.unchanged = 0

    def found(self) -> _ReplayFound:
        """Return what was found of all records that were added."""
        texts = [
            json.dumps(records, ensure_ascii=False)[1:-1]
            for records in (self.revoked, self.gained, self.maybe)
        ]
        revoked, gained, maybe = texts
        unlisted = self._replayer.unlisted_accounts
        return _ReplayFound(revoked, gained, maybe, self.unchanged, unlisted)

    def add(self, given: JsonValue) -> None:
        """Replay one record.

        :raises NotUsage: it is none.
        """
        use = self._replayer.replay(usage_of_json(given))
        match use.effect:
            case ReplayEffect.UNCHANGED:
                self.unchanged += 1
            case ReplayEffect.REVOKED:
                self.revoked.append(given)
            case ReplayEffect.GAINED:
                self.gained.append(given)
            case ReplayEffect.MAYBE:
                keys: list[JsonValue] = list(use.keys)
                self.maybe.append({**as_object(given, "a record"), "keys": keys})


class _Usage(NamedTuple):
    """Where the usage stands in the text, and what was found in it under the members so far."""

    start: int
    found: _ReplayedInput | None


class _InputReader:
    """Reads the input member by member; of the usage, one record at a time is in memory.

    The usage is replayed while it is read where every tree stands before it, as in the order of
    the help; where a member follows it, it is read once more.
    """

    def __init__(self, text: str, *, takes_usage: bool) -> None:
        self._text = text
        self._takes_usage = takes_usage
        self._given: dict[str, JsonValue] = {}
        self._usage: _Usage | None = None
        self._read()

    def replayed(self) -> _ReplayedInput:
        """Return what becomes of the input's usage.

        :raises BadInput: there is none, or a record is none.
        """
        if self._usage is None:
            raise BadInput(f'the input lacks "{_USAGE}"')
        found = self._usage.found
        if found is None:
            found = _ReplayedInput(self.replayer())
            self._each_record(self._usage.start, found.add)
        return found

    def replayer(self) -> UsageReplayer:
        """Return the replayer of the input's trees.

        :raises BadInput: one that is needed is not there, or one is none.
        """
        compiler = default_compiler()
        for name in ("before", "after"):
            member(self._given, name, "the input")
        organization = organization_of(self._given.get("organization"))
        before, after, rcp_before, rcp_after = self._trees(compiler)
        return UsageReplayer(
            ControlTrees(before, rcp_before),
            ControlTrees(after, rcp_after),
            organization,
            compiler,
        )

    def _trees(self, compiler: Compiler) -> list[TargetTree | None]:
        readers = {kind: TreeReader(compiler, kind) for kind in _TREES.values()}
        return [
            None
            if self._given.get(name) is None
            else readers[kind].read(self._given[name], f'"{name}"')
            for name, kind in _TREES.items()
        ]

    def _read(self) -> None:
        text = self._text
        at = _SPACE.match(text, 0)
        place = at.end() if at else 0
        if not text.startswith("{", place):
            as_object(decode_json(text.encode()), "the input")
        place = self._after_space(place + 1)
        while not text.startswith("}", place):
            if self._given or self._usage:
                place = self._after_space(self._expect(",", place))
            name, place = self._value(place)
            if not isinstance(name, str) or text[place - 1] != '"':
                raise BadInput("this is not JSON: a member's name must be text in quotes")
            refuse_unknown({name: None}, _MEMBERS, "the input")
            if name in self._given or (name == _USAGE and self._usage):
                raise BadInput(f'"{name}" appears twice; keep one')
            place = self._after_space(self._expect(":", self._after_space(place)))
            if name == _USAGE:
                place = self._read_usage(place)
            else:
                self._given[name], place = self._value(place)
                if self._usage is not None:
                    self._usage = self._usage._replace(found=None)
            place = self._after_space(place)
        if self._after_space(place + 1) != len(text):
            raise BadInput("this is not JSON: more follows after the object")

    def _read_usage(self, place: int) -> int:
        if not self._takes_usage:
            raise BadInput(f'the usage is given twice: leave out "{_USAGE}", or --usage')
        found = None
        if {"before", "after"} <= self._given.keys():
            found = _ReplayedInput(self.replayer())
        self._usage = _Usage(place, found)
        return self._each_record(place, found.add if found else _pass_over)

    def _each_record(self, place: int, take: Callable[[JsonValue], None]) -> int:
        """Take every record of the list that begins at a place; return the place behind it."""
        text, decode, space = self._text, _DECODER.raw_decode, _SPACE.match
        if not text.startswith("[", place):
            value, _ = self._value(place)
            raise BadInput(f'"{_USAGE}" must be a list, not {json.dumps(value)[:20]}')
        place = self._after_space(place + 1)
        number = 0
        while not text.startswith("]", place):
            if number:
                place = self._after_space(self._expect(",", place))
            try:
                given, place = decode(text, place)
                take(cast(JsonValue, given))
            except NotUsage as error:
                raise BadInput(f"{_USAGE}[{number}]: {error}") from error
            except (json.JSONDecodeError, RecursionError) as error:
                raise self._not_json(error) from error
            number += 1
            if text[place : place + 1] not in (",", "]"):
                after = space(text, place)
                place = after.end() if after else place
        return place + 1

    def _value(self, place: int) -> tuple[JsonValue, int]:
        try:
            value, end = _DECODER.raw_decode(self._text, place)
        except (ValueError, RecursionError) as error:
            raise self._not_json(error) from error
        return cast(JsonValue, value), end

    def _expect(self, character: str, place: int) -> int:
        if not self._text.startswith(character, place):
            decode_json(self._text.encode())
            raise BadInput(f"this is not JSON: {character} is missing at character {place + 1}")
        return place + 1

    def _after_space(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _not_json(self, error: Exception) -> BadInput:
        if isinstance(error, json.JSONDecodeError):
            where = f"{error.msg} at line {error.lineno}, column {error.colno}"
            return BadInput(f"this is not JSON: {where}")
        return BadInput("this is not JSON: it nests too deep or holds too long a number")


def _pass_over(_: JsonValue) -> None:
    """Leave a record for later: not every tree is known yet."""


def _text_of(given: bytes) -> str:
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start + 1} is not UTF-8") from error


def _replayed_file(path: Path, replayer: UsageReplayer) -> _ReplayFound:
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
            return _replayed_lines(path, lines, replayer)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def _replayed_lines(path: Path, lines: Iterable[bytes], replayer: UsageReplayer) -> _ReplayFound:
    found = _ReplayedInput(replayer)
    for number, value in _decoded_lines(path, lines):
        try:
            found.add(value)
        except NotUsage as error:
            raise BadInput(f"{path}, line {number}: {error}") from error
    return found.found()


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
) -> _ReplayFound | None:
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
    return _ReplayFound(
        _joined(part.revoked for part in parts),
        _joined(part.gained for part in parts),
        _joined(part.maybe for part in parts),
        sum(part.unchanged for part in parts),
        unlisted,
    )


def _joined(lists: Iterable[str]) -> str:
    return ", ".join(text for text in lists if text)


def _replayed_span(path: Path, span: tuple[int, int]) -> _ReplayFound:
    with path.open("rb") as lines:
        lines.seek(span[0])
        return _replayed_lines(path, _until(lines, span[1]), _SHARED[0])


def _until(lines: BinaryIO, end: int) -> Iterator[bytes]:
    place = lines.tell()
    for line in lines:
        if place >= end:
            return
        place += len(line)
        yield line


def _decoded_lines(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, JsonValue]]:
    decode = _DECODER.raw_decode
    for number, line in enumerate(lines, 1):
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
