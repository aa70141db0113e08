"""What a finding leads to: screens with more, and the one act that puts it right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingLink:
    """A screen with more about the finding."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class PrimaryAct:
    """The one button that puts the finding right."""

    label: str
    href: str
    icon: str
