"""The operations that take an applied request back, as a new request asks for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.changes.elsewhere.approved import (
    ApprovedPolicy,
    ApprovedResult,
    CollectedBefore,
    base_before,
    result_of,
)
from governance.changes.elsewhere.differences import CollectedNow, collected_now
from governance.changes.life.content import LONGEST_TITLE, ChangeContent
from governance.changes.models import ChangeRequest

_AGAIN: Final = "new-back"


@dataclass(frozen=True, slots=True)
class UndoingRequest:
    """A request that takes an applied one back. `notes`: what does not come back as it was."""

    content: ChangeContent
    notes: tuple[str, ...]


def undoing_request(change_request: ChangeRequest) -> UndoingRequest:
    """Return what undoes an applied request, prefilled for a new one; it goes the usual way.

    The rings are those of the request, as far as their targets are still touched. From what its
    evidence saw; policies that it created are found by type and name as collected now. A deleted
    policy is created again, and so has another id.
    """
    before = base_before(change_request)
    result = result_of(before, change_request.operations)
    work = _TakenBack(before, result, collected_now(change_request.connection, result))
    operations = tuple(work.operations())
    content = ChangeContent(
        title=f"Undo CR-{change_request.number}: {change_request.title}"[:LONGEST_TITLE],
        reason=f"Reverts CR-{change_request.number}.",
        operations=operations,
        rings=tuple(change_request.rings),
        applied=change_request.applied,
        policy_ids=change_request.policy_ids,
        ticket_url=change_request.ticket_url,
    )
    return UndoingRequest(content, tuple(work.notes))


def undoing_content(change_request: ChangeRequest) -> ChangeContent:
    """Return the content of the request that undoes another."""
    return undoing_request(change_request).content


def undoing_operations(change_request: ChangeRequest) -> tuple[dict[str, Any], ...]:
    """Return the operations that bring back what stood before a request, the last one first."""
    return undoing_request(change_request).content.operations


class _TakenBack:
    """Goes from a result back to what was before it."""

    def __init__(self, before: CollectedBefore, result: ApprovedResult, now: CollectedNow) -> None:
        self.before = before
        self.result = result
        self.now = now
        self.again = 0
        self.notes: list[str] = []

    def operations(self) -> Iterator[dict[str, Any]]:
        """Yield the operations: what others rest on first, what rests on others last."""
        yield from self._units()
        for policy_type, enabled in self.result.policy_types.items():
            if not enabled:
                yield {"kind": "enable_policy_type", "policy_type": policy_type}
        for move in self.result.moves:
            parent_id = self.before.parents.get(move.account_id)
            if parent_id:
                where = {"target_id": move.account_id, "parent_id": parent_id}
                yield {"kind": "move_account", **where}
        for policy in reversed(self.result.policies):
            yield from self._policy(policy)
        for unit in reversed(self.result.units):
            made = self.now.unit_ids.get((unit.parent_id, unit.name)) if unit.is_new else None
            if made:
                yield {"kind": "delete_organizational_unit", "target_id": made}
        for policy_type, enabled in self.result.policy_types.items():
            if enabled:
                yield {"kind": "disable_policy_type", "policy_type": policy_type}

    def _units(self) -> Iterator[dict[str, Any]]:
        for unit in self.result.units:
            if unit.is_deleted:
                self.notes.append(f"OU {unit.was_named} comes back under a new id.")
                yield {
                    "kind": "create_organizational_unit",
                    "target_id": self._new(),
                    "parent_id": unit.parent_id,
                    "name": unit.was_named,
                }
            elif not unit.is_new and unit.name != unit.was_named:
                yield {
                    "kind": "rename_organizational_unit",
                    "target_id": unit.target_id,
                    "name": unit.was_named,
                }

    def _policy(self, policy: ApprovedPolicy) -> Iterator[dict[str, Any]]:
        if policy.is_deleted:
            yield from self._created_again(policy)
            return
        policy_id = self._found(policy)
        if policy_id is None:
            self.notes.append(f"The policy {policy.name} is gone: nothing of it is rolled back.")
            return
        if policy.is_new:
            yield {"kind": "delete_policy", "policy_id": policy_id}
            return
        if policy.text != policy.was_text:
            yield {"kind": "update_policy", "policy_id": policy_id, "text": policy.was_text}
        if policy.name != policy.was_named:
            yield {"kind": "rename_policy", "policy_id": policy_id, "name": policy.was_named}
        if policy.tags:
            tags = {key: policy.had_tags.get(key) for key in policy.tags}
            yield {"kind": "tag_policy", "policy_id": policy_id, "tags": tags}
        had, has = self._attached(policy)
        yield from _attachments("attach_policy", policy_id, sorted(had - has))
        yield from _attachments("detach_policy", policy_id, sorted(has - had))

    def _attached(self, policy: ApprovedPolicy) -> tuple[set[str], set[str]]:
        """Return where it was attached and where it is by the plan; of AWS's what the plan did."""
        if policy.aws_managed:
            return set(policy.detached_ids), set(policy.target_ids)
        return set(policy.had_target_ids), set(policy.target_ids)

    def _created_again(self, policy: ApprovedPolicy) -> Iterator[dict[str, Any]]:
        new_id = self._new()
        yield {
            "kind": "create_policy",
            "policy_id": new_id,
            "name": policy.was_named,
            "policy_type": policy.policy_type,
            "text": policy.was_text,
        }
        self.notes.append(f"{policy.was_named} comes back under a new id.")
        yield from _attachments("attach_policy", new_id, policy.had_target_ids)

    def _found(self, policy: ApprovedPolicy) -> str | None:
        """Return a policy's id as collected now; None: it is gone."""
        rows = self.now.policies.get((policy.policy_type, policy.name), [])
        ids = [row.policy_id for row in rows]
        if policy.policy_id in ids:
            return policy.policy_id
        return ids[0] if ids else None

    def _new(self) -> str:
        self.again += 1
        return f"{_AGAIN}{self.again}"


def _attachments(kind: str, policy_id: str, target_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for target_id in target_ids:
        yield {"kind": kind, "policy_id": policy_id, "target_id": target_id}
