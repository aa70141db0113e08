"""The input of `replay`, read member by member."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from policies.cli.json_input import BadInput, as_object, decode_json, member, refuse_unknown
from policies.cli.policy_input import organization_of
from policies.cli.replay_found import DECODER, ReplayedRecords
from policies.cli.tree import TreeReader
from policies.compiled import Compiler, default_compiler
from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree
from policies.usage.record import NotUsage
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


class _Usage(NamedTuple):
    """Where the usage stands in the text, and what was found in it under the members so far."""

    start: int
    found: ReplayedRecords | None


class InputReader:
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

    def replayed(self) -> ReplayedRecords:
        """Return what becomes of the input's usage.

        :raises BadInput: there is none, or a record is none.
        """
        if self._usage is None:
            raise BadInput(f'the input lacks "{_USAGE}"')
        found = self._usage.found
        if found is None:
            found = ReplayedRecords(self.replayer())
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
            found = ReplayedRecords(self.replayer())
        self._usage = _Usage(place, found)
        return self._each_record(place, found.add if found else _pass_over)

    def _each_record(self, place: int, take: Callable[[JsonValue], None]) -> int:
        """Take every record of the list that begins at a place; return the place behind it."""
        text, decode, space = self._text, DECODER.raw_decode, _SPACE.match
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
            value, end = DECODER.raw_decode(self._text, place)
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


def text_of(given: bytes) -> str:
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start + 1} is not UTF-8") from error
