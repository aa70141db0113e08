"""What stands in an organization against what was approved: nothing else than that counts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from governance.changes.elsewhere.approved import (
    ApprovedMove,
    ApprovedPolicy,
    ApprovedResult,
    ApprovedUnit,
)
from governance.edits.canonical_text import canonical_text
from inventory.models import (
    Account,
    Connection,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)

_MOST_NAMED: Final = 5


class ApprovedDifferenceKind(StrEnum):
    """What differs."""

    POLICY_MISSING = "policy_missing"
    POLICY_STILL_THERE = "policy_still_there"
    STATEMENTS = "statements"
    NOT_ATTACHED = "not_attached"
    ALSO_ATTACHED = "also_attached"
    TAGS = "tags"
    UNIT_MISSING = "unit_missing"
    UNIT_STILL_THERE = "unit_still_there"
    UNIT_NAME = "unit_name"
    ACCOUNT_PLACE = "account_place"
    POLICY_TYPE = "policy_type"


@dataclass(frozen=True, slots=True)
class ApprovedDifference:
    """One thing that stands otherwise than approved. `message`: in one sentence.

    `object_id`: of the policy, OU or account, empty where there is none. `target_ids`: of
    attachments that differ.
    """

    kind: ApprovedDifferenceKind
    object_id: str
    name: str
    message: str
    target_ids: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the difference for programs."""
        return {
            "kind": self.kind.value,
            "object_id": self.object_id or None,
            "name": self.name,
            "message": self.message,
            "target_ids": list(self.target_ids),
        }


@dataclass(slots=True)
class CollectedNow:
    """What was collected of what a result speaks of. `policies`: (type, name) → those so called."""

    policies: dict[tuple[str, str], list[Policy]] = field(default_factory=dict)
    attached: dict[str, set[str]] = field(default_factory=dict)
    units: dict[str, OrganizationalUnit] = field(default_factory=dict)
    unit_ids: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def collected_now(connection: Connection, result: ApprovedResult) -> CollectedNow:
    """Read what a result speaks of as it was collected last, in at most six queries."""
    found = CollectedNow(names=dict(result.names))
    names = {one.name for one in result.policies} | {one.was_named for one in result.policies}
    current = {"connection": connection}
    rows = Policy.objects.as_of(None).filter(**current, name__in=names).select_related("content")
    for row in rows.order_by("policy_id"):
        found.policies.setdefault((row.type, row.name), []).append(row)
    ids = [row.policy_id for rows_of in found.policies.values() for row in rows_of]
    attachments = PolicyAttachment.objects.as_of(None).filter(**current, policy_id__in=ids)
    for policy_id, target_id in attachments.values_list("policy_id", "target_id"):
        found.attached.setdefault(policy_id, set()).add(target_id)
    if result.units or any(t.startswith("new-") for m in result.moves for t in (m.parent_id,)):
        for unit in OrganizationalUnit.objects.as_of(None).filter(**current):
            found.units[unit.target_id] = unit
            found.unit_ids[unit.parent_id, unit.name] = unit.target_id
            found.names[unit.target_id] = unit.name
    if result.moves:
        accounts = Account.objects.as_of(None).filter(
            **current, account_id__in=[move.account_id for move in result.moves]
        )
        found.places = dict(accounts.values_list("account_id", "parent_id"))
    if result.policy_types:
        root = Root.objects.as_of(None).filter(**current).first()
        found.types = {} if root is None else root.policy_types
    return found


def differences(now: CollectedNow, result: ApprovedResult) -> tuple[ApprovedDifference, ...]:
    """Return what stands otherwise than approved; empty: all of it is as approved."""
    work = _Comparison(now, result)
    return (
        *work.types(),
        *(each for unit in result.units for each in work.unit(unit)),
        *(each for policy in result.policies for each in work.policy(policy)),
        *(each for move in result.moves for each in work.move(move)),
    )


def is_untouched(now: CollectedNow, result: ApprovedResult) -> bool:
    """Return whether all that the plan changes stands as it stood before it."""
    return (
        all(_as_before(now, policy) for policy in result.policies)
        and all(_unit_as_before(now, unit) for unit in result.units)
        and all(now.places.get(one.account_id) == one.was_parent_id for one in result.moves)
        and all(
            (now.types.get(kind, "") == "ENABLED") is not enabled
            for kind, enabled in result.policy_types.items()
        )
    )


def moved_policies(
    now: CollectedNow, result: ApprovedResult
) -> Iterator[tuple[ApprovedPolicy, tuple[ApprovedDifference, ...]]]:
    """Yield the policies that stand neither as before the plan nor as approved, and how so.

    A plan that was applied in part has none: each of its policies stands one way or the other.
    """
    work = _Comparison(now, result)
    for policy in result.policies:
        found = tuple(work.policy(policy))
        if found and not _as_before(now, policy):
            yield policy, found


def _unit_as_before(now: CollectedNow, unit: ApprovedUnit) -> bool:
    if unit.is_new:
        return (unit.parent_id, unit.name) not in now.unit_ids
    row = now.units.get(unit.target_id)
    return row is not None and row.name == unit.was_named


def _as_before(now: CollectedNow, policy: ApprovedPolicy) -> bool:
    if policy.is_new:
        return not now.policies.get((policy.policy_type, policy.name))
    rows = now.policies.get((policy.policy_type, policy.was_named), [])
    row = next((each for each in rows if each.policy_id == policy.policy_id), None)
    if row is None:
        return False
    attached = now.attached.get(row.policy_id, set())
    if policy.aws_managed:
        return not attached & set(policy.target_ids) and attached >= set(policy.detached_ids)
    if any(row.tags.get(key) == value for key, value in policy.tags.items()):
        return False
    return attached == set(policy.had_target_ids) and (
        canonical_text(row.content.text, row.type)
        == canonical_text(policy.was_text, policy.policy_type)
    )


class _Comparison:
    """Compares with what was collected; ids of new OUs are found by name and parent."""

    def __init__(self, now: CollectedNow, result: ApprovedResult) -> None:
        self.now = now
        self.result = result
        self.made: dict[str, str] = {}
        for unit in result.units:
            if unit.is_new:
                parent_id = self.made.get(unit.parent_id, unit.parent_id)
                found = now.unit_ids.get((parent_id, unit.name))
                if found is not None:
                    self.made[unit.target_id] = found

    def types(self) -> Iterator[ApprovedDifference]:
        for policy_type, enabled in sorted(self.result.policy_types.items()):
            status = self.now.types.get(policy_type, "")
            if (status == "ENABLED") is not enabled:
                said = "not enabled" if enabled else f"still {status.lower() or 'enabled'}"
                yield ApprovedDifference(
                    ApprovedDifferenceKind.POLICY_TYPE,
                    self.result.root_id,
                    policy_type,
                    f"Policy type {policy_type} is {said}",
                )

    def unit(self, unit: ApprovedUnit) -> Iterator[ApprovedDifference]:
        kind = ApprovedDifferenceKind
        if unit.is_new:
            if unit.target_id not in self.made:
                message = f"OU {unit.name} does not exist below {self._named(unit.parent_id)}"
                yield ApprovedDifference(kind.UNIT_MISSING, "", unit.name, message)
            return
        row = self.now.units.get(unit.target_id)
        if unit.is_deleted:
            if row is not None:
                message = f"OU {row.name} still exists"
                yield ApprovedDifference(kind.UNIT_STILL_THERE, unit.target_id, row.name, message)
        elif row is None:
            message = f"OU {unit.name} is gone"
            yield ApprovedDifference(kind.UNIT_MISSING, unit.target_id, unit.name, message)
        elif row.name != unit.name:
            message = f"OU {row.name} is not called {unit.name}"
            yield ApprovedDifference(kind.UNIT_NAME, unit.target_id, row.name, message)

    def policy(self, policy: ApprovedPolicy) -> Iterator[ApprovedDifference]:
        """Compare one policy with the one so called; of several the one with its id."""
        rows = self.now.policies.get((policy.policy_type, policy.name), [])
        if policy.is_deleted:
            for left in self.now.policies.get((policy.policy_type, policy.was_named), []):
                message = f"{left.type} {left.name} still exists"
                yield ApprovedDifference(
                    ApprovedDifferenceKind.POLICY_STILL_THERE, left.policy_id, left.name, message
                )
            return
        row = _chosen(rows, policy.policy_id)
        if row is None:
            message = f"No {policy.policy_type} is called {policy.name}"
            yield ApprovedDifference(
                ApprovedDifferenceKind.POLICY_MISSING, "", policy.name, message
            )
            return
        yield from self._policy(policy, row)

    def _policy(self, policy: ApprovedPolicy, row: Policy) -> Iterator[ApprovedDifference]:
        attached = self.now.attached.get(row.policy_id, set())
        wanted = {self.made.get(target_id, target_id) for target_id in policy.target_ids}
        if policy.aws_managed:
            unwanted = attached & set(policy.detached_ids)
        else:
            unwanted = attached - wanted
            if canonical_text(row.content.text, row.type) != canonical_text(
                policy.text, policy.policy_type
            ):
                yield ApprovedDifference(
                    ApprovedDifferenceKind.STATEMENTS,
                    row.policy_id,
                    row.name,
                    f"{row.name} has other statements than approved",
                )
        missing = wanted - attached
        if missing:
            yield self._targets(
                ApprovedDifferenceKind.NOT_ATTACHED, row, "is not attached to", missing
            )
        if unwanted:
            yield self._targets(
                ApprovedDifferenceKind.ALSO_ATTACHED,
                row,
                "is attached, against the approval, to",
                unwanted,
            )
        wrong = sorted(key for key, value in policy.tags.items() if row.tags.get(key) != value)
        if wrong:
            message = f"{row.name} has other tags than approved: {', '.join(wrong)}"
            yield ApprovedDifference(ApprovedDifferenceKind.TAGS, row.policy_id, row.name, message)

    def move(self, move: ApprovedMove) -> Iterator[ApprovedDifference]:
        parent_id = self.made.get(move.parent_id, move.parent_id)
        stands = self.now.places.get(move.account_id)
        if stands != parent_id:
            where = "not in the organization" if stands is None else f"in {self._named(stands)}"
            yield ApprovedDifference(
                ApprovedDifferenceKind.ACCOUNT_PLACE,
                move.account_id,
                move.name,
                f"Account {move.name or move.account_id} is {where}, "
                f"not in {self._named(parent_id)}",
            )

    def _targets(
        self, kind: ApprovedDifferenceKind, row: Policy, verb: str, target_ids: Iterable[str]
    ) -> ApprovedDifference:
        ids = tuple(sorted(target_ids))
        named = [self._named(target_id) for target_id in ids[:_MOST_NAMED]]
        if len(ids) > _MOST_NAMED:
            named.append(f"{len(ids) - _MOST_NAMED:,} more")
        message = f"{row.name} {verb} {', '.join(named)}"
        return ApprovedDifference(kind, row.policy_id, row.name, message, ids)

    def _named(self, target_id: str) -> str:
        name = self.now.names.get(target_id, "")
        return f"{name} ({target_id})" if name else target_id


def _chosen(rows: list[Policy], policy_id: str) -> Policy | None:
    for row in rows:
        if row.policy_id == policy_id:
            return row
    return rows[0] if rows else None
