"""Runs asked for by somebody: of everything, of what failed, of one account."""

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from inventory.models import Connection, InventoryRun
from inventory.runs.cancelling import CannotCancel, cancel_run
from inventory.runs.requests import (
    RunAlreadyActive,
    RunRefused,
    refresh_account,
    request_run,
    retry_failed_accounts,
)

__all__ = [
    "CannotCancel",
    "RunAlreadyActive",
    "RunRefused",
    "account_collect",
    "run_cancel",
    "run_retry",
    "run_start",
]

log = logging.getLogger(__name__)


@transaction.atomic
def run_start(
    *, actor: User, connection: Connection, trigger: InventoryRun.Trigger, now: datetime
) -> InventoryRun:
    """Ask for a run of the whole organization; it is queued when the transaction commits.

    :raises RunAlreadyActive: one goes on.
    :raises RunRefused: the connection is switched off.
    """
    run = request_run(connection=connection, trigger=trigger, requested_by=actor, now=now)
    return _logged(run, actor)


@transaction.atomic
def run_retry(*, actor: User, run: InventoryRun, now: datetime) -> InventoryRun:
    """Ask for a run of the accounts that `run` did not read completely.

    :raises RunAlreadyActive: one goes on.
    :raises RunRefused: there are none, or they are not active any more.
    """
    return _logged(retry_failed_accounts(run=run, requested_by=actor, now=now), actor)


@transaction.atomic
def account_collect(
    *, actor: User, connection: Connection, account_id: str, now: datetime
) -> InventoryRun:
    """Ask for a run of one account.

    :raises RunAlreadyActive: one goes on.
    :raises RunRefused: the account is not in the organization, or not active.
    """
    run = refresh_account(connection=connection, account_id=account_id, requested_by=actor, now=now)
    return _logged(run, actor)


@transaction.atomic
def run_cancel(*, actor: User, run: InventoryRun, now: datetime) -> InventoryRun:
    """End a run that is queued or goes on; it stores nothing more.

    :raises CannotCancel: it has ended.
    """
    cancelled = cancel_run(run=run, actor=actor, now=now)
    log.info("user %s cancels run %s of %s", actor.pk, run.pk, run.connection.slug)
    return cancelled


def _logged(run: InventoryRun, actor: User) -> InventoryRun:
    log.info("user %s asks for run %s of %s", actor.pk, run.pk, run.connection.slug)
    return run
