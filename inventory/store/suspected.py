"""A person's word on a suspected deletion."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from inventory import models as tables
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Account, Connection, InventoryRun, SuspectedDeletion
from inventory.models.versions import Version
from inventory.store.account_coverage import count_principals
from inventory.store.locks import hold_lock
from inventory.store.moments import next_moment
from inventory.store.rows import ACCOUNT_MODELS
from inventory.store.scopes import close_departed_accounts, lock_scope

_STATE = SuspectedDeletion.State


class CannotConfirm(Exception):
    """A suspected deletion cannot be confirmed; the message says why and what to do."""


@transaction.atomic
def confirm_deletion(
    *, suspected_id: int, connection: Connection, decided_by: User | None, now: datetime
) -> SuspectedDeletion:
    """Close the rows that a run suspects to be deleted, on a person's word; return what it was.

    :raises SuspectedDeletion.DoesNotExist: the organization has none of this id.
    :raises CannotConfirm: it was decided already, or a run goes on, which decides by itself.
    """
    hold_lock(f"inventory:{connection.pk}:confirming")
    found = SuspectedDeletion.objects.get(pk=suspected_id, connection=connection)
    groups = registry.groups(Reader.ACCOUNT) if found.account_id else ("",)
    for group in groups:
        lock_scope(connection, found.account_id, group)
    suspected = SuspectedDeletion.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if suspected.state != _STATE.SUSPECTED:
        raise CannotConfirm(
            f"it is decided already: {suspected.get_state_display().lower()}; reload the page"
        )
    active = InventoryRun.objects.filter(
        connection=connection, state__in=InventoryRun.ACTIVE_STATES
    ).first()
    if active is not None:
        raise CannotConfirm(
            f"run {active.pk} is {active.get_state_display().lower()} and decides automatically: "
            "wait until it has ended"
        )
    moment = next_moment(connection)
    model: type[Version] = getattr(tables, suspected.table)
    rows: QuerySet[Any] = model.objects.filter(
        pk__in=suspected.row_ids, connection=connection, seen_until__isnull=True
    )
    suspected.closed += rows.update(seen_until=moment)
    suspected.row_ids = []
    suspected.state = _STATE.DELETED
    suspected.decided_at = now
    suspected.decided_by = decided_by
    suspected.closed_at = moment
    suspected.save()
    if model is Account:
        close_departed_accounts(connection=connection, moment=moment)
    elif model in ACCOUNT_MODELS:
        count_principals(connection_id=connection.pk, account_ids=[suspected.account_id])
    return suspected
