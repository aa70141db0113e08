"""Reads a proposed change from a file: YAML, JSON, or a zip of JSON files with the same inside.

A file lists what to do (`operations`) or the policies you want (`policies`), or both:

    title: Close eu-west-3
    reason: We leave Paris.
    applied: elsewhere
    operations:
      - kind: update_policy
        policy: deny-regions
        document: {Version: "2012-10-17", Statement: [...]}
    policies:
      - name: deny-users
        type: SERVICE_CONTROL_POLICY
        file: policies/deny-users.json
        targets: [Prod, "222222222222"]

A zip holds `change.yaml` or `change.json`, and the policies' texts beside it. Without it each file
`TYPE/NAME.json`, at any depth, is the text that the policy of that type and name is to have. What a
hand-out gives is such a zip.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from governance.changes.proposals.archives import ArchiveUnreadable, read_archive
from governance.changes.proposals.named_objects import NamedObjects
from governance.changes.proposals.wanted import OperationsWork, ProposalError
from governance.edits.placed_yaml import PlacedValue, YamlUnreadable, read_placed
from policies import ORGANIZATION_POLICY_TYPES

MOST_ERRORS: Final = 50
_MANIFESTS: Final = ("change.yaml", "change.yml", "change.json")
_TEXTS: Final = ("title", "reason", "ticket_url", "applied", "policy_ids", "revert_at")
_LISTS: Final = ("operations", "policies", "rings")
# What a hand-out says of itself, and which a proposal does not need.
_PASSED_OVER: Final = frozenset({"format", "number", "plan_sha256"})
# What a hand-out says of the tree; a proposal says it as operations.
_AS_OPERATIONS: Final = frozenset({"organizational_units", "accounts", "policy_types"})


class ProposalInvalid(ValueError):
    """A file cannot be read as a proposal. `errors`: each with its place."""

    def __init__(self, errors: Iterable[ProposalError]) -> None:
        self.errors = tuple(errors)[:MOST_ERRORS]
        super().__init__("; ".join(f"{each.place}: {each.message}" for each in self.errors))


@dataclass(frozen=True, slots=True)
class ReadProposal:
    """What a file asks for, as the API takes it: members of a change request.

    `operations`: in the form of `governance.edits.operations`. `rings`: as given, targets by id.
    """

    operations: tuple[dict[str, Any], ...]
    rings: tuple[dict[str, Any], ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the proposal as a body for POST change-requests."""
        return {**self.texts, "operations": list(self.operations), "rings": list(self.rings)}


def read_proposal(content: bytes, *, name: str, known: NamedObjects) -> ReadProposal:
    """Read a file. `name`: what it is called, by which its form is told.

    :raises ProposalInvalid: naming each place that is wrong.
    """
    try:
        if content[:4] == b"PK\x03\x04" or name.lower().endswith(".zip"):
            manifest, placed, files = _from_archive(read_archive(content))
        else:
            manifest = name
            placed, files = _placed(content, manifest), {}
    except ArchiveUnreadable as error:
        raise ProposalInvalid([ProposalError(error.file or name, str(error))]) from None
    return _Reader(manifest, placed, files, known).read()


def _placed(content: bytes, name: str) -> PlacedValue:
    try:
        return read_placed(content, typed_below=frozenset({"document", "aws_managed", "deleted"}))
    except YamlUnreadable as error:
        place = f"{name}, line {error.line}" if error.line else name
        raise ProposalInvalid([ProposalError(place, str(error))]) from None


def _from_archive(
    files: Mapping[str, bytes],
) -> tuple[str, PlacedValue, Mapping[str, bytes]]:
    manifests = [name for name in files if PurePosixPath(name).name in _MANIFESTS]
    if len(manifests) > 1:
        said = f"the zip holds several: {', '.join(sorted(manifests))}"
        raise ProposalInvalid([ProposalError(manifests[1], said)])
    if manifests:
        folder = PurePosixPath(manifests[0]).parent
        beside = {
            str(PurePosixPath(name).relative_to(folder)): text
            for name, text in files.items()
            if PurePosixPath(name).is_relative_to(folder)
        }
        return manifests[0], _placed(files[manifests[0]], manifests[0]), beside
    wanted = []
    for name in sorted(files):
        path = PurePosixPath(name)
        if path.suffix == ".json" and path.parent.name in set(ORGANIZATION_POLICY_TYPES):
            wanted.append({"name": path.stem, "type": path.parent.name, "file": name})
    if not wanted:
        said = "the zip holds neither change.yaml nor a file such as SERVICE_CONTROL_POLICY/x.json"
        raise ProposalInvalid([ProposalError("zip", said)])
    lines: dict[tuple[int | str, ...], int] = {}
    return "zip", PlacedValue({"policies": wanted}, lines), files


class _Reader:
    """Reads one manifest."""

    def __init__(
        self,
        name: str,
        placed: PlacedValue,
        files: Mapping[str, bytes],
        known: NamedObjects,
    ) -> None:
        self.name = name
        self.placed = placed
        self.errors: list[ProposalError] = []
        self.work = OperationsWork(known, self._text_of_file)
        self.files = files

    def read(self) -> ReadProposal:
        value = self.placed.value
        if not isinstance(value, dict):
            self.wrong((), "give names such as title and operations")
            raise ProposalInvalid(self.errors)
        self._check_names(value)
        texts = self._texts(value)
        lists = {name: self._list(name) for name in _LISTS}
        for number, one in enumerate(lists["operations"]):
            self._errors_of(("operations", number), self.work.operation(one))
        for number, one in enumerate(lists["policies"]):
            self._errors_of(("policies", number), self.work.policy(one))
        rings = [self._ring(number, one) for number, one in enumerate(lists["rings"])]
        if not self.errors:
            self._errors_of((), self.work.finish())
        if not self.errors and not self.work.operations:
            self.wrong((), "nothing would change: all policies are already like that")
        if self.errors:
            raise ProposalInvalid(self.errors)
        return ReadProposal(tuple(self.work.operations), tuple(rings), texts)

    def _check_names(self, value: Mapping[str, Any]) -> None:
        known = (*_TEXTS, *_LISTS)
        for name in value:
            if name in _AS_OPERATIONS:
                if value[name]:
                    self.wrong((name,), f"{name}: give what changes as operations")
            elif name not in known and name not in _PASSED_OVER:
                self.wrong((name,), f"{name} is not understood; known are {', '.join(known)}")

    def _texts(self, value: Mapping[str, Any]) -> dict[str, str]:
        texts = {}
        for name in _TEXTS:
            given = value.get(name)
            if isinstance(given, str):
                texts[name] = given
            elif given is not None:
                self.wrong((name,), "give a text")
        return texts

    def wrong(self, path: tuple[int | str, ...], message: str) -> None:
        """Note what is wrong at a place."""
        place = f"{self.name}, line {self.placed.line(path)}" if self.placed.lines else self.name
        self.errors.append(ProposalError(place, message))

    def _errors_of(
        self,
        path: tuple[int | str, ...],
        found: Iterable[tuple[tuple[int | str, ...], str]],
    ) -> None:
        for below, message in found:
            self.wrong((*path, *below), message)

    def _list(self, name: str) -> list[Any]:
        value = self.placed.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong((name,), "give a list")
            return []
        return value

    def _text_of_file(self, name: str) -> str:
        """Return the text of a file of the zip.

        :raises ValueError: there is none, or it is no text.
        """
        path = str(PurePosixPath(name))
        if path not in self.files:
            where = "the zip holds no such file" if self.files else "only a zip holds files"
            raise ValueError(f"{name}: {where}")
        try:
            text = self.files[path].decode("utf-8-sig")
            json.loads(text)
        except UnicodeDecodeError:
            raise ValueError(f"{name} is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise ValueError(
                f"{name}, line {error.lineno}, column {error.colno}: {error.msg}"
            ) from None
        except (ValueError, RecursionError):
            raise ValueError(f"{name} is not JSON") from None
        return text

    def _ring(self, number: int, one: Any) -> dict[str, Any]:
        path: tuple[int | str, ...] = ("rings", number)
        if not isinstance(one, dict):
            self.wrong(path, "give a ring with name, targets, soak_minutes and gate")
            return {}
        ring = dict(one)
        targets = ring.get("targets")
        if not isinstance(targets, list):
            self.wrong((*path, "targets"), "give a list of targets")
            return {}
        ring["targets"] = []
        for place, words in enumerate(targets):
            try:
                ring["targets"].append(self.work.target(words))
            except ValueError as error:
                self.wrong((*path, "targets", place), str(error))
        soak = ring.get("soak_minutes", "0")
        if not isinstance(soak, str) or not soak.isdecimal() or len(soak) > 6:
            self.wrong((*path, "soak_minutes"), "give whole minutes")
        else:
            ring["soak_minutes"] = int(soak)
        return ring
