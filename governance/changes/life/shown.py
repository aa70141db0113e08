"""What of a request's plan a viewer is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from governance.changes.life.required import entitled_people
from governance.changes.life.reviews import excluded_people
from governance.changes.models import ChangeRequest, Evidence
from governance.effects.headline import headline
from inventory.viewing import Viewer, sees_whole, targets_seen

_TARGET_IDS: Final = re.compile(r"\b(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12})\b")


def names_target(object_id: str) -> bool:
    """Return whether an id is that of a root, OU or account."""
    return _TARGET_IDS.fullmatch(object_id) is not None


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


def shown_part(value: Any, plan: ShownPlan) -> Any:
    """Return what a viewer may see of JSON about a request: evidence, a plan, a line of a log.

    What names a hidden target is left out: members of lists, and keys of objects; other texts
    that name one are null. `by_unit` keeps its counts, for effects elsewhere are told by OU.
    """
    if plan.target_ids is None:
        return value
    if isinstance(value, str):
        return None if _is_hidden(value, plan) else value
    if isinstance(value, Mapping):
        return {
            name: found if name == "by_unit" else shown_part(found, plan)
            for name, found in value.items()
            if not _is_hidden(name, plan)
        }
    if isinstance(value, list | tuple):
        return [shown_part(one, plan) for one in value if not _names_hidden(one, plan)]
    return value


def hidden_in(text: str, plan: ShownPlan) -> bool:
    """Whether a text names a target that may not be seen."""
    return plan.target_ids is not None and _is_hidden(text, plan)


def shown_evidence_plan(
    viewer: Viewer, change_request: ChangeRequest, shown: ShownPlan | None = None
) -> ShownPlan:
    """Return what may be seen of effects: of who is asked to agree, too, only their own places.

    `shown`: what `shown_plan` returned, where the caller has it.
    """
    shown = shown or shown_plan(viewer, change_request)
    if shown.target_ids is not None or sees_whole(viewer, change_request.connection):
        return shown
    seen = frozenset(targets_seen(viewer, change_request.connection).attachment_targets)
    return replace(shown, target_ids=seen)


def evidence_sentence(evidence: Evidence, shown: ShownPlan) -> str:
    """Return the sentence of an evidence, of the places that may be seen; empty: it has none."""
    if "headline" not in evidence.content:
        return ""
    if shown.target_ids is None:
        return headline(evidence.content)
    # By accounts alone: the OUs and the root above them hold others, too.
    return headline(evidence.content, [one for one in shown.target_ids if one.isdecimal()])


def _is_hidden(text: str, plan: ShownPlan) -> bool:
    return any(not plan.sees(one) for one in _TARGET_IDS.findall(text))


def _names_hidden(one: Any, plan: ShownPlan) -> bool:
    """Whether a member of a list is about a hidden target, or about nothing but such."""
    if isinstance(one, str):
        return _is_hidden(one, plan)
    if not isinstance(one, Mapping):
        return False
    for name in ("target_ids", "account_ids"):
        found = one.get(name)
        if found and not any(plan.sees(target_id) for target_id in found):
            return True
    # A sentence names the accounts that it speaks of.
    if "message" in one and any(not plan.sees(each) for each in one.get("target_ids", ())):
        return True
    return any(isinstance(each, str) and _is_hidden(each, plan) for each in one.values()) or any(
        _is_hidden(each, plan)
        for each in one.get("parameters", {}).values()
        if isinstance(each, str)
    )
