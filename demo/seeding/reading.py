"""Reading data with errors that name the file and the key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

# The C loader reads the same YAML ten times as fast; not every platform's wheel has it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadOrganization(ValueError):
    """The organization's data are wrong. The text names file, key and what was expected."""


class Node:
    """A value somewhere in a file: `where` is the file and the way of keys to it."""

    def __init__(self, where: str, value: Any) -> None:
        self.where = where
        self.value = value

    def bad(self, words: str) -> BadOrganization:
        return BadOrganization(f"{self.where}: {words}")

    def mapping(self, *allowed: str) -> dict[str, "Node"]:
        """Return the entries; with `allowed` no other key may be there."""
        if not isinstance(self.value, dict):
            raise self.bad(f"expected keys and values, found {self.value!r}")
        if allowed and (unknown := sorted(set(map(str, self.value)) - set(allowed))):
            raise self.bad(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(allowed))}")
        return {str(key): Node(f"{self.where}: {key}", value) for key, value in self.value.items()}

    def items(self) -> Iterator["Node"]:
        """Yield the entries of a list; they are named by their `name` where they have one."""
        if not isinstance(self.value, list):
            raise self.bad(f"expected a list, found {self.value!r}")
        for number, value in enumerate(self.value, start=1):
            name = value.get("name") if isinstance(value, dict) else None
            yield Node(f"{self.where}: {name or number}", value)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.bad(f"expected text, found {self.value!r}")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            raise self.bad(f"expected a number, found {self.value!r}")
        return float(self.value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.bad(f"expected true or false, found {self.value!r}")
        return self.value

    def texts(self) -> list[str]:
        if isinstance(self.value, str):
            return [self.value]
        return [item.text() for item in self.items()]

    def tags(self) -> dict[str, str]:
        tags = {}
        for key, item in self.mapping().items():
            if isinstance(item.value, (dict, list)) or item.value is None:
                raise item.bad("a tag's value is text")
            tags[key] = str(item.value).lower() if isinstance(item.value, bool) else str(item.value)
        return tags


def required(entries: dict[str, Node], key: str, of: Node) -> Node:
    """Return the entry.

    :raises BadOrganization: it is missing.
    """
    if key not in entries:
        raise of.bad(f"the key {key!r} is missing")
    return entries[key]


def read_yaml(path: Path, folder: Path) -> Node:
    """Return a YAML file's content; errors name the file relative to `folder`'s parent.

    :raises BadOrganization: the file is missing or no YAML.
    """
    name = str(path.relative_to(folder.parent)) if path.is_relative_to(folder.parent) else str(path)
    try:
        return Node(name, yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader))  # noqa: S506
    except FileNotFoundError as error:
        raise BadOrganization(f"{name}: the file is missing") from error
    except yaml.YAMLError as error:
        raise BadOrganization(f"{name}: no YAML: {' '.join(str(error).split())}") from error
