"""A difference as one line of plain text, for mails, chats and programs."""

from collections.abc import Mapping
from typing import Any, Final

from governance.snapshots.differences import FULL_ACCESS_ID, SnapshotDifference
from governance.snapshots.kinds import KIND_WORDS, DifferenceKind, Subject
from governance.snapshots.sides import PathStep
from inventory.models import PolicyAttachment
from inventory.policy_types import policy_type

_TARGETS: Final[Mapping[str, str]] = {
    PolicyAttachment.TargetType.ROOT.value: "root",
    PolicyAttachment.TargetType.ORGANIZATIONAL_UNIT.value: "OU",
    PolicyAttachment.TargetType.ACCOUNT.value: "account",
}
_MOVED: Final = (DifferenceKind.ACCOUNT_MOVED, DifferenceKind.ORGANIZATIONAL_UNIT_MOVED)
_LONGEST_VALUE: Final = 60
_TAGS_SHOWN: Final = 4


def difference_text(one: SnapshotDifference) -> str:
    """Return what differs: kind, name and id, where, and where it is short before and after."""
    label = KIND_WORDS[one.kind].label
    text = f"{label}: {_name(one)}{_place(one)}{_values(one)}"
    if one.loud:
        text += (
            ". Below here only what this level's other SCPs allow is left"
            if one.subject_id == FULL_ACCESS_ID
            else ". No policy of this type limits anything any more"
        )
    return text


def _name(one: SnapshotDifference) -> str:
    if one.subject is Subject.POLICY_TYPE:
        return policy_type(one.name).label
    if one.subject_id in {"", one.name} or "/" in one.subject_id:
        return one.name
    return f"{one.name} ({one.subject_id})"


def _place(one: SnapshotDifference) -> str:
    if not one.target_id:
        return ""
    preposition = {
        DifferenceKind.POLICY_ATTACHED: "to",
        DifferenceKind.POLICY_DETACHED: "from",
    }.get(one.kind, "in")
    target = one.target_name or one.target_id
    return f" {preposition} {_TARGETS[one.target_type]} {target} ({one.target_id})"


def _values(one: SnapshotDifference) -> str:
    if one.kind in _MOVED:
        return f" from {_way(one.way_before)} to {_way(one.way_after)}"
    if one.before is None or one.after is None or one.subject is Subject.RESOURCE:
        return ""
    if "tags" in one.after:
        return _tags(one.before["tags"], one.after["tags"])
    if "content_id" in one.after or "sha256" in one.after:
        return ""
    changed = [
        f"{_value(one.before.get(name))} to {_value(value)}" for name, value in one.after.items()
    ]
    return f", {'; '.join(changed)}" if changed else ""


def _way(way: tuple[PathStep, ...]) -> str:
    return "/".join(step.name for step in way) or "a place that was not collected"


def _value(value: Any) -> str:
    text = "none" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _tags(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    shown = [
        f"{key}: {_value(before.get(key))} to {_value(after.get(key))}"
        for key in changed[:_TAGS_SHOWN]
    ]
    more = len(changed) - _TAGS_SHOWN
    return f", {'; '.join(shown)}" + (f" and {more} more" if more > 0 else "")
