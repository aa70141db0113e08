"""What a type of record declares of itself, once: its table, noun, identity and how it is kept.

Everything that needs to know it asks here: which row a record becomes, what a complete reading
closes, what is emptied for accounts that leave, what counts as a change of the organization.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

Tags = Mapping[str, str]


class Keep(StrEnum):
    """How the store keeps records of a type.

    VERSIONS: a row a state of the thing; one that differs gets a new row, one that a complete
    reading did not find is closed. IN_PLACE: a row a thing, written over. ON_OTHERS: no rows, but a
    column in the rows of others. IN_RUN: not at all; the run itself goes by them.
    """

    VERSIONS = "versions"
    IN_PLACE = "in_place"
    ON_OTHERS = "on_others"
    IN_RUN = "in_run"


class Owner(StrEnum):
    """What the things are a part of. Those of an account go with the account."""

    ORGANIZATION = "organization"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Record:
    """What collectors yield: a frozen dataclass, declared by `record`."""


@dataclass(frozen=True, slots=True)
class RecordType:
    """What `record` declares.

    `table`: the model in `inventory.models`, by name; empty for ON_OTHERS and IN_RUN. `noun`: one
    such thing, as screens and documents call it. `identity`: the columns that name the thing within
    an organization. `tagged_by`: the field by which a `TagsRecord` names it, empty if it has none.
    `derived`: AWS works it out from other things, so its versions are no changes of their own.
    """

    table: str
    noun: str
    identity: tuple[str, ...]
    owner: Owner
    keep: Keep
    tagged_by: str
    derived: bool


R = TypeVar("R", bound=Record)

_DECLARED: Final[dict[type[Record], RecordType]] = {}
RECORD_TYPES: Final[Mapping[type[Record], RecordType]] = MappingProxyType(_DECLARED)


def record(
    *,
    noun: str,
    table: str = "",
    identity: tuple[str, ...] = (),
    owner: Owner = Owner.ORGANIZATION,
    keep: Keep = Keep.VERSIONS,
    tagged_by: str = "",
    derived: bool = False,
) -> Callable[[type[R]], type[R]]:
    """Declare a type of record; the parameters are those of `RecordType`."""
    declared = RecordType(table, noun, identity, owner, keep, tagged_by, derived)

    def declare(kind: type[R]) -> type[R]:
        _DECLARED[kind] = declared
        return kind

    return declare


def identity_of(kind: type[Record]) -> tuple[str, ...]:
    """Return the columns that name a thing of this type within an organization."""
    return _DECLARED[kind].identity
