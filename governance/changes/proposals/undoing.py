"""A change request that takes back another one that was applied, as far as edits can say it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from governance.changes.models import ChangeRequest
from governance.changes.proposals.files import ReadProposal
from governance.changes.proposals.named_objects import NamedObjects, NotNamed

_OPPOSITES: Final = {
    "attach_policy": "detach_policy",
    "detach_policy": "attach_policy",
    "enable_policy_type": "disable_policy_type",
    "disable_policy_type": "enable_policy_type",
}


def proposal_undoing(
    change_request: ChangeRequest, known: NamedObjects
) -> tuple[ReadProposal, tuple[str, ...]]:
    """Return what takes an applied request back, its edits in the reverse order.

    Texts, attachments and parents are those of the base that its evidence was made of. The second
    part says in a sentence each what has to be written by hand. `known`: the organization now.
    """
    work = _Undoing(change_request, known)
    operations: list[dict[str, Any]] = []
    for operation in reversed(change_request.operations):
        operations += work.opposite(operation)
    texts = {
        "title": f"Undo CR-{change_request.number}: {change_request.title}"[:200],
        "reason": f"Takes back CR-{change_request.number}.",
        "applied": str(change_request.applied),
    }
    return ReadProposal(tuple(operations), texts=texts), tuple(work.left)


class _Undoing:
    """Turns each operation into those that take it back."""

    def __init__(self, change_request: ChangeRequest, known: NamedObjects) -> None:
        evidence = change_request.evidence
        base: Mapping[str, Any] = {} if evidence is None else evidence.base
        self._policies: Mapping[str, Any] = base.get("policies") or {}
        self._targets: Mapping[str, Any] = base.get("targets") or {}
        self._known = known
        self._made = {
            str(one["policy_id"]): (str(one["name"]), str(one["policy_type"]))
            for one in change_request.operations
            if one["kind"] == "create_policy"
        }
        self._number = 0
        self.left: list[str] = []

    def opposite(self, operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield what takes one operation back."""
        kind = str(operation["kind"])
        policy_id = str(operation.get("policy_id") or "")
        if policy_id in self._made:
            found = self._id_of(policy_id)
            # What was made is deleted, which detaches it and takes its edits away.
            if found and kind == "create_policy":
                yield {"kind": "delete_policy", "policy_id": found}
            return
        if kind == "update_policy":
            yield from self._text_back(policy_id)
        elif kind == "delete_policy":
            yield from self._made_again(policy_id)
        elif kind in _OPPOSITES:
            yield {**operation, "kind": _OPPOSITES[kind]}
        elif kind == "move_account":
            yield from self._moved_back(str(operation["target_id"]))
        elif kind == "rename_policy":
            name = (self._policies.get(policy_id) or {}).get("name")
            if name:
                yield {**operation, "name": name}
            else:
                self.left.append(f"What {policy_id} was called is not known.")
        else:
            words = kind.replace("_", " ")
            self.left.append(f"Its edit “{words}” has to be taken back by an edit of your own.")

    def _id_of(self, new_id: str) -> str:
        name, policy_type = self._made[new_id]
        try:
            return self._known.policy(name, policy_type).policy_id
        except NotNamed:
            self.left.append(f"The policy {name} that it made was not found: delete it by hand.")
            return ""

    def _text_back(self, policy_id: str) -> Iterator[dict[str, Any]]:
        text = (self._policies.get(policy_id) or {}).get("text")
        if text:
            yield {"kind": "update_policy", "policy_id": policy_id, "text": text}
        else:
            self.left.append(f"The text that {policy_id} had is not known.")

    def _made_again(self, policy_id: str) -> Iterator[dict[str, Any]]:
        was = self._policies.get(policy_id) or {}
        if not was.get("text"):
            self.left.append(f"The text that {policy_id} had is not known.")
            return
        self._number += 1
        new_id = f"new-{self._number}"
        yield {
            "kind": "create_policy",
            "policy_id": new_id,
            "name": was["name"],
            "policy_type": was["type"],
            "text": was["text"],
        }
        for target_id in was.get("attached_to") or ():
            yield {"kind": "attach_policy", "policy_id": new_id, "target_id": target_id}
        self.left.append(f"{was['name']} comes back under a new id.")

    def _moved_back(self, target_id: str) -> Iterator[dict[str, Any]]:
        parent_id = (self._targets.get(target_id) or {}).get("parent_id")
        if parent_id:
            yield {"kind": "move_account", "target_id": target_id, "parent_id": parent_id}
        else:
            self.left.append(f"Where {target_id} was is not known.")
