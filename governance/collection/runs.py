"""Runs asked for by somebody: of everything, of what failed, of some accounts."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.access.actors import user_of
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Connection, InventoryRun
from inventory.runs.cancelling import CannotCancel, cancel_run
from inventory.runs.requests import (
    RunAlreadyActive,
    RunRefused,
    refresh_accounts,
    request_run,
    retry_failed_accounts,
)

__all__ = [
    "CannotCancel",
    "RunAlreadyActive",
    "RunRefused",
    "accounts_collect",
    "run_cancel",
    "run_retry",
    "run_start",
]


@transaction.atomic
def run_start(
    *, actor: Actor, connection: Connection, trigger: InventoryRun.Trigger, now: datetime
) -> InventoryRun:
    """Ask for a run of the whole organization; it is queued when the transaction commits.

    :raises RunAlreadyActive: one goes on.
    :raises RunRefused: the connection is switched off.
    """
    run = request_run(connection=connection, trigger=trigger, requested_by=user_of(actor), now=now)
    return _recorded(run, actor, actions.RUN_START, now, after={"trigger": trigger.value})


@transaction.atomic
def run_retry(*, actor: Actor, run: InventoryRun, now: datetime) -> InventoryRun:
    """Ask for a run of the accounts that `run` did not read completely.

    :raises RunAlreadyActive: one goes on.
    :raises RunRefused: there are none, or they are not active any more.
    """
    started = retry_failed_accounts(run=run, requested_by=user_of(actor), now=now)
    return _recorded(
        started,
        actor,
        actions.RUN_RETRY,
        now,
        after={"retries_run": run.pk, "accounts": started.account_ids},
    )


@transaction.atomic
def accounts_collect(
    *, actor: Actor, connection: Connection, account_ids: Collection[str], now: datetime
) -> InventoryRun:
    """Ask for a run of some accounts.

    :raises RunAlreadyActive: one goes on.
    :raises RunRefused: an account is not in the organization, or not active.
    """
    run = refresh_accounts(
        connection=connection, account_ids=account_ids, requested_by=user_of(actor), now=now
    )
    return _recorded(
        run,
        actor,
        actions.RUN_REFRESH,
        now,
        target_id=next(iter(account_ids)) if len(account_ids) == 1 else "",
        after={"accounts": run.account_ids},
    )


@transaction.atomic
def run_cancel(*, actor: Actor, run: InventoryRun, now: datetime) -> InventoryRun:
    """End a run that is queued or goes on; it stores nothing more.

    :raises CannotCancel: it has ended.
    """
    before = run.state
    cancelled = cancel_run(run=run, cancelled_by=actor.name, now=now)
    return _recorded(
        cancelled,
        actor,
        actions.RUN_CANCEL,
        now,
        before={"state": before},
        after={"state": cancelled.state},
    )


def _recorded(
    run: InventoryRun,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    target_id: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any],
) -> InventoryRun:
    audit_record(
        actor=actor,
        action=action,
        object_kind="run",
        object_id=str(run.pk),
        object_name=f"Run {run.pk} of {run.connection.name}",
        connection_id=run.connection_id,
        target_id=target_id,
        before=before,
        after=after,
        now=now,
    )
    return run
