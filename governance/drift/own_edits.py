"""What Orgwarden's own rollouts wrote, as the layer that rolls out tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from governance.baseline.structure.document import SubjectValue
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class OwnEdits:
    """What rollouts that go on, or ended lately, wrote last: subject → how it stands by that.

    `running`: the subjects of rollouts that have not ended.
    """

    written: Mapping[str, SubjectValue | None] = field(default_factory=dict)
    running: frozenset[str] = frozenset()


OwnEditsSource = Callable[[Connection], OwnEdits]
_sources: Final[dict[str, OwnEditsSource]] = {}


def register_own_edits(name: str, source: OwnEditsSource) -> None:
    """Have a source be asked what it wrote."""
    _sources[name] = source


def own_edits(connection: Connection) -> OwnEdits:
    """Return what all sources wrote."""
    written: dict[str, SubjectValue | None] = {}
    running: frozenset[str] = frozenset()
    for source in _sources.values():
        found = source(connection)
        written.update(found.written)
        running |= found.running
    return OwnEdits(written, running)
