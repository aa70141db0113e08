"""One line of the palette, and the groups that lines stand in."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """One line. `note`: what tells it apart from lines of the same label."""

    label: str
    note: str
    icon: str
    href: str


# A heading with its lines.
HitGroup = tuple[str, Sequence[Hit]]
