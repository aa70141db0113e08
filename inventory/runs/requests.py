"""Asking for runs: of everything, of the accounts that failed, of one account."""

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from kombu.exceptions import OperationalError

from inventory.models import Account, Connection, InventoryRun
from inventory.runs import dispatch
from inventory.runs.history import unread_groups
from inventory.runs.life import ACTIVE

log = logging.getLogger(__name__)


class RunRefused(Exception):
    """A run cannot be requested; the message says why and what to do."""


class RunAlreadyActive(RunRefused):
    """The organization is being read already."""

    def __init__(self, run: InventoryRun) -> None:
        """Name the run that goes on."""
        super().__init__(
            f"run {run.pk} of {run.connection.name} is {run.get_state_display().lower()}: "
            "wait until it has ended"
        )
        self.run = run


class ConnectionDisabled(RunRefused):
    """The connection is switched off."""


class NothingToRetry(RunRefused):
    """The run has no accounts that can be read again."""


class AccountNotReadable(RunRefused):
    """The account is not in the organization, or not active."""


def request_run(
    *,
    connection: Connection,
    trigger: InventoryRun.Trigger,
    now: datetime,
    requested_by: User | None = None,
    account_ids: Iterable[str] | None = None,
    groups: Mapping[str, Collection[str]] | None = None,
) -> InventoryRun:
    """Ask for a run and queue it when the transaction commits.

    `account_ids`: only these accounts, without the organization. `groups`: only these accounts and
    of each only these groups of collectors. Neither: everything.
    :raises RunAlreadyActive: one goes on.
    :raises ConnectionDisabled: the connection is switched off.
    """
    if not connection.enabled:
        raise ConnectionDisabled(f"the connection {connection.name} is off: switch it on first")
    only = groups if groups is not None else account_ids
    chosen = None if only is None else sorted(set(only))
    try:
        with transaction.atomic():
            run = InventoryRun.objects.create(
                connection=connection,
                trigger=trigger,
                requested_by=requested_by,
                requested_at=now,
                account_ids=chosen,
                chosen_groups=groups and {each: sorted(groups[each]) for each in sorted(groups)},
            )
            transaction.on_commit(lambda: _send_start(run.pk, now))
    except IntegrityError:
        active = InventoryRun.objects.filter(
            connection=connection, state__in=InventoryRun.ACTIVE_STATES
        ).first()
        if active is None:
            raise
        raise RunAlreadyActive(active) from None
    return run


def _send_start(run_id: int, now: datetime) -> None:
    try:
        dispatch.send_start(run_id)
    except OperationalError:
        # The run stays queued, says what it waits for, and is sent again by `resume_runs`.
        log.exception("run %s could not be handed to the broker", run_id)
    else:
        InventoryRun.objects.filter(pk=run_id).update(sent_at=now)


def send_start_again(run: InventoryRun, *, now: datetime, begun_at: datetime | None = None) -> None:
    """Queue a run again unless a message waits that a worker may still take.

    `begun_at`: when a worker last began it, so took the messages of before.
    :raises OperationalError: the broker is away.
    """
    if run.sent_at is not None and (begun_at is None or begun_at < run.sent_at):
        held_until = run.sent_at + timedelta(seconds=settings.INVENTORY_MESSAGE_SECONDS)
        if now < held_until:
            return
    dispatch.send_start(run.pk)
    InventoryRun.objects.filter(pk=run.pk).update(sent_at=now)


def retry_failed_accounts(
    *, run: InventoryRun, now: datetime, requested_by: User | None = None
) -> InventoryRun:
    """Ask for a run of what `run` could not read wholly: account by account, only these groups.

    :raises NothingToRetry: there are none, or they are not active any more.
    :raises RunAlreadyActive: one goes on.
    """
    if run.is_active:
        raise RunAlreadyActive(run)
    unread = unread_groups(run)
    active = _active_accounts(run.connection).filter(account_id__in=unread)
    chosen = {each: unread[each] for each in active.values_list("account_id", flat=True)}
    if not chosen:
        raise NothingToRetry(f"run {run.pk} has no failed accounts that can be read again")
    return request_run(
        connection=run.connection,
        trigger=InventoryRun.Trigger.RETRY,
        requested_by=requested_by,
        groups=chosen,
        now=now,
    )


def refresh_accounts(
    *,
    connection: Connection,
    account_ids: Collection[str],
    now: datetime,
    requested_by: User | None = None,
) -> InventoryRun:
    """Ask for a run of some accounts.

    :raises AccountNotReadable: one is not in the organization, or not active.
    :raises RunAlreadyActive: one goes on.
    """
    active = _active_accounts(connection).filter(account_id__in=account_ids)
    for account_id in sorted(set(account_ids) - set(active.values_list("account_id", flat=True))):
        raise AccountNotReadable(
            f"account {account_id} is not an active account of {connection.name}"
        )
    return request_run(
        connection=connection,
        trigger=InventoryRun.Trigger.REFRESH,
        requested_by=requested_by,
        account_ids=account_ids,
        now=now,
    )


def _active_accounts(connection: Connection) -> QuerySet[Account]:
    return Account.objects.filter(connection=connection, seen_until__isnull=True, state=ACTIVE)
