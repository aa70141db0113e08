"""Reads owners and labels from a CSV or YAML file: what would change, and what is wrong by line."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from governance.access.owners.labelling import VALUES
from governance.access.owners.labels import LabelMap, target_words
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.parties import Parties, PartyKey
from governance.access.owners.targets import OwnedTarget

LARGEST_BYTES: Final = 2_000_000
MOST_LINES: Final = 5_000
COLUMNS: Final = ("target", "owner", "environment", "criticality")
_SEPARATOR: Final = ";"
_LONGEST: Final = 300


class UnreadableFile(ValueError):
    """The file is no CSV or YAML of owners at all; the message says why."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One entry: its line from 1, and its cells as text; None: the column is not given."""

    number: int
    target: str
    owners: tuple[str, ...] | None
    labels: Mapping[LabelKind, str]


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong in a line, and how to mend it."""

    number: int
    message: str


@dataclass(slots=True)
class FileChanges:
    """What a file asks for. `owners`: target id → exactly these; `labels`: kind → target → value.

    `line_of`: in which line each target is. `errors`: lines that cannot be done; with one,
    nothing is done.
    """

    line_of: dict[str, int] = field(default_factory=dict)
    owners: dict[str, tuple[PartyKey, ...]] = field(default_factory=dict)
    labels: dict[LabelKind, dict[str, str]] = field(default_factory=dict)
    errors: list[LineError] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """64 hex digits that are equal for equal changes: what was shown is what is done."""
        told = [
            sorted((target, sorted(map(str, keys))) for target, keys in self.owners.items()),
            sorted((kind.value, sorted(values.items())) for kind, values in self.labels.items()),
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def file_lines(content: bytes, *, name: str) -> list[FileLine]:
    """Read a file's entries. CSV has a head line; YAML is a list of mappings with its names.

    :raises UnreadableFile: too large, no UTF-8, or of another form.
    """
    if len(content) > LARGEST_BYTES:
        raise UnreadableFile(f"the file is larger than {LARGEST_BYTES // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"the file is not UTF-8 (byte {error.start})") from None
    if "\0" in text:
        raise UnreadableFile("the file holds the character NUL")
    reads = _yaml_lines if name.lower().endswith((".yaml", ".yml")) else _csv_lines
    lines = list(reads(text))
    if not lines:
        raise UnreadableFile("the file has no entry")
    if len(lines) > MOST_LINES:
        raise UnreadableFile(f"the file has more than {MOST_LINES:,} entries")
    return lines


def _csv_lines(text: str) -> Iterator[FileLine]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [cell.strip().lower() for cell in next(reader, [])]
        _check_names(head, 1)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(head):
                raise UnreadableFile(
                    f"line {reader.line_num}: {len(cells)} cells, and the head has {len(head)}"
                )
            yield _line(reader.line_num, dict(zip(head, cells, strict=False)))
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num}: {error}") from None


def _check_names(names: Sequence[str], number: int) -> None:
    unknown = sorted({one for one in names if one not in COLUMNS})
    if unknown:
        raise UnreadableFile(
            f"line {number}: {', '.join(unknown)[:_LONGEST]} is not a column; columns are "
            f"{', '.join(COLUMNS)}"
        )
    if len(set(names)) != len(names):
        raise UnreadableFile(f"line {number}: a column comes twice")
    if "target" not in names or len(names) < 2:
        raise UnreadableFile(
            f"line {number}: give the column target, and owner, environment or criticality"
        )


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors, which a small file could grow without bound by."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node.

        :raises UnreadableFile: it is an alias.
        """
        if self.check_event(yaml.events.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise UnreadableFile(f"line {line}: aliases (*) are not read")
        return super().compose_node(parent, index)


def _yaml_lines(text: str) -> Iterator[FileLine]:
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableFile(f"line {line}: {error.problem or 'no YAML'}") from None
    except (yaml.YAMLError, RecursionError):
        raise UnreadableFile("this is not YAML") from None
    if not isinstance(node, yaml.SequenceNode):
        raise UnreadableFile("give a list of entries, each with target and owner")
    for entry in node.value:
        number = entry.start_mark.line + 1
        if not isinstance(entry, yaml.MappingNode):
            raise UnreadableFile(f"line {number}: an entry has names, such as target and owner")
        cells = {_scalar(key): _cell(value) for key, value in entry.value}
        _check_names([_scalar(key) for key, _ in entry.value], number)
        yield _line(number, cells)


def _scalar(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise UnreadableFile(f"line {node.start_mark.line + 1}: text is expected here")
    return str(node.value)


def _cell(node: Any) -> str:
    if isinstance(node, yaml.SequenceNode):
        return _SEPARATOR.join(_scalar(one) for one in node.value)
    return _scalar(node)


def _line(number: int, cells: Mapping[str, str]) -> FileLine:
    owner = cells.get("owner")
    labels = {kind: cells[kind.value].strip() for kind in LabelKind if kind.value in cells}
    return FileLine(
        number,
        cells.get("target", "").strip(),
        None
        if owner is None
        else tuple(one.strip() for one in owner.split(_SEPARATOR) if one.strip()),
        labels,
    )


def owner_words(lines: Sequence[FileLine]) -> set[str]:
    """Return the words that lines name owners with, to read those people and groups."""
    return {words for line in lines for words in line.owners or ()}


def file_changes(lines: Sequence[FileLine], *, labels: LabelMap, parties: Parties) -> FileChanges:
    """Return what lines ask for; targets by id, or by a name that only one has.

    An empty owner or label takes away what stands there by hand. Several owners of a target are
    separated by `;` in one line.
    """
    found = FileChanges()
    by_name: dict[str, list[OwnedTarget]] = {}
    for one in labels.tree.by_id.values():
        by_name.setdefault(one.name.casefold(), []).append(one)
    for line in lines:
        target, message = _target(line.target, labels, by_name)
        if target is None:
            found.errors.append(LineError(line.number, message))
            continue
        if target.target_id in found.line_of:
            earlier = found.line_of[target.target_id]
            message = f"{target_words(target)} is in line {earlier} already"
            found.errors.append(LineError(line.number, message))
            continue
        found.line_of[target.target_id] = line.number
        _read_owners(line, target, parties, found)
        _read_labels(line, target, found)
    found.errors.sort(key=lambda error: error.number)
    return found


def _target(
    words: str, labels: LabelMap, by_name: Mapping[str, Sequence[OwnedTarget]]
) -> tuple[OwnedTarget | None, str]:
    if not words:
        return None, "no target; give an account id, an OU id or a name"
    known = labels.tree.by_id.get(words)
    if known is not None:
        return known, ""
    # A spreadsheet drops the zeros that an account id begins with.
    if words.isdecimal() and len(words) < 12 and words.zfill(12) in labels.tree.by_id:
        return None, f"account ids have 12 digits; is it {words.zfill(12)}?"
    named = by_name.get(words.casefold(), ())
    if len(named) == 1:
        return named[0], ""
    if named:
        return None, f"{len(named)} targets are called {words[:_LONGEST]!r}; give the id"
    return None, f"{words[:_LONGEST]!r} is not a root, OU or account of this organization"


def _read_owners(line: FileLine, target: OwnedTarget, parties: Parties, found: FileChanges) -> None:
    if line.owners is None:
        return
    keys = []
    for words in line.owners:
        key = parties.named(words)
        if key is None:
            found.errors.append(
                LineError(
                    line.number,
                    f"{words[:_LONGEST]!r} matches no user name, e-mail or group",
                )
            )
        elif parties.get(key).has_left:
            found.errors.append(
                LineError(line.number, f"{words[:_LONGEST]!r} is deactivated, or an empty group")
            )
        else:
            keys.append(key)
    found.owners[target.target_id] = tuple(dict.fromkeys(keys))


def _read_labels(line: FileLine, target: OwnedTarget, found: FileChanges) -> None:
    for kind, value in line.labels.items():
        if value and value.lower() not in VALUES[kind]:
            choices = ", ".join(VALUES[kind])
            message = f"{kind.value} {value[:_LONGEST]!r} is none of {choices}"
            found.errors.append(LineError(line.number, message))
            continue
        found.labels.setdefault(kind, {})[target.target_id] = value.lower()
