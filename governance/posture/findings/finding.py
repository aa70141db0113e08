"""What a structure finding is: what was measured, where, against which threshold, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One question that is asked of an organization's structure, and its name in the API.

    `examines`: what is looked at, in the plural. `order`: its place among the kinds, lowest first.
    `needs_scps`: it cannot be answered where SCPs are not in force. `needs_whole`: nor by who sees
    a part of the organization, because what is hidden decides it.
    """

    code: str
    label: str
    question: str
    examines: str
    order: int
    needs_scps: bool = False
    needs_whole: bool = False

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class FindingSeverity(StrEnum):
    """How much a finding matters, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


SEVERITIES: Final = {one.value: one for one in FindingSeverity}
"""Severities by code, worst first."""


class PlaceKind(StrEnum):
    """What a finding can be about, targets in AWS's words."""

    ROOT = "ROOT"
    ORGANIZATIONAL_UNIT = "ORGANIZATIONAL_UNIT"
    ACCOUNT = "ACCOUNT"
    POLICY = "POLICY"
    ROLE = "ROLE"


# Named tuples: hundreds of thousands of both are put into the cache and taken out of it.
class FindingPlace(NamedTuple):
    """Where something was found. `key`: an id, or a role's ARN. `said`: what was measured there."""

    kind: PlaceKind
    key: str
    name: str
    said: str = ""


class FindingMeasure(NamedTuple):
    """One thing that was measured, with its value in words."""

    label: str
    value: str


Threshold = Mapping[str, int | float | str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `title` is a sentence.

    `places`: the first is what the finding is about. `threshold`: the limits it was held against,
    by name. `accounts`: how many accounts have it. `part_title`: the title for who sees a part
    of its accounts, without the others' names and number; empty: the title tells of none.
    `majority`: what stands for the places that are as they should be, where others differ from it.
    """

    kind: FindingKind
    severity: FindingSeverity
    title: str
    places: tuple[FindingPlace, ...]
    measured: tuple[FindingMeasure, ...]
    threshold: Threshold
    remedy: str
    accounts: int
    about: str = ""
    part_title: str = ""
    majority: FindingPlace | None = None

    @property
    def key(self) -> str:
        """What names the finding as long as it holds: its kind and what it is about."""
        return f"{self.kind.code}:{self.places[0].key}" + (f":{self.about}" if self.about else "")


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Places of which a question cannot be answered, and why. Never the same as fine."""

    kind: FindingKind
    places: tuple[FindingPlace, ...]
    reason: str


@dataclass(slots=True)
class FindingAnswer:
    """What one question found. `examined`: how many things were looked at."""

    kind: FindingKind
    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    unjudged: list[Unjudged] = field(default_factory=list)

    def cannot_judge(self, places: Sequence[FindingPlace], reason: str) -> None:
        """Note places of which nothing can be said."""
        if places:
            self.unjudged.append(Unjudged(self.kind, tuple(places), reason))
