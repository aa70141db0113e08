"""Reads members of a placed file and notes, by line, what is wrong with each and what was meant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from governance.edits.placed_yaml import PlacedValue
from governance.edits.suggestions import meant_or_listed

_LONGEST: Final = 4000
_MOST: Final = 300

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """What is wrong in a line, from 1, and how to mend it. `path`: such as `effect.actions.0`."""

    line: int
    path: str
    message: str


class FileInvalid(ValueError):
    """A file does not hold what it should. `problems`: all of them, by line."""

    def __init__(self, problems: Sequence[PlacedProblem], *, file: str = "") -> None:
        self.problems = tuple(sorted(problems, key=lambda one: (one.line, one.path)))
        self.file = file
        begins = f"{file}: " if file else ""
        super().__init__(
            "; ".join(
                f"{begins}line {one.line}: {one.path}: {one.message}".replace(": : ", ": ")
                for one in self.problems
            )
        )


class PlacedReader:
    """Goes through a file once; `problems` holds what it stumbled over."""

    def __init__(self, placed: PlacedValue) -> None:
        self._placed = placed
        self.problems: list[PlacedProblem] = []

    def _wrong(self, path: Path, message: str) -> None:
        shown = ".".join(str(step) for step in path)
        self.problems.append(PlacedProblem(self._placed.line(path), shown, message))

    def _members(
        self, value: Mapping[str, Any], known: Sequence[str], path: Path, required: Sequence[str]
    ) -> None:
        for name in value:
            if name not in known:
                hint = meant_or_listed(name, known, "there are")
                self._wrong((*path, name), f"there is no member {name}; {hint}")
        for name in required:
            if value.get(name) in (None, "", [], {}):
                self._wrong(path, f"{name} is missing")

    def _text(self, value: Mapping[str, Any], name: str, path: Path) -> str:
        found = value.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or len(found) > _LONGEST or "\0" in found:
            self._wrong((*path, name), f"give a text of {_LONGEST:,} characters at most")
            return ""
        return found.strip()

    def _texts(self, value: Mapping[str, Any], name: str, path: Path) -> tuple[str, ...]:
        found = value.get(name)
        if found is None:
            return ()
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            self._wrong((*path, name), "give a list of texts")
            return ()
        if len(found) > _MOST:
            self._wrong((*path, name), f"give {_MOST} at most")
        return tuple(dict.fromkeys(one.strip() for one in found))

    def _choice(
        self,
        value: Mapping[str, Any],
        name: str,
        path: Path,
        kind: Iterable[StrEnum],
        *,
        required: bool = False,
    ) -> str:
        found = value.get(name)
        known = [one.value for one in kind]
        if required and found in (None, ""):
            self._wrong((*path, name), f"{name} is missing; choose one of {', '.join(known)}")
            return ""
        if found is None:
            return ""
        if found not in known:
            hint = meant_or_listed(str(found), known, "choose one of")
            self._wrong((*path, name), f"{str(found)[:80]} is not valid; {hint}")
            return ""
        return str(found)

    def _each_of(self, given: Sequence[str], known: Sequence[str], path: Path) -> None:
        for number, one in enumerate(given):
            if one not in known:
                hint = meant_or_listed(one, known, "choose one of")
                self._wrong((*path, number), f"{one[:80]} is not known; {hint}")

    def _listed(self, value: Mapping[str, Any], name: str) -> Iterator[tuple[Path, Any]]:
        found = value.get(name)
        if found is None:
            return
        if isinstance(found, list):
            if not found:
                self._wrong((name,), "give one at least")
            yield from (((name, number), one) for number, one in enumerate(found))
        else:
            yield (name,), found

    def _object(self, value: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
        found = value.get(name)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            self._wrong((*path, name), "give an object")
            return {}
        return found
