"""Somebody's word on what a run no longer found."""

from datetime import datetime

from django.db import transaction

from governance.access.actors import user_of
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Connection, SuspectedDeletion
from inventory.store.suspected import CannotConfirm, confirm_deletion

__all__ = ["CannotConfirm", "deletion_confirm"]


@transaction.atomic
def deletion_confirm(
    *, actor: Actor, connection: Connection, suspected_id: int, now: datetime
) -> SuspectedDeletion:
    """Take what a run suspects to be deleted for deleted, and close its rows.

    :raises SuspectedDeletion.DoesNotExist: the organization has none of this id.
    :raises CannotConfirm: it was decided already, or a run goes on.
    """
    confirmed = confirm_deletion(
        suspected_id=suspected_id, connection=connection, decided_by=user_of(actor), now=now
    )
    audit_record(
        actor=actor,
        action=actions.DELETION_CONFIRM,
        object_kind="suspected deletion",
        object_id=str(confirmed.pk),
        object_name=str(confirmed),
        connection_id=connection.pk,
        target_id=confirmed.account_id,
        before={"state": SuspectedDeletion.State.SUSPECTED.value},
        after={
            "state": confirmed.state,
            "table": confirmed.table,
            "missing": confirmed.missing,
            "closed": confirmed.closed,
        },
        now=now,
    )
    return confirmed
