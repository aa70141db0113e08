"""Who would have to approve what a form asks for, before it is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from governance.approvals.requirements import required_approvals, standing
from governance.changes.evidence.making import people_of
from governance.changes.evidence.previewing import previewed_change
from governance.changes.models import ChangeRequest
from governance.edits.operations import Operation
from governance.web.changes.approvals import ShownApproval, approval_rows
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class WouldApprove:
    """Who would have to approve. `refused`: why edits are left out of the answer.

    `changes`: whether permissions, or effective policies, of any account change.
    """

    rows: tuple[ShownApproval, ...]
    refused: tuple[str, ...]
    changes: bool


def would_approve(
    connection: Connection,
    operations: Sequence[Operation],
    *,
    person: User,
    change_request: ChangeRequest | None,
    now: datetime,
) -> WouldApprove:
    """Work out whom the checks would ask. Nobody whose work is in the change counts.

    `change_request`: the one that is edited, None for a new one.
    """
    found = previewed_change(connection, operations, now=now)
    excluded = {person.pk} | (people_of(change_request) if change_request else frozenset())
    required = required_approvals(connection, found.targets, excluded=excluded, now=now)
    rows = approval_rows(required, standing(required, ()), person)
    return WouldApprove(rows, found.refused, bool(found.targets))
