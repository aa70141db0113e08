"""What of a request's plan a viewer is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.changes.life.required import entitled_people
from governance.changes.life.reviews import excluded_people
from governance.changes.models import ChangeRequest
from inventory.viewing import Viewer, sees_whole, targets_seen


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """The operations and rings that may be seen. `hides`: whether something is left out.

    `target_ids`: the targets that may be seen, at least by name; None: all.
    """

    operations: tuple[Mapping[str, Any], ...]
    rings: tuple[Mapping[str, Any], ...]
    hides: bool = False
    target_ids: frozenset[str] | None = field(default=None, repr=False)

    def sees(self, target_id: str) -> bool:
        """Return whether a target may be named."""
        return self.target_ids is None or target_id in self.target_ids


def shown_plan(viewer: Viewer, change_request: ChangeRequest) -> ShownPlan:
    """Return the whole plan to who made it or is asked to agree, to others what they may see.

    An operation that names a target outside is left out, and so is such a target of a ring.
    """
    operations, rings = tuple(change_request.operations), tuple(change_request.rings)
    if sees_whole(viewer, change_request.connection) or _is_asked(viewer, change_request):
        return ShownPlan(operations, rings)
    seen = frozenset(targets_seen(viewer, change_request.connection).attachment_targets)

    def is_shown(operation: Mapping[str, Any]) -> bool:
        named = (str(operation.get(name, "")) for name in ("target_id", "parent_id"))
        return all(not one or one.startswith("new-") or one in seen for one in named)

    shown = tuple(one for one in operations if is_shown(one))
    cut = tuple(
        {**ring, "targets": [one for one in ring["targets"] if one in seen]} for ring in rings
    )
    hides = shown != operations or cut != rings
    return ShownPlan(shown, tuple(one for one in cut if one["targets"]), hides, seen)


def _is_asked(viewer: Viewer, change_request: ChangeRequest) -> bool:
    person = viewer.person_id
    if person is None or viewer.token_places is not None:
        return False
    return (
        person in change_request.waiting_for
        or person in entitled_people(change_request)
        or person in excluded_people(change_request)
    )
