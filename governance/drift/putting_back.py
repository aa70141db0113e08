"""What brings the desired side of drift back: operations, and what they would do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from governance.baseline.structure.collected import SubjectIds, collected_structure
from governance.baseline.structure.document import Structure
from governance.baseline.structure.versions import baseline_in_force, structure_of
from governance.drift.models import DriftItem
from governance.drift.resolving import CannotResolve
from governance.drift.restoring import merged_operations
from governance.drift.structure_differences import dependent_subjects, structure_differences
from governance.edits.operations import MOST_OPERATIONS, Operation, OperationKind
from governance.effects.of_edits import simulate
from governance.effects.request_effects import Verdict
from inventory.models import Connection
from inventory.viewing import Viewer

Kind = DriftItem.Kind
# OUs and types before what goes into them, attachments before what takes others away.
_ORDER: Final = (
    Kind.POLICY_TYPE_CHANGED,
    Kind.OU_DELETED,
    Kind.OU_RENAMED,
    Kind.ACCOUNT_MOVED,
    Kind.POLICY_REMOVED,
    Kind.POLICY_UPDATED,
    Kind.POLICY_DETACHED_FROM_OU,
    Kind.POLICY_DETACHED_FROM_ACCOUNT,
    Kind.POLICY_ATTACHED_TO_OU,
    Kind.POLICY_ATTACHED_TO_ACCOUNT,
    Kind.POLICY_ADDED,
    Kind.OU_ADDED,
)


def putting_back(connection: Connection, items: Sequence[DriftItem]) -> tuple[Operation, ...]:
    """Return the operations that bring the desired side of items back, as collected now.

    :raises CannotResolve: no edit brings one of them back, it is gone meanwhile, or they are too
        many for one change request.
    """
    version = baseline_in_force(connection)
    if version is None:
        raise CannotResolve("there is no baseline to go back to")
    desired = structure_of(version)
    names = dependent_subjects({item.subject for item in items}, desired, Structure())
    collected = collected_structure(connection, only=SubjectIds.of(names))
    found = {one.key: one for one in structure_differences(desired, collected, names)}
    parts = []
    for item in sorted(items, key=_place_in_order):
        difference = found.get(item.key)
        if difference is None or not difference.operations:
            raise CannotResolve(_why_not(item, is_there=difference is not None))
        parts.append(difference.operations)
    operations = _into_new_units(merged_operations(parts), items, collected)
    if len(operations) > MOST_OPERATIONS:
        raise CannotResolve(
            f"this takes {len(operations)} operations; a change request has {MOST_OPERATIONS} at "
            "most: choose fewer"
        )
    return operations


def _place_in_order(item: DriftItem) -> tuple[int, int]:
    kind = Kind(item.kind)
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER), item.pk)


def _why_not(item: DriftItem, *, is_there: bool) -> str:
    if item.kind in _ORDER and not is_there:
        return f"{item} is not there any more: look again after the next run"
    return f"no change request restores what {item} needs: adopt it, or fix it in AWS"


def _into_new_units(
    operations: tuple[Operation, ...], items: Sequence[DriftItem], collected: Structure
) -> tuple[Operation, ...]:
    """Have accounts go back into the OUs that are made again, whose ids AWS will give."""
    made: dict[str, str] = {}
    gone = [item for item in sorted(items, key=_place_in_order) if item.kind == Kind.OU_DELETED]
    created = [one for one in operations if one.kind is OperationKind.CREATE_ORGANIZATIONAL_UNIT]
    for item, one in zip(gone, created, strict=True):
        made[item.target_id] = one.target_id
    changed = tuple(
        replace(
            one,
            parent_id=made.get(one.parent_id, one.parent_id),
            target_id=made.get(one.target_id, one.target_id),
        )
        for one in operations
    )
    for one in changed:
        parent = one.parent_id
        if parent and not parent.startswith("new-") and parent not in collected.units:
            raise CannotResolve(f"OU {parent} is gone: bring it back in the same change request")
    return changed


@dataclass(frozen=True, slots=True)
class PuttingBackPreview:
    """What bringing some drift back would do, simulated once as one edit.

    Counts are of catalogue actions of which some request is newly denied or allowed, and of the
    accounts in which. `problems`: what of it cannot be done, with what AWS would refuse.
    """

    operations: tuple[Operation, ...]
    denied_actions: int
    denied_accounts: int
    allowed_actions: int
    allowed_accounts: int
    undecided_accounts: int
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "operations": [one.as_json() for one in self.operations],
            "newly_denied": {"actions": self.denied_actions, "accounts": self.denied_accounts},
            "newly_allowed": {"actions": self.allowed_actions, "accounts": self.allowed_accounts},
            "undecided_accounts": self.undecided_accounts,
            "problems": list(self.problems),
        }


def preview_putting_back(
    viewer: Viewer, *, connection: Connection, items: Sequence[DriftItem], now: datetime
) -> PuttingBackPreview:
    """Simulate what brings items back, all of them together.

    :raises CannotResolve: see `putting_back`.
    """
    operations = putting_back(connection, items)
    found = simulate(
        viewer, connection=connection, operations=operations, as_of=None, today=now.date()
    )
    effects = found.effects
    bits = dict.fromkeys(Verdict, 0)
    for effect in effects.effects:
        bits[effect.verdict] |= effect.action_bits
    undecided = effects.accounts(Verdict.UNDECIDED) | effects.unknown_accounts
    return PuttingBackPreview(
        operations=operations,
        denied_actions=bits[Verdict.NEWLY_DENIED].bit_count(),
        denied_accounts=len(effects.accounts(Verdict.NEWLY_DENIED)),
        allowed_actions=bits[Verdict.NEWLY_ALLOWED].bit_count(),
        allowed_accounts=len(effects.accounts(Verdict.NEWLY_ALLOWED)),
        undecided_accounts=len(undecided),
        problems=tuple(problem.message for problem in found.drafted.problems),
    )
