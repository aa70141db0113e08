"""Hands work to Celery by the tasks' names, so that services need not know the tasks."""

from collections.abc import Iterable
from typing import Final

from celery import current_app

START_RUN: Final = "inventory.start_run"
COLLECT_ACCOUNT: Final = "inventory.collect_account"


def send_start(run_id: int) -> None:
    """Queue the beginning of a run."""
    current_app.send_task(START_RUN, kwargs={"run_id": run_id})


def send_accounts(run_id: int, account_ids: Iterable[str]) -> None:
    """Queue the accounts of a run, over one connection to the broker."""
    with current_app.producer_or_acquire() as producer:
        for account_id in account_ids:
            current_app.send_task(
                COLLECT_ACCOUNT,
                kwargs={"run_id": run_id, "account_id": account_id},
                producer=producer,
            )
