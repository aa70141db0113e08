"""How a resource of an account differs: its own policy, and what else decides over access to it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from governance.snapshots.changed_values import fingerprint_of, since_of, value_of, values_of
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import DifferenceKind, Subject
from inventory.models import ResourcePolicy
from inventory.resource_facts import POLICY
from inventory.selectors.history import VersionChange

_THERE = ("region", "content_id")


def resource_differences(
    change: VersionChange, *, account_is_gone: bool, **where: Any
) -> Iterator[SnapshotDifference]:
    """Yield the differences of one resource.

    `where`: of its account, as a `SnapshotDifference` takes it. Of what could not be read at one of
    the times it is not known whether it changed, so it is no difference.
    """
    before, after = change.before, change.after
    common: dict[str, Any] = {"subject": Subject.RESOURCE, "subject_id": change.key[1], **where}
    if not isinstance(before, ResourcePolicy) or not isinstance(after, ResourcePolicy):
        gone = after is None
        yield SnapshotDifference(
            kind=DifferenceKind.RESOURCE_REMOVED if gone else DifferenceKind.RESOURCE_ADDED,
            name=getattr(after or before, "name", change.key[1]),
            before=values_of(before, _THERE),
            after=values_of(after, _THERE),
            since=since_of(change),
            consequence=gone and account_is_gone,
            **common,
        )
        return
    unknown = {*before.unknown, *after.unknown}
    if POLICY not in unknown and before.content_id != after.content_id:
        yield SnapshotDifference(
            kind=DifferenceKind.RESOURCE_OWN_POLICY_CHANGED,
            name=after.name,
            before=values_of(before, ("content_id",)),
            after=values_of(after, ("content_id",)),
            since=since_of(change, partial(value_of, name="content_id")),
            **common,
        )
    was, is_now = (_access(row, unknown) for row in (before, after))
    changed = [name for name in sorted({*was, *is_now}) if was.get(name) != is_now.get(name)]
    if changed:
        yield SnapshotDifference(
            kind=DifferenceKind.RESOURCE_ACCESS_CHANGED,
            name=after.name,
            before={name: was.get(name) for name in changed},
            after={name: is_now.get(name) for name in changed},
            since=since_of(change, fingerprint_of),
            **common,
        )


def _access(row: ResourcePolicy, unknown: set[str]) -> dict[str, Any]:
    """Return the region and the facts that were read at both times."""
    known = {name: value for name, value in row.facts.items() if name not in unknown}
    return known | {"region": row.region}
