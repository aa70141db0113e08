"""Somebody's word on what a run no longer found."""

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from inventory.models import Connection, SuspectedDeletion
from inventory.store.suspected import CannotConfirm, confirm_deletion

__all__ = ["CannotConfirm", "deletion_confirm"]

log = logging.getLogger(__name__)


@transaction.atomic
def deletion_confirm(
    *, actor: User, connection: Connection, suspected_id: int, now: datetime
) -> SuspectedDeletion:
    """Take what a run suspects to be deleted for deleted, and close its rows.

    :raises SuspectedDeletion.DoesNotExist: the organization has none of this id.
    :raises CannotConfirm: it was decided already, or a run goes on.
    """
    confirmed = confirm_deletion(
        suspected_id=suspected_id, connection=connection, actor=actor, now=now
    )
    log.info("user %s confirms the deletion of %s in %s", actor.pk, confirmed, connection.slug)
    return confirmed
