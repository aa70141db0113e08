"""What Orgwarden's own rollouts wrote, as the layer that rolls out tells it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from governance.baseline.structure.document import SubjectValue
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class OwnEdits:
    """How subjects stand by what rollouts that have not ended wrote: subject → values.

    Several values, where a call may have been made or not: each of them is the rollout's own.
    """

    written: Mapping[str, Sequence[SubjectValue | None]] = field(default_factory=dict)


OwnEditsSource = Callable[[Connection], OwnEdits]
_sources: Final[dict[str, OwnEditsSource]] = {}


def register_own_edits(name: str, source: OwnEditsSource) -> None:
    """Have a source be asked what it wrote."""
    _sources[name] = source


def own_edits(connection: Connection) -> OwnEdits:
    """Return what all sources wrote."""
    written: dict[str, list[SubjectValue | None]] = {}
    for source in _sources.values():
        for name, values in source(connection).written.items():
            written.setdefault(name, []).extend(values)
    return OwnEdits(written)
