"""What is offered where a request moves an OU: a new OU, and its accounts moved there."""

from collections.abc import Iterator, Sequence
from typing import Final

from governance.changes.planning.base import PlanBase, delta_of
from governance.changes.planning.steps import PlanNotice
from governance.edits.operations import MOST_OPERATIONS, Operation, OperationKind
from governance.edits.unit_moves import unit_move_operations

UNIT_MOVE_OFFERED: Final = "unit_move_offered"


def unit_move_notices(base: PlanBase, operations: Sequence[Operation]) -> Iterator[PlanNotice]:
    """Yield for each OU that operations move what AWS can do instead, or why it cannot be offered.

    The operations of a notice replace the move of the OU that its `target_ids` name first.
    """
    names = base.organization.names
    for number, one in enumerate(operations):
        if one.kind is not OperationKind.MOVE_ORGANIZATIONAL_UNIT:
            continue
        unit, parent = names.get(one.target_id), names.get(one.parent_id)
        if unit is None or parent is None or unit.kind != "ORGANIZATIONAL_UNIT":
            continue
        instead = unit_move_operations(
            base.organization,
            one.target_id,
            one.parent_id,
            collected=base.collected,
            taken={name for each in operations for name in (each.policy_id, each.target_id)},
        )
        accounts = len(base.organization.accounts_below(one.target_id))
        why = _why_not(base, operations, number, instead)
        what = f"a new OU {unit.name} in {parent.name} with its policies, {accounts:,} account "
        what += f"move{'s' if accounts != 1 else ''}, and the old OU deleted"
        if why:
            said = f"AWS cannot move {unit.name}, and {what} cannot be offered: {why}."
        else:
            said = (
                f"AWS cannot move {unit.name}. Instead: {what}. The OU gets another id, so "
                "policies and roles that name the old one must be updated."
            )
        yield PlanNotice(
            UNIT_MOVE_OFFERED,
            said,
            (one.target_id, one.parent_id),
            () if why else tuple(each.as_json() for each in instead),
        )


def _why_not(
    base: PlanBase, operations: Sequence[Operation], number: int, instead: Sequence[Operation]
) -> str:
    """Say why a move's replacement cannot be taken; empty: it can."""
    if len(operations) - 1 + len(instead) > MOST_OPERATIONS:
        return (
            f"it takes {len(instead):,} edits, and a request holds {MOST_OPERATIONS:,}. Move its "
            "accounts in several requests"
        )
    before, after = operations[:number], operations[number + 1 :]
    problems = delta_of(base, (*before, *instead, *after)).drafted.problems
    theirs = range(number, number + len(instead))
    return next((each.message for each in problems if each.number in theirs), "")
